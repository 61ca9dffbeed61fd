//! Renders the roster: the users who are online.

mod order;

use snug_shared::{ids::ChatId, people::Role, presence::ChatUser};
use yew::prelude::*;

use self::order::{Entry, arrange};
use crate::{
    features::{
        admin::{Permissions, PersonDialog, RoleBadge},
        directs::{DirectButton, DirectRefused},
        status::Named,
    },
    i18n::order,
    prefs::use_words,
    store::{use_selected, use_store},
    ui::AvatarPicture,
};

/// The number of users that are listed; others are only counted: nobody reads them, and each would cost the page time.
const LISTED: usize = 200;

/// Renders the heading and the list.
#[component(Roster)]
pub(crate) fn roster() -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    use_selected(|state| {
        (
            state.roster_revision,
            state.replica.you().map(|you| you.chat_id.clone()),
        )
    });
    let count = use_selected(|state| state.current_room().map_or(0, |room| room.roster.count));
    let held = use_state_eq(|| false);
    let chosen = use_state_eq(|| None::<ChatUser>);
    let shown = use_mut_ref(Vec::<Entry>::new);
    let state = store.state();
    let you = state.replica.you();
    let me = you.map(|you| &you.chat_id);
    let people = state
        .current_room()
        .map(|room| room.roster.people())
        .unwrap_or_default();

    // A very large room lists only some of its users, and the user may not be among them.
    let mut listed = people[..people.len().min(LISTED)].to_vec();
    if let Some(you) = you.filter(|_| count > 0)
        && listed.iter().all(|it| it.chat_id != you.chat_id)
    {
        listed.push(state.own_user(you));
    }
    listed.sort_by(|one, other| order(lang, one.name.as_str(), other.name.as_str()));
    let entries = arrange(&shown.borrow(), &listed, me, *held);
    shown.borrow_mut().clone_from(&entries);
    let listed = entries.iter().filter(|entry| !entry.gone).count();
    let more = count.saturating_sub(listed);

    // Where nobody is registered, all users are guests and need no label.
    let guests = people.iter().any(|it| it.role >= Role::Member);
    let (viewer, on_choose) = (you.map(|you| (you.chat_id.clone(), you.role)), {
        let chosen = chosen.clone();
        Callback::from(move |person: ChatUser| chosen.set(Some(person)))
    });
    let row = |Entry { person, gone }| {
        let (key, viewer) = (person.chat_id.to_string(), viewer.clone());
        html! { <Person {key} {person} {gone} {guests} {viewer} on_choose={on_choose.clone()} /> }
    };
    let on_close = {
        let chosen = chosen.clone();
        Callback::from(move |()| chosen.set(None))
    };
    let hold = |is: bool| {
        let held = held.clone();
        // A finger does not rest on a list.
        Callback::from(move |event: PointerEvent| held.set(is && event.pointer_type() == "mouse"))
    };
    html! {
        <>
            <section class="roster">
                <h2>{ words.people_online }if count > 0 { { " " }<span class="count">{ count }</span> }</h2>
                <ul aria-label={words.people_online} onpointerenter={hold(true)} onpointerleave={hold(false)}>
                    { for entries.into_iter().map(row) }
                </ul>
                if more > 0 {
                    <p class="more">{ (words.more_people)(more) }</p>
                }
            </section>
            if let Some(person) = (*chosen).clone() {
                <PersonDialog {person} {on_close} />
            }
            <DirectRefused />
        </>
    }
}

#[derive(PartialEq, Properties)]
struct PersonProps {
    person: ChatUser,
    gone: bool,
    /// Whether guests are labelled as such.
    guests: bool,
    /// The user who views the list, with their role.
    viewer: Option<(ChatId, Role)>,
    on_choose: Callback<ChatUser>,
}

/// Renders a user; as a button, if the viewer may act on them.
#[component(Person)]
fn person(props: &PersonProps) -> Html {
    let (_, words) = use_words();
    let PersonProps {
        person,
        gone,
        guests,
        viewer,
        on_choose,
    } = props;
    let away = person.away && !gone;
    let is_me = viewer.as_ref().is_some_and(|(me, _)| *me == person.chat_id);
    let permissions = viewer.as_ref().map_or_else(Permissions::default, |(me, mine)| {
        Permissions::for_user(person, me, *mine)
    });
    let inside = html! {
        <>
            <span class={classes!("portrait", away.then_some("away"))}><AvatarPicture avatar={person.avatar.clone()} /></span>
            <Named name={person.name.to_string()} status={person.status.clone()} />
            if away { <span class="unseen">{ words.away }</span> }
            if is_me {
                <small>{ words.you }</small>
            } else if *guests && person.role.is_guest() {
                <small>{ (words.people.role)(Role::Guest) }</small>
            }
            if *gone {
                <small>{ words.left }</small>
            }
            <RoleBadge role={person.role} />
        </>
    };
    let choose = {
        let person = person.clone();
        on_choose.reform(move |_: MouseEvent| person.clone())
    };
    html! {
        <li class={classes!("person", gone.then_some("gone"))}>
            if !permissions.is_empty() && !gone {
                <button type="button" class="plain" aria-haspopup="dialog" onclick={choose}>{ inside }</button>
            } else {
                { inside }
            }
            if !is_me && !gone { <DirectButton person={person.chat_id.clone()} name={person.name.to_string()} /> }
        </li>
    }
}
