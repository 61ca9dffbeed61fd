//! Who is online.

mod order;

use snug_shared::{ids::ChatId, presence::ChatUser};
use yew::prelude::*;

use self::order::{Entry, arrange};
use crate::{
    features::{
        directs::{TalkButton, TalkRefused},
        status::Named,
    },
    i18n::Words,
    prefs::use_words,
    store::{use_selected, use_store},
    ui::AvatarPicture,
};

/// More are counted and not listed: nobody reads them, and each would cost the page.
const LISTED: usize = 200;

/// Heading and list.
#[component(Roster)]
pub(crate) fn roster() -> Html {
    let (_, words) = use_words();
    let store = use_store();
    use_selected(|state| (state.comings, state.replica.you().map(|you| you.chat_id.clone())));
    let count = use_selected(|state| state.here().map_or(0, |room| room.roster.count));
    let held = use_state_eq(|| false);
    let shown = use_mut_ref(Vec::<Entry>::new);
    let state = store.state();
    let me = state.replica.you().map(|you| &you.chat_id);
    let people = state.here().map(|room| room.roster.people()).unwrap_or_default();

    let listed = &people[..people.len().min(LISTED)];
    let entries = arrange(&shown.borrow(), listed, me, *held);
    shown.borrow_mut().clone_from(&entries);
    let listed = entries.iter().filter(|entry| !entry.gone).count();
    let more = count.saturating_sub(listed);

    let hold = |is: bool| {
        let held = held.clone();
        // A finger does not rest on a list.
        Callback::from(move |event: PointerEvent| held.set(is && event.pointer_type() == "mouse"))
    };
    html! {
        <section class="roster">
            <h2>{ words.people_online }if count > 0 { <span class="count">{ count }</span> }</h2>
            <ul aria-label={words.people_online} onpointerenter={hold(true)} onpointerleave={hold(false)}>
                { for entries.into_iter().map(|entry| person(entry, me, words)) }
            </ul>
            if more > 0 {
                <p class="more">{ (words.more_people)(more) }</p>
            }
            <TalkRefused />
        </section>
    }
}

fn person(entry: Entry, me: Option<&ChatId>, words: &Words) -> Html {
    let Entry { person, gone } = entry;
    let ChatUser {
        chat_id,
        name,
        avatar,
        away,
        status,
        ..
    } = person;
    let is_me = me == Some(&chat_id);
    html! {
        <li key={chat_id.as_str()} class={classes!("person", gone.then_some("gone"))}>
            <span class={classes!("portrait", (away && !gone).then_some("away"))}><AvatarPicture {avatar} /></span>
            <Named name={name.to_string()} {status} />
            if away && !gone { <span class="unseen">{ words.away }</span> }
            if is_me { <small>{ words.you }</small> }
            if !is_me && !gone { <TalkButton person={chat_id.clone()} name={name.to_string()} /> }
            if gone { <small>{ words.left }</small> }
        </li>
    }
}
