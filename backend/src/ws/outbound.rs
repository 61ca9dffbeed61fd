//! The writing half of a connection: writes what lies between its cursors and the rooms' heads, many frames in one write. It buffers
//! at most one batch; what it has not written yet is queued nowhere else.

use std::{
    future::poll_fn,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use prometheus_client::metrics::counter::Counter;
use smallvec::SmallVec;
use snug_shared::{
    api::Refusal,
    error_code::ErrorCode,
    ids::{ChatId, Key, Position, RoomId, SessionId},
    limits::PAGE_MESSAGES,
    messages::Logged,
    wire::{MessageReceived, ServerFrame},
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt, WriteHalf},
    sync::OnceCell,
};

use super::mailbox::{Account, Mailbox, OutboundCommand};
use crate::{
    clock,
    features::{
        messages::{self, ReadOn},
        people::left,
        room_access,
    },
    hub::{
        ConnectionHandle, Cursor, Frame, FrameSink, MembershipSeq, Memberships, ReadOutcome, Removal, Room,
        SharedBatch,
    },
    metrics::Metrics,
    net::socket::Socket,
    store::read::Readers,
};

/// Bytes of log frames in one write, but one frame always fits.
const BATCH_BYTES: usize = 16 * 1024;
/// Slices that one `writev` takes.
const SLICES: usize = 64;

struct Reader {
    room: Arc<Room>,
    cursor: Cursor,
}

pub struct Outbound {
    deliveries: Counter,
    readers: Readers,
    socket: WriteHalf<Socket>,
    /// Inline for most connections: a shard goes through thousands of these.
    reading: SmallVec<[Reader; 2]>,
    /// The person's memberships, and the last change of them that was sent.
    memberships: Option<(Arc<Memberships>, MembershipSeq)>,
    /// The last change of the person's settings that was sent.
    settings: MembershipSeq,
    /// The last mute that was sent.
    muted: MembershipSeq,
    /// The last security notice of the account that was sent, and the session of this connection, which is not sent its own acts.
    noticed: (MembershipSeq, Option<SessionId>),
    batch: Vec<Frame>,
    /// Bytes that were read from lanes and from the store while the connection caught up.
    read: usize,
    /// Bytes of the batch's first frame that were written.
    written: usize,
    /// Whether the close frame is written or in the batch: nothing may follow it (RFC 6455, 5.5.1).
    closed: bool,
}

impl Outbound {
    pub fn new(metrics: &Metrics, readers: Readers, socket: WriteHalf<Socket>) -> Self {
        Self {
            deliveries: metrics.deliveries.clone(),
            readers,
            socket,
            reading: SmallVec::new(),
            memberships: None,
            settings: MembershipSeq::default(),
            muted: MembershipSeq::default(),
            noticed: (MembershipSeq::default(), None),
            batch: Vec::new(),
            read: 0,
            written: 0,
            closed: false,
        }
    }

    /// Writes until the mailbox ends it or the socket fails. While it is idle, the connection's shard writes for it.
    pub async fn run(
        handle: &ConnectionHandle<Self>,
        mailbox: &Mailbox,
        person: &OnceCell<ChatId>,
    ) -> io::Result<()> {
        loop {
            let mut outbound = handle.sink().await;
            // Boxed: an idle connection reserves no memory for it.
            if Box::pin(outbound.catch_up(handle, mailbox, person)).await? == AfterWrite::End {
                return outbound.socket.shutdown().await;
            }
            handle.mark_idle();
            drop(outbound);
            handle.notified().await;
            handle.mark_busy();
        }
    }

    /// Writes everything that is pending.
    async fn catch_up(
        &mut self,
        handle: &ConnectionHandle<Self>,
        mailbox: &Mailbox,
        person: &OnceCell<ChatId>,
    ) -> io::Result<AfterWrite> {
        if let Some(close) = handle.ended() {
            return self.end(close).await;
        }
        // Taken before the rooms are read, and the rooms are read again where a command requires it: a PONG follows everything that
        // was in the rooms, and was asked for, when its PING was read.
        let commands = mailbox.take();
        if !self.closed {
            self.read_to_the_heads(handle, person).await?;
        }
        let mut next = AfterWrite::Wait;
        for command in commands {
            match command {
                OutboundCommand::End => next = AfterWrite::End,
                _ if self.closed => {}
                OutboundCommand::Frame(frame) => self.batch.push(frame),
                OutboundCommand::Close(close) => {
                    self.batch.push(Frame::close(close.into()));
                    self.closed = true;
                }
                OutboundCommand::Notice(noticed, session) => self.noticed = (noticed, session),
                OutboundCommand::Subscribe(rooms, memberships, seen, account) => {
                    self.memberships = Some((memberships, seen));
                    let readers = rooms.into_iter().map(|(room, log)| {
                        let cursor = Cursor {
                            log,
                            ..Cursor::default()
                        };
                        Reader { room, cursor }
                    });
                    self.reading.extend(readers);
                    self.read_back(account.as_ref(), handle, person).await?;
                }
                OutboundCommand::Posted(room, n, key) => {
                    self.read_to_the_heads(handle, person).await?;
                    let mut reading = self.reading.iter();
                    if !reading.any(|it| *it.room.id() == room && it.cursor.log >= n) {
                        // Boxed: rare, and as large as all the rest.
                        Box::pin(self.read_posted(key, person.get())).await?;
                    }
                }
                OutboundCommand::Done(done) => {
                    self.read_to_the_heads(handle, person).await?;
                    self.batch.push(Frame::of(&ServerFrame::Done(done)));
                }
                OutboundCommand::ResumeFrom(room, after, account) => {
                    // Checked here, where all earlier requests have been charged.
                    let may = account.app.rates.may_read(&account.spender);
                    if let Some(reader) = self.reading.iter_mut().find(|it| *it.room.id() == room) {
                        match may {
                            Ok(()) => {
                                reader.cursor.log = resume(&reader.room, after);
                                self.read_back(Some(&account), handle, person).await?;
                            }
                            Err(wait) => self.batch.push(rate_limited(&account, &room, wait)),
                        }
                    }
                }
            }
        }
        if let Some(close) = handle.ended() {
            return self.end(close).await;
        }
        self.write().await?;
        Ok(next)
    }

    /// Ends the connection: nothing more is written but the close frame.
    async fn end(&mut self, close: u16) -> io::Result<AfterWrite> {
        // A frame that is partly written has to be completed.
        self.batch.truncate(usize::from(self.written > 0));
        if !self.closed {
            self.batch.push(Frame::close(close));
        }
        self.write().await?;
        Ok(AfterWrite::End)
    }

    /// Subscribes to joined rooms, from now on, and unsubscribes from left ones. Sends changed settings, mutes and security notices.
    fn follow_memberships(&mut self) {
        let Some((memberships, seen)) = &mut self.memberships else {
            return;
        };
        if let Some(settings) = memberships.settings_since(&mut self.settings) {
            self.batch.push(Frame::of(&ServerFrame::Settings(settings)));
        }
        if let Some(until) = memberships.muted_since(&mut self.muted) {
            let ms = left(until, clock::now());
            self.batch.push(Frame::of(&ServerFrame::Muted { ms }));
        }
        let (noticed, session) = &mut self.noticed;
        for notice in memberships.notices_since(noticed, session.as_ref()) {
            self.batch.push(Frame::of(&ServerFrame::SecurityNotice(notice)));
        }
        for (id, membership) in memberships.since(seen) {
            let membership = match membership {
                Ok(membership) => membership,
                Err(Removal { removed_by_other }) => {
                    self.reading.retain(|it| *it.room.id() != id);
                    let left = ServerFrame::LeftRoom {
                        room: id,
                        removed_by_other,
                    };
                    self.batch.push(Frame::of(&left));
                    continue;
                }
            };
            let cursor = Cursor {
                log: membership.begin(),
                ..Cursor::default()
            };
            self.batch.push(Frame::of(&ServerFrame::Room(membership.info())));
            if !self.reading.iter().any(|it| *it.room.id() == id) {
                let room = membership.room;
                self.reading.push(Reader { room, cursor });
            }
        }
    }

    /// Whether the rooms that are read here are the person's current ones. Checked after a room was read: a user who was removed
    /// before a message was posted does not receive it.
    fn reads_what_it_may(&self) -> bool {
        let memberships = self.memberships.as_ref();
        memberships.is_none_or(|(memberships, seen)| memberships.are_seen(*seen))
    }

    /// Does the same as [`Outbound::read_to_the_heads`] for a client that asked for it, and charges the bytes. Bytes are counted and
    /// not requests, since a small request can get nearly a megabyte.
    async fn read_back(
        &mut self,
        account: Option<&Account>,
        handle: &ConnectionHandle<Self>,
        person: &OnceCell<ChatId>,
    ) -> io::Result<()> {
        let before = self.read;
        let read = self.read_to_the_heads(handle, person).await;
        let bytes = self.read.wrapping_sub(before);
        if let Some(account) = account {
            account.app.rates.has_read(&account.spender, bytes);
        }
        read
    }

    /// Writes what lies between the cursors and the current heads of the rooms.
    async fn read_to_the_heads(
        &mut self,
        handle: &ConnectionHandle<Self>,
        person: &OnceCell<ChatId>,
    ) -> io::Result<()> {
        'rooms: loop {
            self.follow_memberships();
            for index in 0..self.reading.len() {
                // The head at first: frames that are appended meanwhile are left for the next time.
                let mut head = None;
                loop {
                    let Reader { room, cursor } = &mut self.reading[index];
                    let before = (*cursor, self.batch.len());
                    let mut bytes = BATCH_BYTES;
                    let outcome = room.read(cursor, &mut bytes, &mut self.batch);
                    if !self.reads_what_it_may() {
                        self.reading[index].cursor = before.0;
                        self.batch.truncate(before.1);
                        continue 'rooms;
                    }
                    match outcome {
                        ReadOutcome::UpToDate => {
                            self.count_from(before.1);
                            break;
                        }
                        ReadOutcome::BudgetSpent => {}
                        // Boxed: rare, and as large as all the rest.
                        ReadOutcome::Lagged => {
                            Box::pin(self.read_from_the_store(index, person.get())).await?
                        }
                    }
                    if handle.ended().is_some() {
                        return Ok(());
                    }
                    self.count_from(before.1);
                    self.write().await?;
                    let Reader { room, cursor } = &self.reading[index];
                    if cursor.log >= *head.get_or_insert_with(|| room.head()) {
                        // The handle was notified of frames that were appended meanwhile.
                        handle.notify();
                        break;
                    }
                }
            }
            return Ok(());
        }
    }

    fn count_from(&mut self, index: usize) {
        let frames = self.batch.get(index..).unwrap_or_default();
        let bytes: usize = frames.iter().map(Frame::size).sum();
        self.read = self.read.wrapping_add(bytes);
    }

    /// Fills the batch from the store, because the cursor is older than the lane's oldest frame.
    async fn read_from_the_store(&mut self, index: usize, person: Option<&ChatId>) -> io::Result<()> {
        let Reader { room, cursor } = &mut self.reading[index];
        let (id, after) = (room.id().clone(), cursor.log);
        let Some(person) = person.cloned() else {
            return Ok(());
        };
        let count = room.count();
        // Encoded to frames where they are read: each has thousands of bytes, and other connections wait for this thread.
        let found = self.readers.read(move |tables| {
            // Checked again at delivery: a user who has lost access receives nothing more.
            let Ok(access) = room_access::require_access(tables, &person, &id) else {
                return Err(rusqlite::Error::QueryReturnedNoRows);
            };
            Ok(match messages::read_on(tables, &access, after)? {
                ReadOn::Entries(entries) => {
                    let upto = entries.last().map_or(after, Logged::n);
                    let frames = entries.into_iter().map(|it| Frame::of_entry(it, count));
                    (upto, frames.collect())
                }
                ReadOn::Page(page) => (page.upto, vec![Frame::of(&ServerFrame::Page(page))]),
            })
        });
        let (upto, frames) = found.await.map_err(io::Error::other)?;
        cursor.log = upto;
        self.batch.extend(frames);
        Ok(())
    }

    /// Fills the batch with a message that the person has posted in a room that is not read here any more.
    async fn read_posted(&mut self, key: Key, person: Option<&ChatId>) -> io::Result<()> {
        let Some(person) = person.cloned() else {
            return Ok(());
        };
        let found = self
            .readers
            .read(move |tables| messages::by_key(tables, &person, &key))
            .await;
        if let Some(message) = found.map_err(io::Error::other)? {
            // Who is in the room is not for somebody who has left it.
            let posted = MessageReceived { message, count: 0 };
            self.batch.push(Frame::of(&ServerFrame::MessageReceived(posted)));
        }
        Ok(())
    }

    async fn write(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_write(cx)).await
    }

    /// Writes the batch, and retains the rest if the socket accepts no more.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut frames = 0;
        let polled = poll_write_all(&mut self.socket, cx, &self.batch, &mut frames, &mut self.written);
        self.deliveries.inc_by(frames as u64);
        self.batch.drain(..frames);
        polled
    }
}

impl FrameSink for Outbound {
    fn try_write(&mut self, room: &RoomId, shared: &mut SharedBatch, ended: &dyn Fn() -> bool) -> bool {
        if self.closed || !self.batch.is_empty() {
            return false;
        }
        let Some(index) = self.reading.iter().position(|it| it.room.id() == room) else {
            return false;
        };
        let Reader { room, cursor } = &self.reading[index];
        let mut cursor = *cursor;
        let Some(shared) = shared.read(room, &mut cursor, BATCH_BYTES) else {
            return false;
        };
        if ended() || !self.reads_what_it_may() {
            return false;
        }
        self.reading[index].cursor = cursor;
        // The caller that needs to be woken polls again, with a waker.
        let (mut frames, mut cx) = (0, Context::from_waker(Waker::noop()));
        let polled = poll_write_all(&mut self.socket, &mut cx, shared, &mut frames, &mut self.written);
        self.deliveries.inc_by(frames as u64);
        self.batch.extend_from_slice(&shared[frames..]);
        matches!(polled, Poll::Ready(Ok(())))
    }
}

/// Builds the refusal of a read above the rate.
fn rate_limited(account: &Account, room: &RoomId, wait: u32) -> Frame {
    let error = ErrorCode::RateLimited;
    account.app.metrics.refused(error);
    Frame::of(&ServerFrame::Error(Refusal {
        error,
        message: error.sentence(account.lang),
        retry: error.retry(),
        retry_after: Some(wait),
        key: None,
        room: Some(room.clone()),
    }))
}

/// Writes frames and counts them. Records how many bytes of the next frame were written.
fn poll_write_all(
    socket: &mut WriteHalf<Socket>,
    cx: &mut Context<'_>,
    all: &[Frame],
    frames: &mut usize,
    bytes: &mut usize,
) -> Poll<io::Result<()>> {
    while *frames < all.len() {
        *bytes += ready!(poll_write(Pin::new(&mut *socket), cx, &all[*frames..], *bytes))?;
        while let Some(frame) = all.get(*frames).filter(|it| it.size() <= *bytes) {
            *bytes -= frame.size();
            *frames += 1;
        }
    }
    // TLS buffers what is less than a full record.
    Pin::new(socket).poll_flush(cx)
}

/// The state of the writing half after it has written everything.
#[derive(PartialEq)]
enum AfterWrite {
    Wait,
    End,
}

/// Writes frames, without the bytes of the first that were written already. The slices are on the stack and not in the future, of
/// which every connection has one.
fn poll_write(
    socket: Pin<&mut WriteHalf<Socket>>,
    cx: &mut Context<'_>,
    frames: &[Frame],
    written: usize,
) -> Poll<io::Result<usize>> {
    // The most common case: one frame to one client.
    if let [frame] = frames {
        return written_some(ready!(socket.poll_write(cx, &frame.as_bytes()[written..])));
    }
    let mut slices = [IoSlice::new(&[]); SLICES];
    for (slice, frame) in slices.iter_mut().zip(frames) {
        *slice = IoSlice::new(frame.as_bytes());
    }
    let mut slices = &mut slices[..frames.len().min(SLICES)];
    IoSlice::advance_slices(&mut slices, written);
    written_some(ready!(socket.poll_write_vectored(cx, slices)))
}

fn written_some(written: io::Result<usize>) -> Poll<io::Result<usize>> {
    Poll::Ready(match written {
        Ok(0) => Err(io::ErrorKind::WriteZero.into()),
        other => other,
    })
}

/// Returns the position from which a client that has everything up to `after` resumes. If more than a page is missing, it is not
/// read, even if the lane still has it: the returned position does not exist, so the client gets a fresh page.
pub fn resume(room: &Room, after: Position) -> Position {
    if room.head().since(after) > PAGE_MESSAGES as u64 {
        Position(u64::MAX)
    } else {
        after
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use snug_shared::{
        avatar::Avatar,
        ids::Millis,
        mentions::Mentions,
        messages::{Logged, Message},
        presence::ChatUser,
        rooms::{ReadState, RoomInfo},
        text::{MessageBody, RoomName},
    };
    use tokio::{
        io::AsyncReadExt,
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::{
        config::{Config, Options},
        hub::{Hub, JoinRequest},
        identity::Identity,
    };

    fn said(room: &RoomId, n: u64, text: &str) -> Vec<Logged> {
        vec![Logged::Said(Message {
            room: room.clone(),
            n: Position(n),
            key: Key::try_from(format!("{room}{n}")).expect("a key"),
            chat_id: "bob".try_into().expect("an id"),
            name: "Bob".try_into().expect("a name"),
            avatar: Avatar::of_seed("bob"),
            text: MessageBody::try_from(text).expect("a text"),
            mentions: Mentions::default(),
            at: Millis(0),
        })]
    }

    #[tokio::test]
    async fn a_shard_writes_nothing_to_who_was_taken_out_or_put_out_before_it_was_said() {
        let (lobby, den) = (RoomId::lobby(), RoomId::try_from("den").expect("an id"));
        let rooms = [lobby.clone(), den.clone()].map(|id| RoomInfo::open(id, RoomName::lobby()));
        let config = Config::resolve(Options::default()).expect("defaults");
        let hub = Hub::new(rooms, config.grace, config.messages, config.recent_bytes);
        let person = ChatId::try_from("ann").expect("an id");
        let request = JoinRequest {
            user: ChatUser::guest(person.clone(), "Ann".try_into().expect("a name")),
            identity: Identity::guest(person.clone()),
            address: [127, 0, 0, 1].into(),
            handle: Arc::new(ConnectionHandle::new(())),
        };
        let hers = [lobby.clone(), den.clone()].map(|id| (id, ReadState::default()));
        let guard = hub.enter(request, (&hers, 0), &|_, _| Ok(()));
        let guard = guard.expect("a free name").expect("nothing has changed");

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let mut client = TcpStream::connect(address).await.expect("it connects");
        let (socket, _) = listener.accept().await.expect("it is accepted");
        let (_read, write) = tokio::io::split(Socket::Plain(socket));
        let mut outbound = Outbound::new(&Metrics::default(), Readers::new("none".into()), write);
        outbound.memberships = Some((guard.memberships.clone(), guard.seen));
        outbound.reading = guard
            .rooms
            .iter()
            .map(|membership| Reader {
                room: membership.room.clone(),
                cursor: Cursor::default(),
            })
            .collect();
        let mut writes =
            |room: &RoomId, ended: bool| outbound.try_write(room, &mut SharedBatch::default(), &|| ended);

        hub.publish(said(&den, 1, "hello"));
        assert!(writes(&den, false));
        hub.leave(&person, &den, true);
        hub.publish(said(&den, 2, "secret"));
        assert!(!writes(&den, false), "she has to hear first that she is out");
        hub.join(&person, &den, ReadState::default());
        hub.publish(said(&lobby, 1, "secret"));
        assert!(!writes(&lobby, true), "she has to hear that it is the end");

        drop((outbound, _read));
        let mut heard = Vec::new();
        let all = tokio::time::timeout(Duration::from_secs(10), client.read_to_end(&mut heard)).await;
        all.expect("in time").expect("bytes");
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.contains("hello") && !heard.contains("secret"), "{heard}");
    }
}
