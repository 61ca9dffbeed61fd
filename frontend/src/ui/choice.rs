//! Renders a choice of one of a few options: radio buttons that look like one piece.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct ChoicesProps {
    /// The label of the choice; also the group's name.
    pub label: AttrValue,
    /// The options' labels and, where they are in another language, its tag.
    pub options: Vec<(AttrValue, Option<AttrValue>)>,
    pub chosen: usize,
    pub on_choose: Callback<usize>,
}

/// Renders a group of options of which one is chosen.
#[component(Choices)]
pub fn choices(props: &ChoicesProps) -> Html {
    let options = props.options.iter().enumerate().map(|(at, (label, lang))| {
        html! {
            <label lang={lang.clone()} key={at}>
                <input type="radio" name={props.label.clone()} checked={at == props.chosen}
                    onchange={props.on_choose.reform(move |_| at)} />
                <span>{ label }</span>
            </label>
        }
    });
    html! {
        <fieldset class="choices">
            <legend>{ &props.label }</legend>
            <div>{ for options }</div>
        </fieldset>
    }
}
