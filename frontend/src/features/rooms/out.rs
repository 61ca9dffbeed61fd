//! Leaving a room, and putting it into the archive: both ask first.

use snug_shared::ids::RoomId;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{
    archived::archive,
    request_status::{RequestStatus, use_room_request},
};
use crate::{
    prefs::use_words,
    store::{use_selected, use_store},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Leave,
    Archive,
}

#[derive(PartialEq, Properties)]
pub(super) struct OutProps {
    pub(super) room: RoomId,
    pub(super) private: bool,
    /// Whether one looks after it.
    pub(super) keeps: bool,
}

#[component(WaysOut)]
pub(super) fn ways_out(props: &OutProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let asked = use_state_eq(|| None::<Way>);
    let (stays, archives, leaves) = (use_node_ref(), use_node_ref(), use_node_ref());
    let archived = use_selected(|state| {
        let info = state.here().and_then(|room| room.info.as_ref());
        info.is_some_and(|info| info.archived)
    });
    let RequestStatus {
        live,
        pending,
        refused,
    } = use_room_request(Some(&props.room));
    {
        let (stays, archives, leaves) = (stays.clone(), archives.clone(), leaves.clone());
        let before = use_mut_ref(|| None::<Way>);
        use_effect_with(*asked, move |&asked| {
            // To what does no harm, and back to where it came from.
            let to = match (before.replace(asked), asked) {
                (_, Some(_)) => stays,
                (Some(Way::Archive), None) => archives,
                (Some(Way::Leave), None) => leaves,
                (None, None) => return,
            };
            if let Some(button) = to.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    {
        // It is done: there is nothing more to ask.
        let asked = asked.clone();
        use_effect_with(archived, move |_| asked.set(None));
    }
    let ask = |way: Way| {
        let asked = asked.clone();
        Callback::from(move |_: MouseEvent| asked.set(Some(way)))
    };
    let go = |way: Way| {
        let (store, room) = (store.clone(), props.room.clone());
        Callback::from(move |_: MouseEvent| match way {
            Way::Leave => store.leave_room(&room),
            Way::Archive => archive(&store, &room, true),
        })
    };
    let Some(way) = *asked else {
        return html! {
            <div class="ways">
                if props.keeps && !archived {
                    <button ref={archives} type="button" class="leave archive" onclick={ask(Way::Archive)}>{ words.archive_room }</button>
                }
                <button ref={leaves} type="button" class="leave" onclick={ask(Way::Leave)}>{ words.leave_room }</button>
            </div>
        };
    };
    let (sure, label, going) = match way {
        Way::Archive => (words.archive_room_sure, words.archive_room, words.archive_room),
        Way::Leave if props.private => (words.leave_private_sure, words.leave_room, words.leaving),
        Way::Leave => (words.leave_room_sure, words.leave_room, words.leaving),
    };
    let stay = Callback::from(move |_: MouseEvent| asked.set(None));
    html! {
        <>
            <p>{ sure }</p>
            if let Some(code) = refused {
                <p class="bad" role="alert">{ code.sentence(lang) }</p>
            }
            <div class="ways-out">
                <button ref={stays} type="button" class="stay" onclick={stay}>{ words.house.cancel }</button>
                <button type="button" class={classes!("leave", (way == Way::Archive).then_some("archive"))} disabled={!live || pending} onclick={go(way)}>
                    { if !live { words.waiting_for_connection } else if pending { going } else { label } }
                </button>
            </div>
        </>
    }
}
