//! Copies the link to a message.

use gloo_timers::callback::Timeout;
use snug_shared::ids::Position;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{browser, prefs::use_words, store::use_store, ui::Dialog};

/// The duration of the confirmation that the link was copied, in milliseconds.
const SAID_MS: u32 = 2_000;

/// The callback that copies a link, and its result; see [`use_copying`].
pub(super) struct Copying {
    /// The message whose link was copied just now.
    pub(super) copied: Option<Position>,
    pub(super) on_copy: Callback<Position>,
    /// The field that is shown where the browser lets no page write to the clipboard, as on plain HTTP.
    pub(super) by_hand: Html,
}

#[hook]
pub(super) fn use_copying() -> Copying {
    let store = use_store();
    let copied = use_state_eq(|| None::<(Position, f64)>);
    let by_hand = use_state_eq(|| None::<String>);
    {
        let copied = copied.clone();
        use_effect_with(*copied, move |it| {
            let timer = it.map(|_| Timeout::new(SAID_MS, move || copied.set(None)));
            move || drop(timer)
        });
    }
    let on_copy = {
        let (copied, by_hand) = (copied.clone(), by_hand.clone());
        Callback::from(move |n: Position| {
            let link = browser::home() + &store.state().link(n).to_string();
            let (copied, by_hand) = (copied.clone(), by_hand.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if browser::copy(&link).await {
                    copied.set(Some((n, browser::elapsed())));
                } else {
                    by_hand.set(Some(link));
                }
            });
        })
    };
    let on_close = {
        let by_hand = by_hand.clone();
        Callback::from(move |()| by_hand.set(None))
    };
    let link = (*by_hand).clone();
    Copying {
        copied: copied.map(|(n, _)| n),
        on_copy,
        by_hand: link.map_or_else(Html::default, |link| html! { <ByHand {link} {on_close} /> }),
    }
}

#[derive(PartialEq, Properties)]
struct ByHandProps {
    link: AttrValue,
    on_close: Callback<()>,
}

/// Renders the link in a field, selected.
#[component(ByHand)]
fn by_hand(props: &ByHandProps) -> Html {
    let (_, words) = use_words();
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(input) = field.cast::<HtmlInputElement>() {
                let _ = input.focus();
                input.select();
            }
        });
    }
    html! {
        <Dialog label={words.copy_link} close={words.close} on_close={props.on_close.clone()}>
            <h2>{ words.copy_link }</h2>
            <label class="field">
                <span>{ words.copy_by_hand }</span>
                <input ref={field} type="url" readonly=true value={props.link.clone()} />
            </label>
        </Dialog>
    }
}
