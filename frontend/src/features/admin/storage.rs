//! Renders how much disk space the data takes, and how much each user has written.

use std::rc::Rc;

use snug_shared::{
    api::{RoomUsage, Storage as Told, StorageBreakdown, Usage, UserUsage},
    rooms::Kind,
};
use yew::prelude::*;

use crate::{
    client::admin,
    features::request::{sentence, use_request},
    i18n::storage::{Storage as Words, size, words as storage_words},
    prefs::use_words,
};

#[component(Storage)]
pub(super) fn storage() -> Html {
    let (lang, words) = use_words();
    let said = storage_words(lang);
    let told = use_state(|| None::<Rc<Told>>);
    let request = use_request();
    {
        let (told, request) = (told.clone(), request.clone());
        use_effect_with((), move |()| {
            request.send(admin::storage(), move |it| told.set(Some(it.into())));
        });
    }
    html! {
        <>
            <p class="form-note" role="alert">{ request.failure().map(|failure| sentence(failure, lang)) }</p>
            { match &*told {
                None => html! { <p class="about">{ words.admin.loading }</p> },
                Some(told) => html! {
                    <div class="storage">
                        { sizes(told, said) }
                        { for told.breakdown.as_ref().map(|it| breakdown(it, said)) }
                    </div>
                },
            } }
        </>
    }
}

fn sizes(told: &Told, said: &Words) -> Html {
    let used = told.database.saturating_sub(told.reusable) + told.log;
    let of_limit = match told.max_data {
        Some(most) => (said.used_of)(&size(used), &size(most)),
        None => size(used),
    };
    let line = |name: &'static str, value: String, note: Option<String>| {
        html! {
            <div>
                <dt>{ name }</dt>
                <dd>{ value }if let Some(note) = note { <small>{ note }</small> }</dd>
            </div>
        }
    };
    html! {
        <>
            if told.full {
                <div class="storage-full" role="status"><p><b>{ said.full }</b></p><p>{ said.full_about }</p></div>
            }
            if let Some(most) = told.max_data {
                <meter min="0" max={most.to_string()} high={(most / 10 * 9).to_string()} optimum="0" value={used.to_string()}
                    aria-label={said.used}>{ of_limit.clone() }</meter>
            }
            <dl>
                { line(said.used, of_limit, told.max_data.is_none().then(|| said.no_limit.to_owned())) }
                { line(said.free, size(told.free), (told.min_free > 0).then(|| (said.min_free)(&size(told.min_free)))) }
                { line(said.reusable, size(told.reusable), None) }
                { line(said.log, size(told.log), None) }
                { line(said.recent, (said.used_of)(&size(told.recent), &size(told.max_recent)), None) }
            </dl>
        </>
    }
}

fn breakdown(written: &StorageBreakdown, said: &Words) -> Html {
    let messages = |sum: Usage| (said.messages)(sum.count);
    let line = |name: &'static str, sum: Usage, count: String| {
        html! { <div><dt>{ name }</dt><dd>{ size(sum.bytes) }<small>{ count }</small></dd></div> }
    };
    let person = |it: &UserUsage| {
        html! {
            <li key={it.chat_id.as_str()}>
                <span dir="auto">{ it.name.as_str() }if it.guest { <small>{ said.guest }</small> }</span>
                <b>{ size(it.sum.bytes) }</b>
                <small>{ messages(it.sum) }</small>
            </li>
        }
    };
    let room = |it: &RoomUsage| {
        let name = match (&it.name, it.kind) {
            (Some(name), _) => html! { <span dir="auto">{ "#" }{ name.as_str() }</span> },
            (None, Kind::Direct) => html! { <span>{ said.conversation }</span> },
            (None, _) => html! { <span>{ said.private_room }</span> },
        };
        html! { <li>{ name }<b>{ size(it.sum.bytes) }</b><small>{ messages(it.sum) }</small></li> }
    };
    html! {
        <>
            <h2>{ said.written }</h2>
            if written.partial { <p class="about">{ said.partial }</p> }
            <dl>
                { line(said.members, written.members, messages(written.members)) }
                { line(said.guests, written.guests, messages(written.guests)) }
                { line(said.pictures, written.pictures, (said.files)(written.pictures.count)) }
            </dl>
            if written.people.is_empty() {
                <p class="about">{ said.nothing }</p>
            } else {
                <h2>{ said.people }</h2>
                <ol aria-label={said.people}>{ for written.people.iter().map(person) }</ol>
                <h2>{ said.rooms }</h2>
                <ol aria-label={said.rooms}>{ for written.rooms.iter().map(room) }</ol>
                <p class="about">{ said.about }</p>
            }
        </>
    }
}
