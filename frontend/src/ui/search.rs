//! Renders a search field. The arrow keys pick a result, Enter chooses it, and the focus stays in the field.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::{Icon, IconPicture};
use crate::browser;

/// The id of the picked result.
const PICKED: &str = "picked";

#[derive(PartialEq, Properties)]
pub struct SearchProps {
    pub label: AttrValue,
    /// The label of the button that empties the field.
    pub clear: AttrValue,
    /// The id of the element with the results. Each result to choose has the attribute `data-choice` in its `li`; while the
    /// element is `aria-busy`, its results are those of another search.
    pub list: AttrValue,
    pub text: AttrValue,
    pub on_text: Callback<String>,
    /// Whether the field gets the focus when it is rendered.
    #[prop_or_default]
    pub focus: bool,
}

/// Searches while the user types. The arrow keys pick a result, Enter chooses it, and the focus stays in the field.
#[component(SearchField)]
pub fn search_field(props: &SearchProps) -> Html {
    let field = use_node_ref();
    let picked = use_state_eq(|| false);
    {
        let (field, focus) = (field.clone(), props.focus);
        use_effect_with((), move |()| {
            if let Some(field) = field.cast::<HtmlInputElement>().filter(|_| focus) {
                let _ = field.focus();
            }
        });
    }
    {
        let field = field.clone();
        use_effect_with(props.text.clone(), move |text| {
            if let Some(field) = field
                .cast::<HtmlInputElement>()
                .filter(|it| it.value() != text.as_str())
            {
                field.set_value(text);
            }
        });
    }
    let write = {
        let (picked, on_text) = (picked.clone(), props.on_text.clone());
        Callback::from(move |text: String| {
            pick(None);
            picked.set(false);
            on_text.emit(text);
        })
    };
    let oninput = {
        let (field, write) = (field.clone(), write.clone());
        Callback::from(move |_: InputEvent| {
            let text = field.cast::<HtmlInputElement>().map(|it| it.value());
            write.emit(text.unwrap_or_default());
        })
    };
    let onkeydown = {
        let (picked, list, is_empty) = (picked.clone(), props.list.clone(), props.text.trim().is_empty());
        Callback::from(move |event: KeyboardEvent| {
            let other = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
            if other || event.is_composing() {
                return;
            }
            let now = browser::document().get_element_by_id(PICKED);
            let choices = choices(&list);
            let at = now
                .as_ref()
                .and_then(|now| choices.iter().position(|it| it == now));
            match event.key().as_str() {
                key @ ("ArrowDown" | "ArrowUp") if !choices.is_empty() => {
                    event.prevent_default();
                    pick(Some(&choices[next(at, choices.len(), key == "ArrowUp")]));
                    picked.set(true);
                }
                "Enter" if at.is_some() || !is_empty => {
                    event.prevent_default();
                    let choice = choices.get(at.unwrap_or(0)).filter(|_| !is_busy(&list));
                    if let Some(choice) = choice.and_then(|it| it.dyn_ref::<HtmlElement>()) {
                        choice.click();
                    }
                }
                _ => {}
            }
        })
    };
    let clear = {
        let field = field.clone();
        Callback::from(move |_: MouseEvent| {
            write.emit(String::new());
            if let Some(field) = field.cast::<HtmlInputElement>() {
                let _ = field.focus();
            }
        })
    };
    html! {
        <div class="search">
            <label class="field">
                <span class="unseen">{ &props.label }</span>
                <input ref={field} type="search" placeholder={props.label.clone()} autocomplete="off" autocapitalize="none"
                    spellcheck="false" dir="auto" enterkeyhint="search" autofocus={props.focus} aria-controls={props.list.clone()}
                    aria-activedescendant={picked.then_some(PICKED)} {oninput} {onkeydown} />
            </label>
            if !props.text.is_empty() {
                <button type="button" class="plain close" aria-label={props.clear.clone()} title={props.clear.clone()} onclick={clear}>
                    <IconPicture icon={Icon::Close} />
                </button>
            }
        </div>
    }
}

/// Returns the next index down or up, wrapping around at the ends.
fn next(at: Option<usize>, count: usize, up: bool) -> usize {
    match (at, up) {
        (None, false) => 0,
        (None, true) => count - 1,
        (Some(at), false) => (at + 1) % count,
        (Some(at), true) => (at + count - 1) % count,
    }
}

fn is_busy(list: &str) -> bool {
    let list = browser::document().get_element_by_id(list);
    list.is_some_and(|it| it.get_attribute("aria-busy").as_deref() == Some("true"))
}

fn choices(list: &str) -> Vec<Element> {
    let found = browser::document().query_selector_all(&format!("#{list} [data-choice]:not(:disabled)"));
    let Ok(found) = found else { return Vec::new() };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into().ok())
        .collect()
}

/// Moves the mark from the picked result to this one.
fn pick(choice: Option<&Element>) {
    if let Some(before) = browser::document().get_element_by_id(PICKED) {
        let _ = before.remove_attribute("id");
        let _ = row(&before).map(|row| row.remove_attribute("data-picked"));
    }
    if let Some(choice) = choice {
        choice.set_id(PICKED);
        if let Some(row) = row(choice) {
            let _ = row.set_attribute("data-picked", "");
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    }
}

fn row(choice: &Element) -> Option<Element> {
    choice.closest("li").ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrows_go_round() {
        let down = |at| next(at, 3, false);
        let up = |at| next(at, 3, true);
        assert_eq!([None, Some(0), Some(2)].map(down), [0, 1, 0]);
        assert_eq!([None, Some(2), Some(0)].map(up), [2, 1, 2]);
    }
}
