//! Renders the list of all users whom the server knows.

use std::rc::Rc;

use snug_shared::{
    ids::RoomId,
    people::{Role, UserRecord},
    presence::ChatUser,
    unicode::folded,
};
use yew::prelude::*;

use super::{
    permissions::Permissions,
    person::{PersonDialog, state_of, user_of},
    role_badge::RoleBadge,
};
use crate::{
    client::admin,
    features::request::{sentence, use_request},
    prefs::use_words,
    store::{use_selected, use_store},
    ui::{AvatarPicture, Icon, IconPicture, SearchField},
};

#[component(People)]
pub(super) fn people() -> Html {
    let (lang, words) = use_words();
    let said = words.admin;
    let store = use_store();
    let known = use_state(|| None::<Rc<[UserRecord]>>);
    let text = use_state_eq(String::new);
    let search = folded(text.trim());
    let chosen = use_state_eq(|| None::<ChatUser>);
    let request = use_request();
    let you = use_selected(|state| state.replica.you().map(|you| (you.chat_id.clone(), you.role)));
    let load = {
        let (known, request) = (known.clone(), request.clone());
        Callback::from(move |()| {
            let known = known.clone();
            request.send_latest(admin::people(), move |them| known.set(Some(them.into())));
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let on_text = {
        let text = text.clone();
        Callback::from(move |written: String| text.set(written))
    };
    let on_close = {
        let chosen = chosen.clone();
        Callback::from(move |()| chosen.set(None))
    };
    use_selected(|state| state.roster_revision);
    let state = store.state();
    let lobby = state.replica.room(&RoomId::lobby());
    // A guest who is online is listed under the present name.
    let shown = |it: &UserRecord| {
        let here = lobby.filter(|_| it.role.is_guest());
        let here = here.and_then(|room| {
            room.roster
                .people()
                .iter()
                .find(|person| person.chat_id == it.chat_id)
        });
        here.cloned().unwrap_or_else(|| user_of(it))
    };
    let row = |it: &UserRecord| {
        let person = shown(it);
        let permissions = you.as_ref().map_or_else(Permissions::default, |(me, mine)| {
            Permissions::for_user(&person, me, *mine)
        });
        let is_me = you.as_ref().is_some_and(|(me, _)| *me == it.chat_id);
        let mut about = vec![(words.people.role)(it.role).to_owned()];
        if is_me {
            about.push(words.you.to_owned());
        }
        let state = state_of(it, said, lang).join(" · ");
        let inside = html! {
            <>
                <AvatarPicture avatar={person.avatar.clone()} />
                <span class="who-and-what">
                    <b dir="auto">{ person.name.as_str() }</b>
                    <small>{ about.join(" · ") }</small>
                    if !state.is_empty() { <small class="state">{ state }</small> }
                </span>
                if it.role >= Role::Moderator { <RoleBadge role={it.role} /> }
            </>
        };
        let choose = {
            let (chosen, person) = (chosen.clone(), person.clone());
            Callback::from(move |_: MouseEvent| chosen.set(Some(person.clone())))
        };
        html! {
            <li key={it.chat_id.as_str()}>
                if !permissions.is_empty() {
                    <button type="button" class="plain known" data-choice="" aria-haspopup="dialog" onclick={choose}>
                        { inside }<IconPicture icon={Icon::Onwards} />
                    </button>
                } else {
                    <div class="known">{ inside }</div>
                }
            </li>
        }
    };
    let found: Option<Vec<&UserRecord>> = known.as_ref().map(|known| {
        let fits = |it: &&UserRecord| folded(shown(it).name.as_str()).contains(search.as_str());
        known.iter().filter(fits).collect()
    });
    html! {
        <>
            <p class="about">{ said.members_about }</p>
            <SearchField label={said.search_people} clear={words.clear_search} list="known-people" text={(*text).clone()} {on_text} />
            <p class="form-note" role="alert">{ request.failure().map(|failure| sentence(failure, lang)) }</p>
            <div id="known-people">{ match found {
                None => html! { <p class="about">{ said.loading }</p> },
                Some(found) if found.is_empty() => html! { <p class="about">{ said.no_people_found }</p> },
                Some(found) => html! { <ul class="rows" aria-label={said.members}>{ for found.into_iter().map(row) }</ul> },
            } }</div>
            if let Some(person) = (*chosen).clone() {
                <PersonDialog {person} {on_close} on_done={load} />
            }
        </>
    }
}
