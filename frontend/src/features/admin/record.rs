//! Renders the audit record of moderation, the newest entry first.

use std::rc::Rc;

use snug_shared::{
    ids::ChatId,
    limits::RECORDS,
    people::{AuditEntry as Entry, ModerationAction, UserRecord},
    presence::ChatUser,
    unicode::folded,
};
use yew::prelude::*;

use super::person::{PersonDialog, user_of};
use crate::{
    client::admin,
    features::request::{sentence, use_request},
    i18n::{Style, format},
    prefs::use_words,
    ui::{Icon, IconPicture, SearchField},
};

fn icon(act: &ModerationAction) -> Icon {
    match act {
        ModerationAction::SetRole { .. } => Icon::Moderator,
        ModerationAction::SetRules { .. } => Icon::Settings,
        ModerationAction::Mute { .. } => Icon::Talk,
        ModerationAction::Ban { .. } => Icon::Close,
        ModerationAction::Unban { .. } => Icon::Done,
        ModerationAction::SetSlowMode { .. } => Icon::Filter,
        ModerationAction::DeleteMessage { .. }
        | ModerationAction::DeleteRoom { .. }
        | ModerationAction::DeleteAccount { .. } => Icon::Delete,
    }
}

/// Returns the user whom an act concerns, if that user may still be known.
fn whom(act: &ModerationAction) -> Option<&ChatId> {
    match act {
        ModerationAction::SetRole { chat_id: person, .. }
        | ModerationAction::Mute { chat_id: person, .. }
        | ModerationAction::Ban { chat_id: person, .. }
        | ModerationAction::Unban { chat_id: person } => Some(person),
        _ => None,
    }
}

/// Renders a field that searches the loaded entries, and their list. A known user in it is a link to the acts about them.
#[component(Record)]
pub(super) fn record() -> Html {
    let (lang, words) = use_words();
    let said = words.admin;
    let entries = use_state(|| None::<Rc<[Entry]>>);
    let known = use_state(Rc::<[UserRecord]>::default);
    let chosen = use_state_eq(|| None::<ChatUser>);
    let text = use_state_eq(String::new);
    // Whether there are earlier entries.
    let more = use_state_eq(|| false);
    let (request, knowing) = (use_request(), use_request());
    let load = {
        let (entries, more, request) = (entries.clone(), more.clone(), request.clone());
        Callback::from(move |()| {
            let before: Vec<Entry> = entries.as_ref().map(|it| it.to_vec()).unwrap_or_default();
            let (entries, more) = (entries.clone(), more.clone());
            let n = before.last().map(|it| it.n);
            request.send(admin::record(n), move |older| {
                more.set(older.len() == RECORDS);
                entries.set(Some(before.into_iter().chain(older).collect()));
            });
        })
    };
    {
        let (load, known) = (load.clone(), known.clone());
        use_effect_with((), move |()| {
            load.emit(());
            knowing.send(admin::people(), move |people| known.set(people.into()));
        });
    }
    let row = |it: &Entry| {
        let person = whom(&it.action).and_then(|id| known.iter().find(|person| person.chat_id == *id));
        let inside = html! {
            <>
                <IconPicture icon={icon(&it.action)} />
                <span dir="auto">{ (said.action)(it) }</span>
                <time title={format(it.at, Style::Exact, lang)}>{ format(it.at, Style::Moment, lang) }</time>
            </>
        };
        let inside = match person.map(user_of) {
            None => html! { <div class="entry">{ inside }</div> },
            Some(person) => {
                let chosen = chosen.clone();
                let onclick = Callback::from(move |_: MouseEvent| chosen.set(Some(person.clone())));
                html! { <button type="button" class="plain entry" data-choice="" aria-haspopup="dialog" {onclick}>{ inside }</button> }
            }
        };
        html! { <li key={it.n.0}>{ inside }</li> }
    };
    let on_text = {
        let text = text.clone();
        Callback::from(move |written: String| text.set(written))
    };
    let on_close = {
        let chosen = chosen.clone();
        Callback::from(move |()| chosen.set(None))
    };
    let search = folded(text.trim());
    let found = entries.as_ref().map(|entries| {
        let fits = |it: &&Entry| folded(&(said.action)(it)).contains(&search);
        entries.iter().filter(fits).collect::<Vec<_>>()
    });
    let note = |sentence: &'static str| html! { <p class="about">{ sentence }</p> };
    html! {
        <>
            <SearchField label={said.search_audit_log} clear={words.clear_search} list="record" text={(*text).clone()} {on_text} />
            <p class="form-note" role="alert">{ request.failure().map(|failure| sentence(failure, lang)) }</p>
            <div id="record">
                { match found {
                    None => note(said.loading),
                    Some(found) if found.is_empty() && search.is_empty() => note(said.no_actions),
                    Some(found) if found.is_empty() => note(said.no_actions_found),
                    Some(found) => html! { <ol class="record" aria-label={said.audit_log}>{ for found.into_iter().map(row) }</ol> },
                } }
            </div>
            if *more {
                <button type="button" class="small" onclick={load.reform(|_: MouseEvent| ())}>{ said.more }</button>
            }
            if let Some(person) = (*chosen).clone() {
                <PersonDialog {person} {on_close} />
            }
        </>
    }
}
