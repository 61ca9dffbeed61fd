//! Formats the time between two messages of one user in a room with slow mode.

/// Formats seconds in English, in the greatest unit that divides them.
pub(super) fn en(seconds: u32) -> String {
    match seconds {
        it if it % 3_600 == 0 => format!("{} h", it / 3_600),
        it if it % 60 == 0 => format!("{} min", it / 60),
        it => format!("{it} s"),
    }
}

/// Formats seconds in Chinese, in the greatest unit that divides them.
pub(super) fn zh(seconds: u32) -> String {
    match seconds {
        it if it % 3_600 == 0 => format!("{} 小时", it / 3_600),
        it if it % 60 == 0 => format!("{} 分钟", it / 60),
        it => format!("{it} 秒"),
    }
}
