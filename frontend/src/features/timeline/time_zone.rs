//! Computes and names days in the viewer's time zone.

use std::cell::Cell;

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use js_sys::Date;
use snug_shared::{ids::Millis, lang::Lang};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::{
    browser,
    i18n::{self, Style, Zone, format, words},
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The step of a zone's offset changes: they are on a quarter of an hour only.
const QUARTER: i64 = 15 * MINUTE;

/// Returns the day of a time, counted from 1970 in the device's time zone `zone`.
pub(super) fn day_of(at: Millis, zone: Zone) -> i64 {
    thread_local! {
        // Neighbouring messages mostly share their quarter of an hour.
        static LAST: Cell<(Option<Zone>, i64, i64)> = const { Cell::new((None, 0, 0)) };
    }
    let quarter = at.0.div_euclid(QUARTER);
    let (its_zone, known, mut offset) = LAST.get();
    if (its_zone, known) != (Some(zone), quarter) {
        let date = Date::new(&JsValue::from_f64(at.0 as f64));
        offset = date.get_timezone_offset() as i64;
        LAST.set((Some(zone), quarter, offset));
    }
    (at.0 - offset * MINUTE).div_euclid(DAY)
}

/// Returns the present day and the time zone, which changes when the user travels. Neither has an event, so
/// both are read at each render, each minute, and when the page becomes visible.
#[hook]
pub(super) fn use_today() -> (i64, Zone) {
    let now = || {
        let zone = i18n::zone();
        (day_of(Millis(browser::now() as i64), zone), zone)
    };
    let seen = use_state_eq(now);
    {
        let seen = seen.clone();
        use_effect_with((), move |()| {
            let look = move || seen.set(now());
            let interval = Interval::new(60_000, look.clone());
            let back = EventListener::new(&browser::document(), "visibilitychange", move |_| look());
            move || drop((interval, back))
        });
    }
    now()
}

/// Formats the name of a day, given the present day.
pub(super) fn name(at: Millis, day: i64, today: i64, lang: Lang) -> String {
    match today - day {
        0 => words(lang).today.to_owned(),
        1 => words(lang).yesterday.to_owned(),
        // Within about half a year the year adds no information.
        2..180 => format(at, Style::Day, lang),
        _ => format(at, Style::DayOfYear, lang),
    }
}
