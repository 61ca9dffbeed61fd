//! What the browser shows of the page where the page itself is not seen: its title and its picture. Both say
//! that something waits.

use yew::prelude::*;

use super::favicon;
use crate::{
    browser,
    features::rooms::use_marked,
    store::{State, use_selected},
};

#[hook]
pub(super) fn use_title() {
    let waiting = use_selected(State::waiting);
    let room = use_marked();
    use_effect_with((waiting, room), |(waiting, room)| {
        browser::document().set_title(&title(*waiting, room));
    });
    use_effect_with(waiting.is_some(), |&waits| favicon::show(waits));
    use_effect_with((), |()| || favicon::show(false));
}

/// With the number of messages that mention one, or a dot if none of those that wait does.
fn title(waiting: Option<u32>, room: &str) -> String {
    match waiting {
        None => format!("{room} · Snug"),
        Some(0) => format!("• {room} · Snug"),
        Some(mentions) => format!("({mentions}) {room} · Snug"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_counts_mentions_and_marks_the_rest() {
        assert_eq!(title(None, "#tea"), "#tea · Snug");
        assert_eq!(title(Some(0), "#tea"), "• #tea · Snug");
        assert_eq!(title(Some(2), "#tea"), "(2) #tea · Snug");
    }
}
