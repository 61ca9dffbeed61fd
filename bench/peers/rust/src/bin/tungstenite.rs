//! A broadcast server with tokio-tungstenite.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use peers::Room;
use tokio::net::TcpStream;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

#[tokio::main]
async fn main() {
    let room = Arc::new(Room::<Message>::default());
    let listener = peers::listen();
    loop {
        let (socket, _) = listener.accept().await.expect("a connection");
        tokio::spawn(talk(room.clone(), socket));
    }
}

async fn talk(room: Arc<Room<Message>>, socket: TcpStream) {
    let _ = socket.set_nodelay(true);
    let Ok(socket) = accept_async(socket).await else {
        return;
    };
    let (mut write, mut read) = socket.split();
    let (number, mut hears) = room.enter();
    tokio::spawn(async move {
        while let Some(message) = hears.recv().await {
            if write.send(message).await.is_err() {
                break;
            }
        }
    });
    while let Some(Ok(message)) = read.next().await {
        if message.is_text() {
            room.say(&message);
        }
    }
    room.leave(number);
}
