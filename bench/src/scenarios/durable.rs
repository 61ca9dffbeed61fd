//! Measures messages that are on disk before they are acknowledged, and the duration of one sync of the same
//! disk.

use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use serde_json::Value;

use crate::{
    bench::Bench,
    clock,
    crowd::{self, Crowd, Visit},
    delivery_check::{Spread, histogram},
    http,
    resource_usage::Cpu,
    server::Cores,
    stamp::Stamp,
    target::{Running, SNUG},
};

/// The length of a text, in bytes.
const WORDS: usize = 100;
/// What SQLite writes to its log for one message, in bytes: a header, and one page for each table and index
/// that changes.
const WRITE: usize = 16 * 1024;
/// The number of writes whose median is the time of one sync.
const SYNCS: usize = 300;
const TIMEOUT: Duration = Duration::from_secs(60);

pub fn run(bench: &mut Bench) -> Result<()> {
    // (writers, unacknowledged messages of each, whether all share a room and so receive every message).
    let (cases, time): (&[(usize, usize, bool)], _) = match bench.quick {
        true => (&[(1, 1, false), (256, 1, false)], Duration::from_secs(3)),
        false => (
            &[
                (1, 1, false),
                (16, 1, false),
                (256, 1, false),
                (256, 8, false),
                (16, 1, true),
                (256, 1, true),
            ],
            Duration::from_secs(10),
        ),
    };
    for &(writers, under_way, share) in cases {
        let params = [
            ("writers", writers as u64),
            ("under_way", under_way as u64),
            ("rooms", if share { 1 } else { writers as u64 }),
        ];
        bench.rounds("durable", &[SNUG], &params, |bench, target| {
            let running = target.start(bench, Cores::All)?;
            measure(&running, writers, under_way, share, time)
        })?;
    }
    Ok(())
}

fn measure(
    running: &Running,
    writers: usize,
    under_way: usize,
    share: bool,
    time: Duration,
) -> Result<Vec<(&'static str, f64)>> {
    let mut table = Table::enter(running, writers, share)?;
    let before = (sync(&running.folder, true)?, sync(&running.folder, false)?);
    table.write('w', under_way, time / 5)?;
    let server = running.server.pid();
    let cpu = Cpu::of(server)?;
    let begun = Instant::now();
    let latency = table.write('m', under_way, time)?;
    let wall = begun.elapsed().as_secs_f64();
    let spent = Cpu::of(server)?.since(&cpu);
    let after = (sync(&running.folder, true)?, sync(&running.folder, false)?);
    let posts = latency.len() as f64;
    let audited = table.audit(running)?;
    let latency = Spread::of(&latency);
    let (in_place, growing) = ((before.0 + after.0) / 2.0, (before.1 + after.1) / 2.0);
    Ok(vec![
        ("posts_per_second", posts / wall),
        ("p50_us", latency.p50),
        ("p99_us", latency.p99),
        ("p999_us", latency.p999),
        ("cpu_ns_per_post", spent.running as f64 / posts),
        ("server_busy", spent.running as f64 / 1e9 / wall),
        ("held_up", spent.waiting as f64 / 1e9 / wall),
        ("sync_in_place_us", in_place),
        ("sync_growing_us", growing),
        ("p50_by_sync", latency.p50 / in_place),
        ("audited", audited as f64),
    ])
}

/// Writers, each in a room.
struct Table {
    crowd: Crowd,
    rooms: Vec<String>,
    credentials: Vec<String>,
    /// For each writer, the position under which each key was acknowledged.
    acknowledged: Vec<HashMap<String, u64>>,
}

impl Table {
    fn enter(running: &Running, writers: usize, share: bool) -> Result<Self> {
        let mut credentials = vec![String::new(); writers];
        let adapter = SNUG.adapter;
        let mut crowd = Crowd::visit(
            &Visit::new(running.server.address, writers, adapter),
            &mut |received| {
                let frame: Value = serde_json::from_slice(received.payload)?;
                if frame["code"] == "WELCOME" {
                    let part = |name| frame["you"][name].as_str().context("who I am");
                    credentials[received.client] = format!("{}.{}", part("chatId")?, part("token")?);
                }
                Ok(())
            },
        )?;
        crowd.settle(Duration::from_millis(700))?;
        let mut rooms = vec!["lobby".to_owned(); writers];
        if !share {
            let mut waiting = writers;
            for (writer, room) in rooms.iter_mut().enumerate() {
                *room = format!("00000000-0000-7000-8000-{writer:012x}");
                let open =
                    format!(r#"{{"code":"CREATE_ROOM","room":"{room}","name":"r{writer}","private":true}}"#);
                crowd.send(writer, &open)?;
            }
            let begun = Instant::now();
            while waiting > 0 {
                ensure!(begun.elapsed() < TIMEOUT, "{waiting} rooms were not opened");
                crowd.turn(Duration::from_secs(1), &mut |received| {
                    let frame: Value = serde_json::from_slice(received.payload)?;
                    ensure!(frame["code"] != "ERROR", "{frame}");
                    waiting -= usize::from(frame["code"] == "ROOM");
                    Ok(())
                })?;
            }
        }
        Ok(Self {
            acknowledged: vec![HashMap::new(); writers],
            crowd,
            rooms,
            credentials,
        })
    }

    /// Lets each writer send its next message when an earlier one is acknowledged, for `time`. Returns the
    /// latencies.
    fn write(&mut self, phase: char, under_way: usize, time: Duration) -> Result<Histogram<u64>> {
        let Self {
            crowd,
            rooms,
            acknowledged,
            ..
        } = self;
        let mut latency = histogram();
        let mut sent = vec![0_u32; rooms.len()];
        let mut free: Vec<usize> = (0..under_way).flat_map(|_| 0..rooms.len()).collect();
        let mut waiting = 0_u64;
        let begun = Instant::now();
        let mut heard_at = Instant::now();
        loop {
            if begun.elapsed() < time {
                for writer in free.drain(..) {
                    let (room, sequence) = (&rooms[writer], sent[writer]);
                    sent[writer] += 1;
                    let stamp = Stamp {
                        sender: writer as u16,
                        sequence,
                        due: clock::now(),
                    };
                    let key = key(phase, writer, sequence);
                    let text = stamp.text(WORDS);
                    waiting += 1;
                    crowd.send(
                        writer,
                        &format!(
                            r#"{{"code":"RECEIVE_MESSAGE","room":"{room}","key":"{key}","text":"{text}"}}"#
                        ),
                    )?;
                }
            } else if waiting == 0 {
                return Ok(latency);
            }
            let came = crowd.turn(Duration::from_millis(100), &mut |received| {
                let Some(stamp) = Stamp::find(received.payload, received.hint) else {
                    ensure!(
                        !contains(received.payload, br#""ERROR""#),
                        "{}",
                        String::from_utf8_lossy(received.payload)
                    );
                    return Ok(());
                };
                let writer = usize::from(stamp.sender);
                if writer == received.client {
                    latency.saturating_record(received.now - stamp.due);
                    let n = position(received.payload).context("an echo has its position")?;
                    let before = acknowledged[writer].insert(key(phase, writer, stamp.sequence), n);
                    ensure!(before.is_none(), "a message was acknowledged twice");
                    free.push(writer);
                    waiting -= 1;
                }
                Ok(())
            })?;
            if came {
                heard_at = Instant::now();
            }
            ensure!(
                heard_at.elapsed() < TIMEOUT,
                "{waiting} messages were not acknowledged"
            );
        }
    }

    /// Reads all messages back: each acknowledged one must exist exactly once, at its position, in a room
    /// without gaps.
    fn audit(&self, running: &Running) -> Result<usize> {
        let mut socket = crowd::connect(running.server.address, 0)?;
        let mut kept = HashMap::new();
        for (writer, room) in self.rooms.iter().enumerate() {
            if writer > 0 && *room == self.rooms[0] {
                break;
            }
            let bearer = format!("Authorization: Bearer {}\r\n", self.credentials[writer]);
            let mut after = 0;
            loop {
                let request = format!("GET /api/rooms/{room}/messages?after={after}");
                let page: Value = serde_json::from_slice(&http::ask(&mut socket, &request, &bearer)?.body)?;
                let messages = page["messages"].as_array().context("a page has messages")?;
                if messages.is_empty() {
                    break;
                }
                for message in messages {
                    after += 1;
                    ensure!(message["n"] == after, "room {room} has a gap before {after}");
                    let key = message["key"].as_str().context("a message has a key")?;
                    ensure!(
                        kept.insert(key.to_owned(), after).is_none(),
                        "{key} is there twice"
                    );
                }
            }
        }
        let mut audited = 0;
        for (key, n) in self.acknowledged.iter().flatten() {
            ensure!(
                kept.get(key) == Some(n),
                "{key} was acknowledged as {n} and is not there"
            );
            audited += 1;
        }
        ensure!(audited == kept.len(), "there is more than was acknowledged");
        Ok(audited)
    }
}

fn key(phase: char, writer: usize, sequence: u32) -> String {
    format!("{phase}{writer}-{sequence}")
}

/// Returns the `"n":` of a frame.
fn position(payload: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"n\":";
    let begin = payload.windows(NAME.len()).position(|it| it == NAME)? + NAME.len();
    let digits = payload[begin..].iter().take_while(|it| it.is_ascii_digit());
    std::str::from_utf8(&payload[begin..begin + digits.count()])
        .ok()?
        .parse()
        .ok()
}

fn contains(payload: &[u8], what: &[u8]) -> bool {
    payload.windows(what.len()).any(|it| it == what)
}

/// Returns the median duration, in microseconds, of a write and its sync (fdatasync(2), as SQLite does), in a
/// file of constant size or in a growing one.
fn sync(folder: &Path, in_place: bool) -> Result<f64> {
    let path = folder.join("sync");
    let file = File::create(&path)?;
    let bytes = vec![0x5a; WRITE];
    if in_place {
        for block in 0..SYNCS {
            file.write_all_at(&bytes, (block * WRITE) as u64)?;
        }
        file.sync_all()?;
    }
    let mut times = histogram();
    for block in 0..SYNCS {
        let begun = clock::now();
        file.write_all_at(&bytes, (block * WRITE) as u64)?;
        file.sync_data()?;
        times.saturating_record(clock::now() - begun);
    }
    std::fs::remove_file(path)?;
    Ok(Spread::of(&times).p50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_is_read_from_a_frame() {
        let frame = br#"{"code":"RECEIVE_MESSAGE","room":"lobby","n":42,"key":"k"}"#;
        assert_eq!(position(frame), Some(42));
        assert_eq!(position(b"{}"), None);
    }
}
