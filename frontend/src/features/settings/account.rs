//! What one is here, and the ways out.

use snug_shared::people::Role;
use yew::prelude::*;

use super::section::Page;
use crate::{
    browser,
    client::{people, saving},
    features::asking::{sentence, use_asking},
    history::use_navigator,
    prefs::use_words,
    route::Route,
    store::{use_selected, use_store},
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(super) struct AccountProps {
    pub(super) member: bool,
    pub(super) on_open: Callback<(Page, MouseEvent)>,
}

#[component(AccountSettings)]
pub(super) fn account_settings(props: &AccountProps) -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let store = use_store();
    let navigator = use_navigator();
    let leaving = use_asking();
    let role = use_selected(|state| state.replica.you().map_or(Role::Guest, |you| you.role));
    let leave = Callback::from(move |_: MouseEvent| navigator.push(Route::Join));
    let sign_out = {
        let leaving = leaving.clone();
        Callback::from(move |_: MouseEvent| {
            // Otherwise the end of the session would reach the page before the answer, as if somebody else had ended it.
            store.leave();
            let stays = store.clone();
            let out = async move {
                let answer = people::sign_out().await;
                if answer.is_err() {
                    stays.enter();
                }
                answer
            };
            leaving.ask(out, |()| {
                saving::forget_person();
                let _ = browser::window().location().assign("/");
            });
        })
    };
    if props.member {
        html! {
            <>
                <p class="you-are">{ (said.you_are)(role.max(Role::Member)) }</p>
                <p class="form-note" role="alert">{ leaving.failure().map(|failure| sentence(failure, lang)) }</p>
                <button type="button" class="leave" onclick={sign_out}>{ said.sign_out }</button>
                <div class="account-pages last"><PageButton page={Page::Erase} on_open={props.on_open.clone()} /></div>
            </>
        }
    } else {
        html! {
            <>
                <p class="you-are">{ said.keep_name_why }</p>
                <div class="account-pages"><PageButton page={Page::Keep} on_open={props.on_open.clone()} /></div>
                <hr />
                <button type="button" class="leave" onclick={leave}>{ words.leave }</button>
            </>
        }
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct PageButtonProps {
    pub(super) page: Page,
    pub(super) on_open: Callback<(Page, MouseEvent)>,
}

/// The way to a page of a section.
#[component(PageButton)]
pub(super) fn page_button(props: &PageButtonProps) -> Html {
    let (_, words) = use_words();
    let page = props.page;
    let onclick = props.on_open.reform(move |event: MouseEvent| (page, event));
    html! {
        <button type="button" {onclick}>{ page.title(words.people) }<IconPicture icon={Icon::Onwards} /></button>
    }
}
