//! The list of clients, as in warp's chat example: a channel for each, in a map behind a lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// The clients' channels, for messages `M`.
pub struct Room<M> {
    next: AtomicUsize,
    here: RwLock<HashMap<usize, UnboundedSender<M>>>,
}

impl<M> Default for Room<M> {
    fn default() -> Self {
        Self {
            next: AtomicUsize::new(0),
            here: RwLock::default(),
        }
    }
}

impl<M: Clone> Room<M> {
    /// Adds a client. Returns its number and the receiver of its messages.
    pub fn enter(self: &Arc<Self>) -> (usize, UnboundedReceiver<M>) {
        let (ear, hears) = mpsc::unbounded_channel();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.here.write().expect("nobody panics").insert(number, ear);
        (number, hears)
    }

    /// Sends a message to all clients.
    pub fn say(&self, message: &M) {
        for ear in self.here.read().expect("nobody panics").values() {
            let _ = ear.send(message.clone());
        }
    }

    /// Removes a client.
    pub fn leave(&self, number: usize) {
        self.here.write().expect("nobody panics").remove(&number);
    }
}

/// Returns the address from the command line.
pub fn address() -> std::net::SocketAddr {
    let port = std::env::args()
        .nth(1)
        .and_then(|it| it.parse().ok())
        .expect("a port");
    ([127, 0, 0, 1], port).into()
}

/// Opens a listener with a backlog for many clients.
pub fn listen() -> tokio::net::TcpListener {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("an option");
    socket.bind(address()).expect("a free port");
    socket.listen(4096).expect("a listener")
}
