//! Renders a chooser of users among those who are online.

use snug_shared::{
    ids::{ChatId, RoomId},
    presence::{ChatUser, with_resolved},
    unicode::folded,
};
use yew::prelude::*;

use crate::{
    client::members,
    features::{request::use_request, room_list::names, status::Named},
    i18n::order,
    prefs::use_words,
    store::{use_selected, use_store},
    ui::{AvatarPicture, SearchField},
};

/// The number of users that are listed; a search finds the others.
const LISTED: usize = 100;

#[derive(PartialEq, Properties)]
pub(crate) struct ChooserProps {
    /// The number of users that may be chosen.
    pub(crate) most: usize,
    /// The users who cannot be chosen, besides the user.
    #[prop_or_default]
    pub(crate) except: Vec<ChatId>,
    pub(crate) chosen: Vec<ChatUser>,
    pub(crate) on_change: Callback<Vec<ChatUser>>,
}

/// Renders a search field, the chosen users, and a list, which has the same height in every state.
#[component(Chooser)]
pub(crate) fn chooser(props: &ChooserProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let text = use_state_eq(String::new);
    let search = folded(text.trim());
    use_selected(|state| state.roster_revision);
    let found = use_state_eq(Vec::<ChatUser>::new);
    let request = use_request();
    {
        let (store, found) = (store.clone(), found.clone());
        use_effect_with(search.clone(), move |search| {
            let lobby = RoomId::lobby();
            let partial = (store.state().replica.room(&lobby)).is_some_and(|room| room.roster.is_partial());
            if partial {
                let search = search.clone();
                let people = async move { members::online(&RoomId::lobby(), &search).await };
                request.send_latest(people, move |people| found.set(people));
            }
        });
    }
    let on_text = {
        let text = text.clone();
        Callback::from(move |written: String| text.set(written))
    };

    let state = store.state();
    let me = state.replica.you().map(|you| &you.chat_id);
    let lobby = state.replica.room(&RoomId::lobby());
    let people = lobby.map(|room| room.roster.people()).unwrap_or_default();
    let people = with_resolved(people, (*found).clone());
    let found = people
        .iter()
        .filter(|it| me != Some(&it.chat_id) && !props.except.contains(&it.chat_id))
        .filter(|it| folded(it.name.as_str()).contains(&search))
        .take(LISTED);
    let mut found: Vec<&ChatUser> = found.collect();
    found.sort_by(|one, other| order(lang, one.name.as_str(), other.name.as_str()));
    let row = |person: &ChatUser| {
        let is_chosen = props.chosen.iter().any(|it| it.chat_id == person.chat_id);
        let full = props.chosen.len() >= props.most;
        let onchange = {
            let (person, chosen, on_change) = (person.clone(), props.chosen.clone(), props.on_change.clone());
            let text = text.clone();
            Callback::from(move |_: Event| {
                // The user was found and chosen: the next one has another name.
                text.set(String::new());
                let others = chosen.iter().filter(|it| it.chat_id != person.chat_id).cloned();
                let added = (!is_chosen).then(|| person.clone());
                on_change.emit(others.chain(added).collect());
            })
        };
        html! {
            <li key={person.chat_id.as_str()}>
                <label class="choosable">
                    <input type="checkbox" data-choice="" checked={is_chosen} disabled={full && !is_chosen} {onchange} />
                    <AvatarPicture avatar={person.avatar.clone()} />
                    <Named name={person.name.to_string()} status={person.status.clone()} />
                </label>
            </li>
        }
    };
    let rows: Vec<Html> = found.into_iter().map(row).collect();
    let with = match &props.chosen[..] {
        [] => (words.select_people)(props.most),
        chosen => (words.selected_people)(&names(chosen, words)),
    };
    html! {
        <div class="chooser" data-unsaved={(!props.chosen.is_empty()).then_some("")}>
            <SearchField label={words.search_people} clear={words.clear_search} list="people-to-choose" text={(*text).clone()}
                {on_text} focus=true />
            <p class="field-note fine" dir="auto" aria-live="polite">{ with }</p>
            <div class="choosables" id="people-to-choose">
                if rows.is_empty() {
                    <p class="note">{ if search.is_empty() { words.no_one_else_online } else { words.no_people_found } }</p>
                } else {
                    <ul aria-label={words.people_here}>{ for rows }</ul>
                }
            </div>
        </div>
    }
}
