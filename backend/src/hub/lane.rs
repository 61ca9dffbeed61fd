//! The newest frames of a room's log: a ring buffer, in order, without gaps.

use std::collections::VecDeque;

use snug_shared::ids::Position;

use super::Frame;

/// The limits of a lane: its frames, and their bytes together.
const FRAMES: usize = 1024;
const BYTES: usize = 1 << 20;

/// Memory of a frame besides its bytes: its slot in the lane, its reference count, and the allocator's overhead.
const FRAME_OVERHEAD: usize = 96;

/// The outcome of reading a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The cursor is at the head.
    UpToDate,
    /// The budget is spent; the lane has more frames.
    BudgetSpent,
    /// The cursor is older than the lane's first frame: the frames before that are read from the store.
    Lagged,
}

#[derive(Debug)]
pub struct Lane {
    head: Position,
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Lane {
    pub fn new(head: Position) -> Self {
        Self {
            head,
            frames: VecDeque::new(),
            bytes: 0,
        }
    }

    pub fn head(&self) -> Position {
        self.head
    }

    pub fn append(&mut self, n: Position, frame: Frame) {
        debug_assert_eq!(n, self.head.next(), "the log has no gaps");
        self.head = n;
        self.bytes += frame.size();
        self.frames.push_back(frame);
        while self.frames.len() > FRAMES || (self.bytes > BYTES && self.frames.len() > 1) {
            if let Some(oldest) = self.frames.pop_front() {
                self.bytes -= oldest.size();
            }
        }
    }

    /// Replaces the frame at a position, if the lane still has it.
    pub fn replace(&mut self, n: Position, frame: Frame) {
        let first = self.head.0 + 1 - self.frames.len() as u64;
        let index = n.0.checked_sub(first).map(|index| index as usize);
        if let Some(there) = index.and_then(|index| self.frames.get_mut(index)) {
            self.bytes = self.bytes + frame.size() - there.size();
            *there = frame;
        }
    }

    /// Drops all frames and frees their memory: from now on they are read from the store.
    pub fn forget(&mut self) {
        self.frames = VecDeque::new();
        self.bytes = 0;
    }

    /// Returns the memory that the frames take, in bytes.
    pub fn memory(&self) -> usize {
        self.bytes + self.frames.len() * FRAME_OVERHEAD
    }

    /// Adds frames after `cursor` to `batch` and advances it, until `budget` bytes are spent; one frame always fits.
    pub fn read(&self, cursor: &mut Position, budget: &mut usize, batch: &mut Vec<Frame>) -> ReadOutcome {
        let behind = self.head.since(*cursor) as usize;
        if *cursor > self.head || behind > self.frames.len() {
            return ReadOutcome::Lagged;
        }
        for frame in self.frames.range(self.frames.len() - behind..) {
            if *budget == 0 {
                return ReadOutcome::BudgetSpent;
            }
            *budget = budget.saturating_sub(frame.size());
            *cursor = cursor.next();
            batch.push(frame.clone());
        }
        ReadOutcome::UpToDate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(appended: u64) -> Lane {
        let mut lane = Lane::new(Position(10));
        for n in 11..=10 + appended {
            lane.append(Position(n), Frame::encoded(&n.to_be_bytes()));
        }
        lane
    }

    fn read(lane: &Lane, from: u64, mut room: usize) -> (ReadOutcome, u64, usize) {
        let (mut cursor, mut batch) = (Position(from), Vec::new());
        let reading = lane.read(&mut cursor, &mut room, &mut batch);
        (reading, cursor.0, batch.len())
    }

    #[test]
    fn a_reader_goes_from_its_cursor_to_the_head() {
        let lane = lane(5);
        assert_eq!(read(&lane, 12, 1 << 20), (ReadOutcome::UpToDate, 15, 3));
        assert_eq!(read(&lane, 15, 1 << 20), (ReadOutcome::UpToDate, 15, 0));
        assert_eq!(read(&lane, 10, 9), (ReadOutcome::BudgetSpent, 12, 2));
    }

    #[test]
    fn who_is_off_the_hot_end_is_told() {
        assert_eq!(read(&lane(5), 9, 1 << 20), (ReadOutcome::Lagged, 9, 0));
        assert_eq!(read(&lane(5), 16, 1 << 20), (ReadOutcome::Lagged, 16, 0));
        let long = lane(FRAMES as u64 + 1);
        assert_eq!(read(&long, 10, 1), (ReadOutcome::Lagged, 10, 0));
        assert_eq!(read(&long, 11, 1), (ReadOutcome::BudgetSpent, 12, 1));
    }

    #[test]
    fn what_was_replaced_is_not_read_any_more() {
        let mut lane = lane(3);
        for n in [10, 12, 14] {
            lane.replace(Position(n), Frame::encoded(b"gone"));
        }
        let (mut cursor, mut room, mut batch) = (Position(10), 1 << 20, Vec::new());
        lane.read(&mut cursor, &mut room, &mut batch);
        let kept = |n: u64| Frame::encoded(&n.to_be_bytes());
        assert_eq!(batch, [kept(11), Frame::encoded(b"gone"), kept(13)]);
        assert_eq!(lane.bytes, 20);
        lane.forget();
        assert_eq!(read(&lane, 12, 1 << 20), (ReadOutcome::Lagged, 12, 0));
        assert_eq!(read(&lane, 13, 1 << 20), (ReadOutcome::UpToDate, 13, 0));
        assert_eq!((lane.memory(), lane.frames.capacity()), (0, 0));
    }

    #[test]
    fn a_lane_is_bounded_by_bytes_too() {
        let mut lane = Lane::new(Position::START);
        for n in 1..=64 {
            lane.append(Position(n), Frame::encoded(&[0; 60_000]));
        }
        assert!(lane.bytes <= BYTES);
        assert_eq!(lane.frames.len() * 60_000, lane.bytes);
    }
}
