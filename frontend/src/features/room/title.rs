//! Shows unread messages in the page's title and icon.

use yew::prelude::*;

use super::favicon;
use crate::{
    browser,
    features::room_list::use_marked_title,
    store::{State, use_selected},
};

/// Updates the page's title and icon after each change.
#[hook]
pub(super) fn use_title() {
    let unread_mentions = use_selected(State::unread_mentions);
    let room = use_marked_title();
    use_effect_with((unread_mentions, room), |(unread_mentions, room)| {
        browser::document().set_title(&title(*unread_mentions, room));
    });
    use_effect_with(unread_mentions.is_some(), |&unread| favicon::show(unread));
    use_effect_with((), |()| || favicon::show(false));
}

/// Formats the title, with the number of unread mentions, or a dot for other unread messages.
fn title(unread_mentions: Option<u32>, room: &str) -> String {
    match unread_mentions {
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
