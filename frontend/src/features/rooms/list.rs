//! One's rooms.

use snug_shared::{ids::RoomId, text::RoomName};
use yew::prelude::*;

use super::{link::RoomLink, order::arrange};
use crate::{
    prefs::use_words,
    store::use_selected,
    ui::{Icon, IconPicture, Lamp},
};

/// More are not counted: nobody reads the difference.
const COUNTED: usize = 99;

/// A number of unread messages as it is shown.
pub(super) fn shown(count: usize) -> String {
    if count > COUNTED {
        format!("{COUNTED}+")
    } else {
        count.to_string()
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct ListProps {
    /// Hears that one has gone to a room.
    pub(crate) on_go: Callback<()>,
    pub(crate) on_browse: Callback<MouseEvent>,
    pub(crate) on_new: Callback<MouseEvent>,
}

/// Heading, list, and the ways to more rooms.
#[component(RoomList)]
pub(crate) fn room_list(props: &ListProps) -> Html {
    let (_, words) = use_words();
    let (here, rooms) = use_selected(|state| {
        // What is shown says itself what is new in it.
        let unread = |id: &RoomId| {
            if state.room.as_ref() == Some(id) {
                0
            } else {
                state.unread(id)
            }
        };
        let rooms = arrange(state.replica.rooms()).into_iter();
        let rooms = rooms.map(|(id, name)| (unread(&id), id, name));
        (state.name.clone(), rooms.collect::<Vec<_>>())
    });
    let row = |name: RoomName, unread: usize| {
        let current = name == here;
        let class = classes!("room-link", (unread > 0).then_some("unread"));
        html! {
            <RoomLink {class} {current} on_go={props.on_go.clone()} name={name.clone()}>
                <span class="mark" aria-hidden="true">{ "#" }</span>
                <span class="name" dir="auto">{ name.as_str() }</span>
                if unread > 0 {
                    <b aria-hidden="true">{ shown(unread) }</b>
                    <span class="unseen">{ (words.new_count)(unread) }</span>
                }
            </RoomLink>
        }
    };
    html! {
        <section class="rooms">
            <p class="brand"><Lamp />{ "Snug" }</p>
            <h2 title={words.rooms_keys}>{ words.rooms }</h2>
            <ul aria-label={words.rooms}>
                { for rooms.into_iter().map(|(unread, id, name)| html! { <li key={id.as_str()}>{ row(name, unread) }</li> }) }
            </ul>
            <div class="more-rooms">
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_browse.clone()}>
                    <IconPicture icon={Icon::Search} />{ words.browse_rooms }
                </button>
                <button type="button" class="plain" aria-haspopup="dialog" onclick={props.on_new.clone()}>
                    <IconPicture icon={Icon::Add} />{ words.new_room }
                </button>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_ninety_nine_a_number_is_many() {
        assert_eq!([1, 99, 100].map(shown), ["1", "99", "99+"]);
    }
}
