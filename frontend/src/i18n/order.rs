//! Orders names in the reader's language, by the browser's `Intl`: é is sorted beside e, 10 after 9, Chinese by its sounds.

use std::{cell::RefCell, cmp::Ordering};

use js_sys::{Function, Intl::Collator, Object, Reflect};
use snug_shared::lang::Lang;
use wasm_bindgen::JsValue;

use super::dates::locales;

/// Compares two names.
#[must_use]
pub fn order(lang: Lang, one: &str, other: &str) -> Ordering {
    thread_local! {
        // Creating one costs a hundred times what using it does.
        static COLLATORS: RefCell<Vec<(Lang, Function)>> = const { RefCell::new(Vec::new()) };
    }
    let compare = COLLATORS.with_borrow_mut(|all| {
        let known = all.iter().find(|it| it.0 == lang);
        known.map(|it| it.1.clone()).unwrap_or_else(|| {
            let options = Object::new();
            let set = Reflect::set(&options, &"numeric".into(), &JsValue::TRUE);
            debug_assert!(set.is_ok());
            let made = Collator::new(&locales(lang), &options).compare();
            all.push((lang, made.clone()));
            made
        })
    });
    let compared = compare.call2(&JsValue::UNDEFINED, &one.into(), &other.into());
    let compared = compared.ok().and_then(|it| it.as_f64()).unwrap_or_default();
    compared.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
}
