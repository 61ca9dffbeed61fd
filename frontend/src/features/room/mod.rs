//! Renders the page of a room: header, log and composer, the user's rooms on one side and the roster on the other.

mod favicon;
mod internal_links;
mod room_view;
mod title;

use snug_shared::{ids::Position, text::RoomName};
use yew::prelude::*;

use self::{internal_links::use_internal_links, room_view::RoomView, title::use_title};
use crate::{
    client::storage,
    features::{
        composer::use_typing_anywhere,
        directs::{NewDirect, use_open_direct},
        notifications::use_notifications,
        rooms::{About, Directory, NewRoom, RoomList, use_room_keys},
        roster::Roster,
        settings::YouCard,
    },
    history::use_navigator,
    prefs::use_words,
    route::Route,
    store::{State, use_selected, use_store},
    ui::{Drawer, Side, use_media},
};

/// The layer that is open over the page.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Over {
    /// The form for a new room, with an initial name.
    NewRoom(AttrValue),
    Directory,
    About,
    NewDirect,
}

#[derive(PartialEq, Properties)]
pub(crate) struct RoomProps {
    pub(crate) name: RoomName,
    /// The message that the address names.
    #[prop_or_default]
    pub(crate) n: Option<Position>,
}

/// Renders the page at `/rooms/<name>` and `/rooms/<name>/<n>`.
#[component(RoomPage)]
pub(crate) fn room_page(props: &RoomProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let navigator = use_navigator();
    let phone = use_media("(max-width: 899px)");
    let narrow = use_media("(max-width: 1199px)");
    let drawer = use_state_eq(|| None::<Side>);
    let over = use_state_eq(|| None::<Over>);
    let (to_rooms, to_people) = (use_node_ref(), use_node_ref());
    let (room, left, moved) =
        use_selected(|state| (state.room.clone(), state.left.clone(), state.moved.clone()));
    use_title();
    use_room_keys();
    use_typing_anywhere();
    use_notifications();
    let on_link = use_internal_links();
    use_open_direct({
        let (over, drawer) = (over.clone(), drawer.clone());
        Callback::from(move |()| {
            over.set(None);
            drawer.set(None);
        })
    });
    let owed = use_mut_ref(|| None::<NodeRef>);
    let push_back = |button: &NodeRef| {
        let (drawer, button, owed) = (drawer.clone(), button.clone(), owed.clone());
        Callback::from(move |()| {
            drawer.set(None);
            *owed.borrow_mut() = Some(button.clone());
        })
    };
    // The focus returns to where it was when that element can have it again: the page is not inert, and
    // no closing dialog moves it elsewhere.
    {
        let owed = owed.clone();
        use_effect_with((*drawer, (*over).clone()), move |open| {
            let button = (*open == (None, None)).then(|| owed.take()).flatten();
            if let Some(button) = button.and_then(|it| it.cast::<web_sys::HtmlElement>()) {
                let _ = button.focus();
            }
        });
    }
    {
        let (store, over) = (store.clone(), over.clone());
        let put_back = drawer.as_ref().map(|_| push_back(&to_rooms));
        use_effect_with((props.name.clone(), props.n), move |(name, n)| {
            // A room under another name is the same address.
            if store.state().is_at(name, *n) {
                return;
            }
            store.show(name.clone(), *n);
            over.set(None);
            if let Some(put_back) = put_back {
                put_back.emit(());
            }
        });
    }
    use_effect_with(props.name.clone(), storage::save_last_room);
    {
        let store = store.clone();
        use_effect_with((), move |()| {
            store.set_room_focused(true);
            move || store.set_room_focused(false)
        });
    }
    {
        let (store, navigator) = (store.clone(), navigator.clone());
        let jump = use_selected(|state| state.jump.as_ref().map(|jump| jump.n));
        let better = use_selected(State::better_address);
        use_effect_with(
            (jump, better, props.name.clone(), props.n),
            move |(_, better, name, n)| {
                // After sending a message, or a jump to the newest one, the user no longer views the message of the address.
                let to_room = store.state().is_at(name, None) && (n.is_some() || better.is_some());
                if to_room {
                    let name = better.as_ref().unwrap_or(name).clone();
                    navigator.replace(Route::Room { name });
                }
            },
        );
    }
    {
        let (store, navigator) = (store.clone(), navigator.clone());
        use_effect_with((left, props.name.clone()), move |(_, name)| {
            // As it is now: a user who has returned to a room's address has not left it just now.
            let left = store
                .state()
                .left
                .as_ref()
                .is_some_and(|left| left.address == *name);
            if left {
                navigator.replace(Route::lobby());
            }
        });
    }
    use_effect_with((moved, props.name.clone()), move |(_, name)| {
        let to = {
            let state = store.state();
            (state.moved.as_ref() == Some(name)).then(|| state.name.clone())
        };
        if let Some(name) = to {
            navigator.replace(Route::Room { name });
        }
    });

    let open = |side: Side| *drawer == Some(side) && if side == Side::Left { phone } else { narrow };
    let pull = |side: Side| {
        let drawer = drawer.clone();
        Callback::from(move |_: MouseEvent| drawer.set(Some(side)))
    };
    let ask = |what: Over| {
        let over = over.clone();
        Callback::from(move |_: MouseEvent| over.set(Some(what.clone())))
    };
    let on_close = {
        let over = over.clone();
        Callback::from(move |()| over.set(None))
    };
    let on_new_room = {
        let over = over.clone();
        Callback::from(move |name: AttrValue| over.set(Some(Over::NewRoom(name))))
    };
    html! {
        <div class="room" onclick={on_link}>
            <Drawer side={Side::Left} label={words.rooms} role="navigation" close={words.close} over={phone}
                open={open(Side::Left)} behind={open(Side::Right)} on_close={push_back(&to_rooms)}>
                <RoomList on_go={push_back(&to_rooms)} on_browse={ask(Over::Directory)} on_new={ask(Over::NewRoom(AttrValue::default()))}
                    on_new_direct={ask(Over::NewDirect)} />
                <YouCard />
            </Drawer>
            <RoomView inert={open(Side::Left) || open(Side::Right)} {phone} {narrow}
                to_rooms={to_rooms.clone()} to_people={to_people.clone()} open={*drawer}
                on_rooms={pull(Side::Left)} on_people={pull(Side::Right)} on_about={ask(Over::About)} />
            <Drawer side={Side::Right} label={words.people_online} role="complementary" close={words.close} over={narrow}
                open={open(Side::Right)} behind={open(Side::Left)} on_close={push_back(&to_people)}>
                <Roster key={room.as_ref().map(ToString::to_string).unwrap_or_default()} />
            </Drawer>
            { match ((*over).clone(), room) {
                (Some(Over::NewRoom(name)), _) => html! { <NewRoom {name} {on_close} /> },
                (Some(Over::NewDirect), _) => html! { <NewDirect {on_close} /> },
                (Some(Over::Directory), _) => html! { <Directory {on_close} on_new={on_new_room} /> },
                (Some(Over::About), Some(room)) => html! { <About {room} {on_close} /> },
                (Some(Over::About) | None, _) => html! {},
            } }
        </div>
    }
}
