//! In the place of everything: one was put out.

use snug_shared::code::Code;
use yew::prelude::*;

use crate::{
    client::http::{self, Failure},
    features::asking::{sentence, use_asking},
    prefs::use_words,
    store::use_store,
    ui::Lamp,
};

/// The sentence, and a button. The page does not try by itself.
#[component(PutOut)]
pub(crate) fn put_out() -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let asking = use_asking();
    use_effect_with((), |()| crate::browser::document().set_title("Snug"));
    let again = {
        let asking = asking.clone();
        Callback::from(move |_: MouseEvent| {
            let store = store.clone();
            let may = async {
                match http::may_come().await {
                    // Coming in finds out the rest.
                    Err(Failure::Refused(it)) if it.error != Code::PutOut => Ok(()),
                    answer => answer,
                }
            };
            asking.ask(may, move |()| store.come_in());
        })
    };
    let said = match asking.failure() {
        Some(failure) => sentence(failure, lang),
        None => Code::PutOut.sentence(lang),
    };
    html! {
        <main class="alone put-out">
            <Lamp />
            <div role="alert"><h1>{ said }</h1></div>
            <button type="button" class="small" onclick={again}>
                { if asking.busy() { words.people.one_moment } else { words.try_again } }
            </button>
        </main>
    }
}
