//! Renders the user's passkeys, and adds or removes one.

use snug_shared::{api::Proof, error_code::ErrorCode, passkeys::Passkey, people::Password};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{confirm::ConfirmPassword, register::focus};
use crate::{
    client::{
        http::Failure,
        passkeys::{self, Impossible, Trouble},
    },
    features::{
        passkeys::sentence,
        request::{self, use_request},
    },
    i18n::{Style, format},
    prefs::use_words,
    ui::{Icon, IconPicture},
};

/// Renders the passkeys of a registered user.
#[component(PasskeySettings)]
pub(crate) fn passkey_settings() -> Html {
    let (lang, words) = use_words();
    let passkeys = words.passkeys;
    let possible = use_memo((), |()| passkeys::possible());
    let list = use_state_eq(|| None::<Vec<Passkey>>);
    let trouble = use_state_eq(|| None::<Trouble>);
    let busy = use_state_eq(|| false);
    let confirms = use_state_eq(|| false);
    let adds = use_node_ref();
    let read = {
        let (list, trouble) = (list.clone(), trouble.clone());
        async move || match passkeys::list().await {
            Ok(all) => list.set(Some(all)),
            Err(failure) => trouble.set(Some(failure.into())),
        }
    };
    {
        let read = read.clone();
        use_effect_with((), move |()| {
            wasm_bindgen_futures::spawn_local(async move { read().await });
        });
    }
    let confirm = {
        let (confirms, trouble) = (confirms.clone(), trouble.clone());
        Callback::from(move |_: MouseEvent| {
            trouble.set(None);
            confirms.set(true);
        })
    };
    {
        let adds = adds.clone();
        // Not at the first render: the focus has not been in the field yet.
        let came = use_mut_ref(|| false);
        use_effect_with(*confirms, move |confirms| {
            if came.replace(true) && !confirms {
                focus(&adds);
            }
        });
    }
    let on_input = {
        let trouble = trouble.clone();
        Callback::from(move |()| trouble.set(None))
    };
    let add = {
        let (busy, trouble, read) = (busy.clone(), trouble.clone(), read.clone());
        let confirms = confirms.clone();
        Callback::from(move |password: Password| {
            if *busy {
                return;
            }
            let (busy, trouble, read) = (busy.clone(), trouble.clone(), read.clone());
            let confirms = confirms.clone();
            busy.set(true);
            trouble.set(None);
            wasm_bindgen_futures::spawn_local(async move {
                match passkeys::add(Proof { password }).await {
                    Ok(()) => {
                        confirms.set(false);
                        read().await;
                    }
                    Err(why) => {
                        // After a wrong password the user tries again in its field.
                        confirms.set(is_wrong_password(&why));
                        trouble.set(Some(why));
                    }
                }
                busy.set(false);
            });
        })
    };
    let wrong = trouble.as_ref().is_some_and(is_wrong_password);
    let on_removed = {
        let (adds, trouble) = (adds.clone(), trouble.clone());
        Callback::from(move |()| {
            trouble.set(None);
            let read = read.clone();
            wasm_bindgen_futures::spawn_local(async move { read().await });
            if let Some(button) = adds.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        })
    };
    let rows = list.iter().flatten().map(|it| {
        html! { <Row key={it.id.as_str()} passkey={it.clone()} on_removed={on_removed.clone()} /> }
    });
    let none = list.as_ref().is_some_and(Vec::is_empty);
    let impossible = possible.as_ref().err().map(|why| match why {
        Impossible::Browser => passkeys.unsupported.to_owned(),
        Impossible::Address => ErrorCode::PasskeysUnavailable.sentence(lang),
    });
    let said = trouble
        .as_ref()
        .filter(|_| !wrong)
        .map(|it| sentence(it, passkeys.not_added, lang));
    html! {
        <section class="passkeys" aria-labelledby="passkeys">
            <h2 id="passkeys">{ passkeys.passkeys }</h2>
            <p>{ passkeys.about }</p>
            <div class="passkey-list">
                <ul>{ for rows }</ul>
                if none {
                    <p>{ passkeys.none }</p>
                }
            </div>
            <p class="form-note" role="alert">{ said }</p>
            if let Some(why) = impossible {
                <p>{ why }</p>
            } else if *confirms {
                <ConfirmPassword id="passkey-password" busy={*busy} {wrong} on_password={add} {on_input} />
            } else {
                <button ref={adds} type="button" class="small" onclick={confirm}>
                    <IconPicture icon={Icon::Add} />
                    { passkeys.add }
                </button>
            }
        </section>
    }
}

fn is_wrong_password(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Server(Failure::Refused(it)) if it.error == ErrorCode::WrongPassword)
}

#[derive(PartialEq, Properties)]
struct RowProps {
    passkey: Passkey,
    on_removed: Callback<()>,
}

/// Renders a passkey. The confirmation of its removal replaces it.
#[component(Row)]
fn row(props: &RowProps) -> Html {
    let (lang, words) = use_words();
    let passkeys = words.passkeys;
    let request = use_request();
    let sure = use_state_eq(|| None::<bool>);
    let (removes, keeps) = (use_node_ref(), use_node_ref());
    {
        let (removes, keeps) = (removes.clone(), keeps.clone());
        use_effect_with(*sure, move |sure| {
            let button = sure.map(|sure| if sure { keeps } else { removes });
            if let Some(button) = button.and_then(|it| it.cast::<HtmlElement>()) {
                let _ = button.focus();
            }
        });
    }
    let ask = |to: bool| {
        let sure = sure.clone();
        Callback::from(move |_: MouseEvent| sure.set(Some(to)))
    };
    let remove = {
        let (request, on_removed) = (request.clone(), props.on_removed.clone());
        let passkey = props.passkey.id.clone();
        Callback::from(move |_: MouseEvent| {
            let on_removed = on_removed.clone();
            request.send(passkeys::remove(passkey.clone()), move |()| on_removed.emit(()));
        })
    };
    let Passkey {
        name,
        added_at,
        last_used,
        ..
    } = &props.passkey;
    let date = |at| format(at, Style::Date, lang);
    let added = (passkeys.added)(&date(*added_at));
    let used = last_used.map(|at| (passkeys.used)(&date(at)));
    html! {
        <li>
            <IconPicture icon={Icon::Key} />
            <div class="about">
                <b dir="auto">{ name }</b>
                <small>{ added }{ for used.map(|used| format!(" · {used}")) }</small>
            </div>
            if *sure == Some(true) {
                <p>{ passkeys.remove_confirm }</p>
                <p class="form-note" role="alert">{ request.failure().map(|it| request::sentence(it, lang)) }</p>
                <div class="ways-out">
                    <button ref={keeps} type="button" class="stay" onclick={ask(false)}>{ words.admin.cancel }</button>
                    <button type="button" class="leave" onclick={remove}>
                        { if request.busy() { words.people.please_wait } else { passkeys.remove } }
                    </button>
                </div>
            } else {
                <button ref={removes} type="button" class="small quiet" aria-label={(passkeys.remove_named)(name)}
                    onclick={ask(true)}>{ passkeys.remove }</button>
            }
        </li>
    }
}
