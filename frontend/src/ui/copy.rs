//! Renders a text that is to be copied: a link, for example.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlInputElement};
use yew::prelude::*;

use crate::browser;

#[derive(PartialEq, Properties)]
pub struct CopyProps {
    pub label: AttrValue,
    pub text: AttrValue,
    pub copy: AttrValue,
    pub copied: AttrValue,
}

/// Renders the text, selected by a click, and a button that copies it.
#[component(CopyField)]
pub fn copy_field(props: &CopyProps) -> Html {
    let field = use_node_ref();
    let copied = use_state_eq(|| false);
    {
        let copied = copied.clone();
        use_effect_with(props.text.clone(), move |_| copied.set(false));
    }
    let select = {
        let field = field.clone();
        move || {
            if let Some(input) = field.cast::<HtmlInputElement>() {
                input.select();
            }
        }
    };
    let onclick = {
        let (copied, select) = (copied.clone(), select.clone());
        Callback::from(move |_: MouseEvent| {
            select();
            // Old, but available everywhere: the newer API is missing without HTTPS, as at home.
            let document = browser::document().dyn_into::<HtmlDocument>();
            copied.set(document.is_ok_and(|it| it.exec_command("copy").unwrap_or(false)));
        })
    };
    let onfocus = Callback::from(move |_: FocusEvent| select());
    html! {
        <div class="copy">
            <input ref={field} type="text" readonly=true aria-label={props.label.clone()} value={props.text.clone()} {onfocus} />
            <button type="button" class="small" aria-live="polite" {onclick}>
                { if *copied { &props.copied } else { &props.copy } }
            </button>
        </div>
    }
}
