//! Days in the viewer's time zone.

use std::cell::Cell;

use js_sys::Date;
use snug_shared::{ids::Millis, lang::Lang};
use wasm_bindgen::JsValue;

use crate::i18n::{Style, format, words};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Zones change their offset on a quarter of an hour only.
const QUARTER: i64 = 15 * MINUTE;

/// The day of a time, counted from 1970.
pub(super) fn day_of(at: Millis) -> i64 {
    thread_local! {
        // Neighbouring messages mostly share their quarter of an hour.
        static LAST: Cell<(i64, i64)> = const { Cell::new((i64::MIN, 0)) };
    }
    let quarter = at.0.div_euclid(QUARTER);
    let (known, mut offset) = LAST.get();
    if known != quarter {
        let date = Date::new(&JsValue::from_f64(at.0 as f64));
        offset = date.get_timezone_offset() as i64;
        LAST.set((quarter, offset));
    }
    (at.0 - offset * MINUTE).div_euclid(DAY)
}

/// What a day is called by somebody for whom it is `today`.
pub(super) fn name(at: Millis, day: i64, today: i64, lang: Lang) -> String {
    match today - day {
        0 => words(lang).today.to_owned(),
        1 => words(lang).yesterday.to_owned(),
        // Within about half a year the year says nothing.
        2..180 => format(at, Style::Day, lang),
        _ => format(at, Style::DayOfYear, lang),
    }
}
