//! The writing half of a connection: whatever lies between its cursors and the rooms' heads, many
//! frames in one write. It holds a batch at most; what it has not written yet is not queued anywhere.

use std::{
    future::poll_fn,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use snug_shared::{
    ids::{ChatId, Position},
    limits::PAGE_MESSAGES,
    wire::ServerFrame,
};
use tokio::io::{AsyncWrite, AsyncWriteExt, WriteHalf};

use super::mailbox::{Letter, Mailbox};
use crate::{
    features::{
        messages::{self, ReadOn},
        rooms,
    },
    http::socket::Socket,
    hub::{Change, Cursor, Frame, Memberships, Out, Reading, Room},
    metrics::Metrics,
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
    metrics: Metrics,
    readers: Readers,
    mailbox: Arc<Mailbox>,
    socket: WriteHalf<Socket>,
    reading: Vec<Reader>,
    /// What the person joins and leaves, and the last change of it that was told.
    memberships: Option<(Arc<Memberships>, Change)>,
    /// The last change of their settings that was told.
    settings: Change,
    batch: Vec<Frame>,
    /// The close frame is written or in the batch: nothing may follow it (RFC 6455, 5.5.1).
    closed: bool,
}

impl Outbound {
    pub fn new(metrics: Metrics, readers: Readers, mailbox: Arc<Mailbox>, socket: WriteHalf<Socket>) -> Self {
        Self {
            metrics,
            readers,
            mailbox,
            socket,
            reading: Vec::new(),
            memberships: None,
            settings: 0,
            batch: Vec::new(),
            closed: false,
        }
    }

    /// Writes until the mailbox says that it is the end, or the socket fails.
    pub async fn run(&mut self, person: &tokio::sync::OnceCell<ChatId>) -> io::Result<()> {
        loop {
            if let Some(close) = self.mailbox.bell.ended() {
                return self.end(close).await;
            }
            // Taken before the rooms are read, and these are read again where a letter asks for it: a
            // PONG comes after all that was in the rooms, and was asked for, when its PING was read.
            let letters = self.mailbox.take();
            if !self.closed {
                self.read_to_the_heads(person).await?;
            }
            let mut ends = false;
            for letter in letters {
                match letter {
                    Letter::End => ends = true,
                    _ if self.closed => {}
                    Letter::Frame(frame) => self.batch.push(frame),
                    Letter::Close(close) => {
                        self.batch.push(Frame::close(close.into()));
                        self.closed = true;
                    }
                    Letter::Read(rooms, memberships, seen) => {
                        self.memberships = Some((memberships, seen));
                        let readers = rooms.into_iter().map(|(room, log)| {
                            let cursor = Cursor {
                                log,
                                ..Cursor::default()
                            };
                            Reader { room, cursor }
                        });
                        self.reading.extend(readers);
                        self.read_to_the_heads(person).await?;
                    }
                    Letter::SayAgain(id) => {
                        if let Some((memberships, _)) = &self.memberships {
                            let frame = match memberships.room(&id) {
                                Some(room) => ServerFrame::Room(room.info()),
                                None => ServerFrame::LeftRoom {
                                    room: id,
                                    taken_out: false,
                                },
                            };
                            self.batch.push(Frame::of(&frame));
                        }
                    }
                    Letter::ReadOn(room, after) => {
                        if let Some(reader) = self.reading.iter_mut().find(|it| *it.room.id() == room) {
                            reader.cursor.log = resume(&reader.room, after);
                            self.read_to_the_heads(person).await?;
                        }
                    }
                }
            }
            self.write().await?;
            if ends {
                return self.socket.shutdown().await;
            }
            self.mailbox.bell.asleep();
            self.mailbox.bell.rung().await;
            self.mailbox.bell.awake();
        }
    }

    /// Whoever may not be here any more hears nothing more, whatever waits for them.
    async fn end(&mut self, close: u16) -> io::Result<()> {
        self.batch.clear();
        if !self.closed {
            self.batch.push(Frame::close(close));
        }
        self.write().await?;
        self.socket.shutdown().await
    }

    /// Begins to read what was joined, from now on, and ends with what was left; tells of other settings.
    fn follow_memberships(&mut self) {
        let Some((memberships, seen)) = &mut self.memberships else {
            return;
        };
        if let Some(settings) = memberships.settings_since(&mut self.settings) {
            self.batch.push(Frame::of(&ServerFrame::Settings(settings)));
        }
        for (id, membership) in memberships.since(seen) {
            let membership = match membership {
                Ok(membership) => membership,
                Err(Out { taken_out }) => {
                    self.reading.retain(|it| *it.room.id() != id);
                    let left = ServerFrame::LeftRoom { room: id, taken_out };
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

    /// Writes what lies between the cursors and where the rooms' heads are now.
    async fn read_to_the_heads(&mut self, person: &tokio::sync::OnceCell<ChatId>) -> io::Result<()> {
        self.follow_memberships();
        for index in 0..self.reading.len() {
            // Where it was at first: what comes meanwhile is for the next time.
            let mut head = None;
            loop {
                let Reader { room, cursor } = &mut self.reading[index];
                let mut bytes = BATCH_BYTES;
                match room.read(cursor, &mut bytes, &mut self.batch) {
                    Reading::Done => break,
                    Reading::More => {}
                    // Boxed: rare, and as large as all the rest.
                    Reading::Behind => Box::pin(self.read_from_the_store(index, person.get())).await?,
                }
                if self.mailbox.bell.ended().is_some() {
                    return Ok(());
                }
                self.write().await?;
                let Reader { room, cursor } = &self.reading[index];
                if cursor.log >= *head.get_or_insert_with(|| room.head()) {
                    // What came meanwhile has rung the bell.
                    self.mailbox.bell.ring();
                    break;
                }
            }
        }
        Ok(())
    }

    /// Fills the batch from the store, because the cursor has fallen off the lane's hot end.
    async fn read_from_the_store(&mut self, index: usize, person: Option<&ChatId>) -> io::Result<()> {
        let Reader { room, cursor } = &mut self.reading[index];
        let (id, after) = (room.id().clone(), cursor.log);
        let Some(person) = person.cloned() else {
            return Ok(());
        };
        let found = self.readers.read(move |tables| {
            // Checked again at delivery: whoever may no longer be here hears nothing more.
            match rooms::member(tables, &person, &id) {
                Ok(member) => messages::read_on(tables, &member, after),
                Err(_) => Err(rusqlite::Error::QueryReturnedNoRows),
            }
        });
        match found.await.map_err(io::Error::other)? {
            ReadOn::Entries(entries) => {
                let count = room.count();
                for entry in entries {
                    cursor.log = entry.n();
                    self.batch.push(Frame::of_entry(entry, count));
                }
            }
            ReadOn::Page(page) => {
                cursor.log = page.upto;
                self.batch.push(Frame::of(&ServerFrame::Page(page)));
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> io::Result<()> {
        // What is written of the batch: frames, and bytes of the next.
        let (mut frames, mut bytes) = (0, 0);
        while frames < self.batch.len() {
            let (socket, left) = (&mut self.socket, &self.batch[frames..]);
            bytes += poll_fn(|cx| poll_write(Pin::new(socket), cx, left, bytes)).await?;
            while let Some(frame) = self.batch.get(frames).filter(|it| it.size() <= bytes) {
                bytes -= frame.size();
                frames += 1;
            }
        }
        // TLS keeps what is less than a record's worth.
        self.socket.flush().await?;
        self.metrics.deliveries.inc_by(self.batch.len() as u64);
        self.batch.clear();
        Ok(())
    }
}

/// Writes frames but for what is written of the first already. The slices are on the stack and not in the future, of which every
/// connection has one.
fn poll_write(
    socket: Pin<&mut WriteHalf<Socket>>,
    cx: &mut Context<'_>,
    frames: &[Frame],
    written: usize,
) -> Poll<io::Result<usize>> {
    // As most are: one frame to one client.
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

/// Where a client is read on from that has what lies up to `after`. What is more than a page is not
/// read to it, also if the lane still has it: from no position there is, it gets a fresh page.
pub fn resume(room: &Room, after: Position) -> Position {
    if room.head().since(after) > PAGE_MESSAGES as u64 {
        Position(u64::MAX)
    } else {
        after
    }
}
