//! The room: header, log, composer, and the panel with the people.

mod panel;
mod title;

use snug_shared::text::MessageBody;
use yew::prelude::*;

use self::{panel::Panel, title::use_title};
use crate::{
    client::saving,
    features::{composer::Composer, connection::ConnectionLine, timeline::Timeline},
    prefs::use_words,
    store::{use_selected, use_store},
    ui::{Icon, IconPicture, Lamp, use_media},
};

/// The page at `/rooms/lobby`. Being here is being connected.
#[component(RoomPage)]
pub(crate) fn room_page() -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let count = use_selected(|state| state.here().map_or(0, |room| room.roster.count));
    let narrow = use_media("(max-width: 899px)");
    let drawer = use_state_eq(|| false);
    let open = narrow && *drawer;
    let button = use_node_ref();
    use_title();
    {
        let store = store.clone();
        use_effect_with((), move |()| {
            store.enter();
            move || store.leave()
        });
    }

    let room = store.state().room.clone();
    let draft = use_memo(room.clone(), saving::draft);
    let on_draft = {
        let room = room.clone();
        Callback::from(move |text: String| saving::keep_draft(&room, &text))
    };
    let on_say = {
        let store = store.clone();
        Callback::from(move |text: MessageBody| store.say(text))
    };
    let toggle = {
        let drawer = drawer.clone();
        Callback::from(move |_: MouseEvent| drawer.set(true))
    };
    let on_close = {
        let (drawer, button) = (drawer.clone(), button.clone());
        Callback::from(move |()| {
            drawer.set(false);
            // The focus goes back to where it came from, once that can have it again.
            let button = button.clone();
            gloo_timers::callback::Timeout::new(0, move || {
                if let Some(button) = button.cast::<web_sys::HtmlElement>() {
                    let _ = button.focus();
                }
            })
            .forget();
        })
    };
    html! {
        <div class={classes!("room", open.then_some("drawer-open"))}>
            <main class="stage" inert={open}>
                <header class="bar">
                    <Lamp />
                    <h1>{ room.as_str() }</h1>
                    <p>{ words.lobby_topic }</p>
                    if narrow {
                        <button ref={button} type="button" class="plain people-button" aria-expanded={open.to_string()}
                            aria-haspopup="dialog" aria-label={(count == 0).then_some(words.people_online)} onclick={toggle}>
                            <IconPicture icon={Icon::People} />
                            if count > 0 { { (words.online_count)(count) } }
                        </button>
                    }
                </header>
                <Timeline />
                <div class="foot">
                    <ConnectionLine />
                    <Composer room={room.as_str().to_owned()} {lang} draft={(*draft).clone()} {on_draft} {on_say} />
                </div>
            </main>
            <Panel {narrow} {open} {on_close} />
        </div>
    }
}
