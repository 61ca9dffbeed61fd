//! A broadcast server with warp's `ws()`.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use peers::Room;
use warp::Filter;
use warp::ws::{Message, WebSocket};

#[tokio::main]
async fn main() {
    let room = Arc::new(Room::<Message>::default());
    let route = warp::path::end().and(warp::ws()).map(move |ws: warp::ws::Ws| {
        let room = room.clone();
        ws.on_upgrade(move |socket| talk(room, socket))
    });
    warp::serve(route).incoming(peers::listen()).run().await;
}

async fn talk(room: Arc<Room<Message>>, socket: WebSocket) {
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
