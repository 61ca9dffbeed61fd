//! Renders a password field, covered until the user uncovers it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct PasswordProps {
    pub node: NodeRef,
    /// The id of the field; unique on the page.
    pub id: AttrValue,
    pub label: AttrValue,
    /// The `autocomplete` attribute: `current-password` or `new-password`.
    pub autocomplete: AttrValue,
    /// The button's name, and its labels while the password is covered and while it is not.
    pub show: (AttrValue, AttrValue, AttrValue),
    /// The error of the input, if there is one.
    #[prop_or_default]
    pub bad: Option<AttrValue>,
    /// A further note about the input.
    #[prop_or_default]
    pub note: AttrValue,
    #[prop_or_default]
    pub oninput: Callback<InputEvent>,
}

/// Renders the field, the button that uncovers it, and a line for the error, whose space is always reserved.
#[component(PasswordField)]
pub fn password_field(props: &PasswordProps) -> Html {
    let shown = use_state_eq(|| false);
    let toggle = {
        let (shown, node) = (shown.clone(), props.node.clone());
        Callback::from(move |_: MouseEvent| {
            shown.set(!*shown);
            if let Some(input) = node.cast::<HtmlInputElement>() {
                let _ = input.focus();
            }
        })
    };
    let note_id = format!("{}-note", props.id);
    let (name, show, hide) = &props.show;
    html! {
        <>
            <div class="password">
                <label class="field" for={props.id.clone()}><span>{ &props.label }</span></label>
                <div>
                    <input ref={props.node.clone()} id={props.id.clone()} type={if *shown { "text" } else { "password" }}
                        autocomplete={props.autocomplete.clone()} autocapitalize="none" spellcheck="false" enterkeyhint="go"
                        aria-describedby={note_id.clone()} aria-invalid={props.bad.is_some().then_some("true")}
                        oninput={props.oninput.clone()} />
                    <button type="button" class="plain" aria-label={name.clone()} aria-pressed={shown.to_string()} onclick={toggle}>
                        { if *shown { hide } else { show } }
                    </button>
                </div>
            </div>
            <p id={note_id} class={classes!("field-note", props.bad.is_none().then_some("fine"))}
                role={props.bad.is_some().then_some("alert")}>
                { props.bad.as_ref().unwrap_or(&props.note) }
            </p>
        </>
    }
}
