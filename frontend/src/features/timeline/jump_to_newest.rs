//! Shows the button that jumps to the newest message.

use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::use_selected,
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(super) struct JumpProps {
    pub(super) on_jump: Callback<()>,
}

/// Renders the button, with the number of unread messages, unless the view is at the newest end.
#[component(JumpToNewest)]
pub(super) fn jump_to_newest(props: &JumpProps) -> Html {
    let (_, words) = use_words();
    let (away, unread) = use_selected(|state| {
        let unread = state.room.as_ref().map_or(0, |room| state.unread(room));
        (!state.is_at_bottom(), unread)
    });
    if !away {
        return html! {};
    }
    let onclick = props.on_jump.reform(|_| ());
    html! {
        <div class="jump">
            if unread > 0 {
                <button type="button" class="new-count" {onclick}>
                    { (words.new_count)(unread) }<IconPicture icon={Icon::Down} />
                </button>
            } else {
                <button type="button" class="to-newest" aria-label={words.jump_to_newest} {onclick}><IconPicture icon={Icon::Down} /></button>
            }
        </div>
    }
}
