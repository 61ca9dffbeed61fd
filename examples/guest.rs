//! A minimal client in Rust: joins, sends its arguments as messages, prints received messages until all
//! of its own have come back, and leaves. `cargo run --example guest -- ws://127.0.0.1:8080/ws Ann "Hello!"`

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use snug_shared::wire::{ClientFrame, Hello, SendMessage, ServerFrame};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().context("usage: guest URL NAME [MESSAGE…]")?;
    let name = args.next().context("usage: guest URL NAME [MESSAGE…]")?;
    let mut to_say: Vec<String> = args.collect();

    let request = url.into_client_request()?;
    let authority = request.uri().authority().context("the URL names no server")?;
    let server = TcpStream::connect(authority.as_str()).await?;
    let (socket, _) = client_async(request, server).await?;
    let (mut send, mut hear) = socket.split();
    let frame = |frame: &ClientFrame| serde_json::to_string(frame).map(Message::text);

    let hello = Hello {
        name,
        ..Hello::default()
    };
    send.send(frame(&ClientFrame::Hello(hello))?).await?;
    for text in &to_say {
        let say = SendMessage {
            text: text.clone(),
            ..SendMessage::default()
        };
        send.send(frame(&ClientFrame::SendMessage(say))?).await?;
    }
    while !to_say.is_empty() {
        let message = hear.next().await.context("the server has closed")??;
        let Message::Text(text) = message else { continue };
        match serde_json::from_str(&text)? {
            ServerFrame::UsersJoined(joined) => println!("{} online", joined.count),
            ServerFrame::UsersLeft(left) => println!("{} online", left.count),
            ServerFrame::MessageReceived(said) => {
                let said = said.message;
                println!("{} {}: {}", said.n.0, said.name, said.text);
                to_say.retain(|text| text != said.text.as_str());
            }
            ServerFrame::Error(refusal) => bail!(refusal.message),
            // A minimal client may ignore all other frames.
            _ => {}
        }
    }
    send.send(frame(&ClientFrame::Goodbye)?).await?;
    Ok(())
}
