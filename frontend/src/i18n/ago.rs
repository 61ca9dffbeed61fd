//! Formats how long ago a time was, in the viewer's language, by the browser's `Intl`.

use js_sys::{Intl::RelativeTimeFormat, Object, Reflect};
use snug_shared::{ids::Millis, lang::Lang};
use wasm_bindgen::JsValue;

use super::dates::locales;
use crate::browser;

const HOUR: f64 = 3_600_000.0;

/// Formats it in hours, days or months; `None` for less than an hour.
#[must_use]
pub fn ago(at: Millis, lang: Lang) -> Option<String> {
    let (count, unit) = units(browser::now() - at.0 as f64)?;
    let options = Object::new();
    let set = Reflect::set(&options, &"numeric".into(), &JsValue::from_str("auto"));
    debug_assert!(set.is_ok());
    let formatter = RelativeTimeFormat::new(&locales(lang), &options);
    formatter.format(-count, unit).as_string()
}

fn units(past: f64) -> Option<(f64, &'static str)> {
    let hours = (past / HOUR).floor();
    match hours {
        ..1.0 => None,
        ..24.0 => Some((hours, "hour")),
        ..720.0 => Some(((hours / 24.0).floor(), "day")),
        _ => Some(((hours / 720.0).floor(), "month")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_unit_that_has_passed_is_said() {
        let said = |hours: f64| units(hours * HOUR);
        assert_eq!(said(0.9), None);
        assert_eq!(said(-5.0), None, "the clocks of two machines differ");
        assert_eq!(said(1.5), Some((1.0, "hour")));
        assert_eq!(said(47.0), Some((1.0, "day")));
        assert_eq!(said(24.0 * 65.0), Some((2.0, "month")));
    }
}
