//! Signs the user out: a guest who leaves cannot come back as the same user.

use yew::prelude::*;

use super::register::focus;
use crate::{
    browser,
    client::{people, storage},
    features::request::{Request, sentence, use_request},
    prefs::use_words,
    store::{Shared, use_store},
};

/// Ends the session, and removes its user from this browser's storage.
pub(super) fn sign_out(store: &Shared, leaving: &Request) {
    // Otherwise the end of the session would reach the page before the answer, as if another device had ended it.
    store.leave();
    let stays = store.clone();
    let out = async move {
        let answer = people::sign_out().await;
        if answer.is_err() {
            stays.enter();
        }
        answer
    };
    leaving.send(out, |()| {
        storage::forget_person();
        browser::go_home();
    });
}

/// Renders what a guest loses, and the button that ends the session.
#[component(LeaveAsGuest)]
pub(super) fn leave_as_guest() -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let leaving = use_request();
    let first = use_node_ref();
    {
        let first = first.clone();
        use_effect_with((), move |()| focus(&first));
    }
    let onclick = {
        let leaving = leaving.clone();
        Callback::from(move |_: MouseEvent| sign_out(&store, &leaving))
    };
    html! {
        <div class="account-form">
            <p ref={first} tabindex="-1">{ words.leave_guest }</p>
            <p>{ words.leave_guest_stays }</p>
            <p class="form-note" role="alert">{ leaving.failure().map(|failure| sentence(failure, lang)) }</p>
            <button type="button" class="leave" aria-disabled={leaving.busy().then_some("true")} {onclick}>
                { if leaving.busy() { words.people.please_wait } else { words.leave_server } }
            </button>
        </div>
    }
}
