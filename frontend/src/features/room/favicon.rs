//! The page's icon in the browser's tabs: the logo, with a dot while there are unread messages.

use wasm_bindgen::JsCast;
use web_sys::HtmlLinkElement;

use crate::browser;

const LAMP: &str = include_str!("../../../../styles/lamp.svg");
/// The dot, with a rim, so that it is distinct from the lamp on a tab of whatever colour.
const DOT: &str =
    r##"<circle cx="24.5" cy="7.5" r="7" fill="#c2253c" stroke="#fff" stroke-width="1.5"/></svg>"##;
/// The attribute that has the page's own picture while the dotted one is shown.
const ORIGINAL: &str = "data-original";

/// Shows the dot, or removes it.
pub(super) fn show(dot: bool) {
    let link = browser::document().query_selector("link[rel=icon]");
    let Some(link) = link
        .ok()
        .flatten()
        .and_then(|it| it.dyn_into::<HtmlLinkElement>().ok())
    else {
        return;
    };
    match (link.get_attribute(ORIGINAL), dot) {
        (None, true) => {
            let svg = String::from(js_sys::encode_uri_component(&dotted()));
            let _ = link.set_attribute(ORIGINAL, &link.get_attribute("href").unwrap_or_default());
            link.set_href(&format!("data:image/svg+xml,{svg}"));
        }
        (Some(original), false) => {
            link.set_href(&original);
            let _ = link.remove_attribute(ORIGINAL);
        }
        _ => {}
    }
}

fn dotted() -> String {
    LAMP.trim_end().trim_end_matches("</svg>").to_owned() + DOT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_is_drawn_upon_the_lamp() {
        let svg = dotted();
        assert_eq!(
            (svg.matches("<svg").count(), svg.matches("</svg>").count()),
            (1, 1)
        );
        assert!(svg.ends_with(DOT));
    }
}
