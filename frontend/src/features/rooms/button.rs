//! Renders the button that opens the room list where there is no space for it beside the page.

use yew::prelude::*;

use crate::{
    features::room_list::UnreadBadge,
    prefs::use_words,
    store::use_selected,
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct ButtonProps {
    pub(crate) node: NodeRef,
    pub(crate) open: bool,
    pub(crate) onclick: Callback<MouseEvent>,
}

/// Renders the button with the number of unread messages in the rooms that are not shown.
#[component(RoomsButton)]
pub(crate) fn rooms_button(props: &ButtonProps) -> Html {
    let (_, words) = use_words();
    let badge = use_selected(UnreadBadge::elsewhere);
    html! {
        <button ref={props.node.clone()} type="button" class="plain rooms-button" aria-haspopup="dialog"
            aria-expanded={props.open.to_string()} onclick={props.onclick.clone()}>
            <IconPicture icon={Icon::Rooms} />
            <span class="unseen">{ words.rooms }</span>
            { badge.render(words) }
        </button>
    }
}
