//! Formats times in the viewer's zone and language, by the browser's `Intl`.

use std::cell::RefCell;

use js_sys::{Array, Function, Intl::DateTimeFormat, Object, Reflect};
use snug_shared::{ids::Millis, lang::Lang};
use wasm_bindgen::JsValue;

use crate::browser;

/// The parts of a time that are formatted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Hours and minutes.
    Time,
    /// Everything, to the second.
    Exact,
    /// Day, month and year, short.
    Date,
    /// Day, hours and minutes.
    Moment,
    /// Weekday, day and month.
    Day,
    /// Weekday, day, month and year.
    DayOfYear,
}

/// The latest time that a browser can represent (ECMA-262, 21.4.1.1), in milliseconds: a later end is permanent.
pub const LATEST: i64 = 8_640_000_000_000_000;

thread_local! {
    // Making a formatter costs a hundred times what using it does.
    static FORMATTERS: RefCell<Vec<(Lang, Style, Function)>> = const { RefCell::new(Vec::new()) };
}

/// The device's time zone, as it was last detected: another zone has another number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zone(u32);

/// Detects the device's time zone. If it has changed, all formatters are of the old one and are created anew.
#[must_use]
pub fn zone() -> Zone {
    thread_local! {
        static KNOWN: RefCell<(JsValue, Zone)> = const { RefCell::new((JsValue::UNDEFINED, Zone(0))) };
    }
    let options = DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let name = Reflect::get(&options, &"timeZone".into()).unwrap_or_default();
    KNOWN.with_borrow_mut(|(known, zone)| {
        if *known != name {
            *known = name;
            zone.0 += 1;
            FORMATTERS.with_borrow_mut(Vec::clear);
        }
        *zone
    })
}

/// Formats a time in words.
#[must_use]
pub fn format(at: Millis, style: Style, lang: Lang) -> String {
    let formatter = FORMATTERS.with_borrow_mut(|all| {
        let known = all.iter().find(|it| (it.0, it.1) == (lang, style));
        known.map(|it| it.2.clone()).unwrap_or_else(|| {
            let made = DateTimeFormat::new(&locales(lang), &options(style)).format();
            all.push((lang, style, made.clone()));
            made
        })
    });
    formatter
        .call1(&JsValue::UNDEFINED, &JsValue::from_f64(at.0 as f64))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// Returns the user's own variety of the language, so that a Briton reads 16:02 and an American 4:02 PM.
pub(super) fn locales(lang: Lang) -> Array {
    let own = browser::languages()
        .into_iter()
        .find(|tag| Lang::of_tags([tag.as_str()]) == lang && tag.starts_with(&lang.tag()[..2]));
    let list = Array::new();
    list.push(&JsValue::from_str(own.as_deref().unwrap_or(lang.tag())));
    list
}

fn options(style: Style) -> Object {
    let fields: &[(&str, &str)] = match style {
        Style::Time => &[("timeStyle", "short")],
        Style::Exact => &[("dateStyle", "full"), ("timeStyle", "medium")],
        Style::Date => &[("dateStyle", "medium")],
        Style::Moment => &[("dateStyle", "medium"), ("timeStyle", "short")],
        Style::Day => &[("weekday", "long"), ("day", "numeric"), ("month", "long")],
        Style::DayOfYear => &[
            ("weekday", "long"),
            ("day", "numeric"),
            ("month", "long"),
            ("year", "numeric"),
        ],
    };
    let options = Object::new();
    for (name, value) in fields {
        let set = Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
        debug_assert!(set.is_ok());
    }
    options
}
