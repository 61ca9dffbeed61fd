//! Sets the user's status.

use snug_shared::{error_code::ErrorCode, status::Status};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{use_selected, use_store},
    ui::{Icon, IconPicture},
};

/// Renders a field, and a few frequent statuses. A status takes effect at once.
#[component(StatusForm)]
pub(crate) fn status_form() -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let status = use_selected(|state| {
        state
            .own_presence
            .status()
            .map(ToString::to_string)
            .unwrap_or_default()
    });
    let field = use_node_ref();
    let text = use_state_eq(|| status.clone());
    let parsed = parse(&text);

    {
        let (field, text) = (field.clone(), text.clone());
        // Also if it was set on another device.
        use_effect_with(status.clone(), move |status| {
            if let Some(input) = field.cast::<HtmlInputElement>() {
                input.set_value(status);
                text.set(status.clone());
            }
        });
    }
    let oninput = {
        let (field, text) = (field.clone(), text.clone());
        Callback::from(move |_: InputEvent| {
            let value = field.cast::<HtmlInputElement>().map(|it| it.value());
            text.set(value.unwrap_or_default());
        })
    };
    let onsubmit = {
        let (store, parsed) = (store.clone(), parsed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Ok(status) = &parsed {
                store.set_status(status.clone());
            }
        })
    };
    let clear = {
        let (store, field, text) = (store.clone(), field.clone(), text.clone());
        Callback::from(move |_: MouseEvent| {
            text.set(String::new());
            store.set_status(None);
            if let Some(input) = field.cast::<HtmlInputElement>() {
                input.set_value("");
                let _ = input.focus();
            }
        })
    };
    let suggestions = words.status_suggestions.iter().map(|suggestion| {
        let store = store.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            store.set_status(Status::try_from(*suggestion).ok());
        });
        let pressed = (status == *suggestion).to_string();
        html! {
            <button type="button" class="small" key={*suggestion} aria-pressed={pressed} {onclick}>{ *suggestion }</button>
        }
    });
    let refused = parsed.as_ref().err();
    let changes = parsed.as_ref().is_ok_and(|it| shown(it.as_ref()) != status);
    let note = match refused {
        Some(code) => code.sentence(lang),
        None if !status.is_empty() && !changes => words.status_is_shown.to_owned(),
        None => String::new(),
    };
    html! {
        <form class="status-form" data-unsaved={(changes || refused.is_some()).then_some("")} novalidate=true {onsubmit}>
            <label class="field">
                <span>{ words.status }</span>
                <input ref={field} type="text" autocomplete="off" enterkeyhint="done" dir="auto" placeholder={words.status_example}
                    aria-describedby="status-note" aria-invalid={refused.is_some().then_some("true")} {oninput} />
            </label>
            <button type="button" class="plain close clear" aria-label={words.status_clear} title={words.status_clear}
                disabled={text.is_empty()} onclick={clear}><IconPicture icon={Icon::Close} /></button>
            <button type="submit" class="set" disabled={!changes}>{ words.status_set }</button>
            <p id="status-note" class={classes!("field-note", refused.is_none().then_some("fine"))} aria-live="polite">{ note }</p>
            <div class="suggestions" role="group" aria-label={words.status_suggested}>{ for suggestions }</div>
        </form>
    }
}

/// Parses a text as a status; `None`, if it is empty.
fn parse(text: &str) -> Result<Option<Status>, ErrorCode> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Status::try_from(text).map(Some)
}

fn shown(status: Option<&Status>) -> &str {
    status.map_or("", Status::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::words;
    use snug_shared::lang::Lang;

    #[test]
    fn what_is_suggested_can_be_said() {
        for lang in Lang::ALL {
            for suggestion in words(lang).status_suggestions {
                assert_eq!(
                    parse(suggestion).map(|it| shown(it.as_ref()).to_owned()),
                    Ok(suggestion.to_owned())
                );
            }
        }
    }

    #[test]
    fn an_empty_field_says_nothing_more() {
        assert_eq!(parse(" \t"), Ok(None));
        let mended = parse("a\u{202E}b").map(|it| shown(it.as_ref()).to_owned());
        assert_eq!(mended, Ok("ab".to_owned()));
    }
}
