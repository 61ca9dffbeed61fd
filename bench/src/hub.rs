//! Runs Snug's fan-out without its log: the real hub, lanes and connection writers, but no storage.
//!
//! Only the bench uses it, for a comparison with servers that store nothing.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::StreamExt;
use snug::{
    config::Rate,
    hub::{ConnectionGuard, Hub, JoinRequest, run_tasks},
    identity::Identity,
    metrics::Metrics,
    net::socket::Socket,
    store::read::Readers,
    tasks::Tasks,
    ws::{
        connection::run,
        mailbox::{Mailbox, OutboundCommand},
        read_half::Stream,
    },
};
use snug_shared::{
    ids::{ChatId, Key, Millis, Position, RoomId},
    limits::FRAME_BYTES,
    mentions::Mentions,
    messages::{Logged, Message},
    presence::ChatUser,
    rooms::{ReadState, RoomInfo},
    text::{MessageBody, Nickname, RoomName},
};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::OnceCell,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{Message as Received, Utf8Bytes},
};

use crate::protocol_adapter;

struct Place {
    hub: Arc<Hub>,
    metrics: Metrics,
    said: Mutex<Position>,
    came: AtomicUsize,
}

/// Serves for ever.
pub fn serve(port: u16) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(accept(port))
}

async fn accept(port: u16) -> Result<()> {
    let one = std::num::NonZeroU32::MIN;
    let rate = Rate {
        per_second: one,
        burst: one,
    };
    let hub = Hub::new([lobby()?], Duration::from_secs(3), rate, 64 << 20);
    let tasks = Tasks::default();
    run_tasks(&hub, &tasks);
    let place = Arc::new(Place {
        hub,
        metrics: Metrics::default(),
        said: Mutex::default(),
        came: AtomicUsize::new(0),
    });
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    // The same size as in Snug.
    socket.set_send_buffer_size(64 * 1024)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    let listener = socket.listen(4096)?;
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let place = place.clone();
        tasks.run(async move {
            // An error means that the client has disconnected.
            let _ = place.serve(socket).await;
        });
    }
}

impl Place {
    async fn serve(&self, socket: TcpStream) -> Result<()> {
        let socket = Socket::Plain(accept_async(socket).await?.into_inner());
        let person = OnceCell::new();
        let readers = Readers::new("none".into());
        let talk = async |socket: &mut WebSocketStream<Stream>, mailbox| {
            if let Err(error) = self.talk(socket, mailbox).await {
                eprintln!("a conversation ended: {error:#}");
            }
        };
        run(
            &self.metrics,
            readers,
            socket,
            Bytes::new(),
            FRAME_BYTES,
            &person,
            talk,
        )
        .await;
        Ok(())
    }

    async fn talk(&self, socket: &mut WebSocketStream<Stream>, mailbox: Arc<Mailbox>) -> Result<()> {
        let guard = self.enter(&mailbox)?;
        let rooms = guard.rooms.iter().map(|it| (it.room.clone(), it.begin()));
        mailbox.put(OutboundCommand::Subscribe(
            rooms.collect(),
            guard.memberships.clone(),
            guard.seen,
            None,
        ));
        while let Some(Ok(received)) = socket.next().await {
            socket.get_mut().message_read();
            if let Received::Text(text) = received {
                self.say(&guard.user, &text)?;
            }
        }
        Ok(())
    }

    fn enter(&self, mailbox: &Mailbox) -> Result<ConnectionGuard> {
        let number = self.came.fetch_add(1, Ordering::Relaxed);
        let chat_id = ChatId::try_from(format!("c{number}"))?;
        let name = Nickname::try_from(protocol_adapter::name(number))?;
        let request = JoinRequest {
            user: ChatUser::guest(chat_id.clone(), name),
            identity: Identity::guest(chat_id),
            address: Ipv4Addr::LOCALHOST.into(),
            handle: mailbox.handle.clone(),
        };
        let rooms = [(RoomId::lobby(), ReadState::default())];
        let as_of = self.hub.membership_changes();
        let guard = self.hub.enter(request, (&rooms, as_of), &|_, _| Ok(()))?;
        guard.context("nobody joins rooms meanwhile")
    }

    fn say(&self, user: &ChatUser, text: &Utf8Bytes) -> Result<()> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        *said = said.next();
        self.hub.publish(vec![Logged::Said(Message {
            room: RoomId::lobby(),
            n: *said,
            key: Key::try_from(said.0.to_string())?,
            chat_id: user.chat_id.clone(),
            name: user.name.clone(),
            avatar: user.avatar.clone(),
            text: MessageBody::try_from(text.to_string())?,
            mentions: Mentions::default(),
            at: Millis(0),
        })]);
        Ok(())
    }
}

fn lobby() -> Result<RoomInfo> {
    Ok(RoomInfo::open(RoomId::lobby(), RoomName::try_from("lobby")?))
}
