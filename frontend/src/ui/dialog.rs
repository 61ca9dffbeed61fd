//! A dialog over the page: the browser keeps the focus in it and closes it on Escape.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};
use yew::prelude::*;

use super::{Icon, IconPicture};

#[derive(PartialEq, Properties)]
pub struct DialogProps {
    pub label: AttrValue,
    /// What the button says that closes it.
    pub close: AttrValue,
    pub on_close: Callback<()>,
    pub children: Html,
}

/// An open dialog; it is closed by no longer being rendered, and `on_close` asks for that.
#[component(Dialog)]
pub fn dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        let dialog = node.cast::<HtmlDialogElement>();
        if let Some(dialog) = &dialog {
            let _ = dialog.show_modal();
        }
        // Closing before it goes gives the focus back to where it came from.
        move || {
            if let Some(dialog) = dialog {
                dialog.close();
            }
        }
    });
    let oncancel = props.on_close.reform(|event: Event| event.prevent_default());
    let onclick = {
        let on_close = props.on_close.clone();
        // The content fills the dialog, so that only the space around it is the dialog itself.
        Callback::from(move |event: MouseEvent| {
            let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
            if target.is_some_and(|it| it.tag_name() == "DIALOG") {
                on_close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class="dialog" aria-label={props.label.clone()} {oncancel} {onclick}>
            <div class="dialog-inside">
                <button type="button" class="plain close" aria-label={props.close.clone()} onclick={props.on_close.reform(|_| ())}>
                    <IconPicture icon={Icon::Close} />
                </button>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
