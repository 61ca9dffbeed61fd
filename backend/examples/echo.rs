//! The server's WebSockets without the chat: every message comes back. The Autobahn test suite talks to it,
//! in `cargo xtask test`.

use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::StreamExt;
use snug::{
    hub::Frame,
    metrics::Metrics,
    net::socket::Socket,
    store::read::Readers,
    tasks::Tasks,
    ws::{
        connection::{close_gracefully, close_of, run},
        mailbox::{Mailbox, OutboundCommand},
        read_half::Stream,
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::OnceCell,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

/// Autobahn's largest messages have 16 MiB.
const MOST: usize = 16 << 20;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on ws://{}", listener.local_addr()?);
    let (tasks, metrics) = (Tasks::default(), Metrics::default());
    loop {
        let (socket, _) = listener
            .accept()
            .await
            .context("the system gives no more sockets")?;
        tasks.run(serve(metrics.clone(), socket));
    }
}

async fn serve(metrics: Metrics, socket: TcpStream) {
    let Ok(shaken) = accept_async(socket).await else {
        return;
    };
    let socket = Socket::Plain(shaken.into_inner());
    // There are no rooms to read.
    let readers = Readers::new("none".into());
    let nobody = OnceCell::new();
    run(&metrics, readers, socket, Bytes::new(), MOST, &nobody, echo).await;
}

async fn echo(socket: &mut WebSocketStream<Stream>, mailbox: Arc<Mailbox>) {
    loop {
        mailbox.wait_for_capacity().await;
        let frame = match socket.next().await {
            Some(Ok(Message::Text(text))) => Frame::text(text.as_bytes()),
            Some(Ok(Message::Binary(bytes))) => Frame::binary(&bytes),
            Some(Ok(_)) => continue,
            None => return,
            Some(Err(error)) => {
                if let Some(close) = close_of(&error) {
                    close_gracefully(socket, &mailbox, close).await;
                }
                return;
            }
        };
        socket.get_mut().message_read();
        mailbox.put(OutboundCommand::Frame(frame));
    }
}
