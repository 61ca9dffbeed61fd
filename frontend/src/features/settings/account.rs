//! Renders the user's account, and the ways to leave it.

use snug_shared::people::Role;
use yew::prelude::*;

use super::{leave::sign_out, section::Page};
use crate::{
    features::request::{sentence, use_request},
    prefs::use_words,
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
    let leaving = use_request();
    let role = use_selected(|state| state.replica.you().map_or(Role::Guest, |you| you.role));
    let to_page = |page: Page| html! { <PageButton {page} on_open={props.on_open.clone()} /> };
    if props.member {
        let onclick = {
            let leaving = leaving.clone();
            Callback::from(move |_: MouseEvent| sign_out(&store, &leaving))
        };
        html! {
            <>
                <p class="you-are">{ (said.you_are)(role.max(Role::Member)) }</p>
                <p class="form-note" role="alert">{ leaving.failure().map(|failure| sentence(failure, lang)) }</p>
                <button type="button" class="leave" {onclick}>{ said.sign_out }</button>
                <div class="account-pages last">{ to_page(Page::DeleteAccount) }</div>
            </>
        }
    } else {
        html! {
            <>
                <p class="you-are">{ said.create_account_about }</p>
                <div class="account-pages">{ to_page(Page::CreateAccount) }</div>
                <hr />
                <div class="account-pages last">{ to_page(Page::Leave) }</div>
            </>
        }
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct PageButtonProps {
    pub(super) page: Page,
    pub(super) on_open: Callback<(Page, MouseEvent)>,
}

/// Renders the button that opens a page of a section.
#[component(PageButton)]
pub(super) fn page_button(props: &PageButtonProps) -> Html {
    let (_, words) = use_words();
    let page = props.page;
    let onclick = props.on_open.reform(move |event: MouseEvent| (page, event));
    html! {
        <button type="button" {onclick}>{ page.title(words) }<IconPicture icon={Icon::Onwards} /></button>
    }
}
