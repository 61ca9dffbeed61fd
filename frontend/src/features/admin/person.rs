//! Renders the dialog with the acts of moderation about a user, opened from the lists of the administration page and of a room.

use snug_shared::{
    ids::Millis,
    lang::Lang,
    people::{ModerationAction, Role, UserRecord},
    presence::ChatUser,
};
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::permissions::Permissions;
use crate::{
    browser,
    client::admin,
    features::request::{sentence, use_request},
    i18n::{LATEST, Style, admin::Admin, format},
    prefs::use_words,
    store::use_selected,
    ui::{AvatarPicture, Dialog},
};

/// The durations that are offered, in minutes.
const TIMES: [u32; 3] = [10, 60, 1440];

/// The time within which an end is shown without its day: 20 hours, in milliseconds.
const SOON: f64 = 72_000_000.0;

#[derive(PartialEq, Properties)]
pub(crate) struct PersonProps {
    pub(crate) person: ChatUser,
    pub(crate) on_close: Callback<()>,
    /// The callback that is called after an act was carried out.
    #[prop_or_default]
    pub(crate) on_done: Callback<()>,
}

/// Returns the sentences about a user's ban and mute; none, if neither is in force.
pub(super) fn state_of(known: &UserRecord, said: &Admin, lang: Lang) -> Vec<String> {
    let when = |at: Millis| {
        let soon = (at.0 as f64) - browser::now() < SOON;
        format(at, if soon { Style::Time } else { Style::Moment }, lang)
    };
    let out = known.banned_until.map(|until| match until.0 {
        LATEST.. => said.banned_permanently.to_owned(),
        _ => (said.banned_until)(&when(until)),
    });
    let muted = known.muted_until.map(|until| (said.muted_until)(&when(until)));
    out.into_iter().chain(muted).collect()
}

#[component(PersonDialog)]
pub(crate) fn person_dialog(props: &PersonProps) -> Html {
    let (lang, words) = use_words();
    let said = words.admin;
    let known = use_state(|| None::<UserRecord>);
    // The act that is carried out once it is confirmed.
    let unsure = use_state_eq(|| None::<(String, AttrValue, ModerationAction)>);
    let (loading, acting) = (use_request(), use_request());
    let (status, cancel, address) = (use_node_ref(), use_node_ref(), use_node_ref());
    let you = use_selected(|state| state.replica.you().map(|you| (you.chat_id.clone(), you.role)));

    let load = {
        let (known, loading, id) = (known.clone(), loading.clone(), props.person.chat_id.clone());
        Callback::from(move |()| {
            let (known, id) = (known.clone(), id.clone());
            loading.send_latest(admin::people(), move |people| {
                known.set(people.into_iter().find(|it| it.chat_id == id));
            });
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    {
        let cancel = cancel.clone();
        use_effect_with(unsure.is_some(), move |_| {
            if let Some(button) = cancel.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    let act = {
        let (acting, unsure, status) = (acting.clone(), unsure.clone(), status.clone());
        let on_done = props.on_done.clone();
        Callback::from(move |act: ModerationAction| {
            let (load, on_done, unsure, status) =
                (load.clone(), on_done.clone(), unsure.clone(), status.clone());
            acting.send(admin::act(act), move |()| {
                unsure.set(None);
                load.emit(());
                on_done.emit(());
                // The button that was pressed may be removed.
                if let Some(line) = status.cast::<HtmlElement>() {
                    let _ = line.focus();
                }
            });
        })
    };
    let confirm = {
        let (unsure, acting) = (unsure.clone(), acting.clone());
        Callback::from(move |what: (String, AttrValue, ModerationAction)| {
            acting.clear_failure();
            unsure.set(Some(what));
        })
    };

    let known = known.as_ref();
    // A guest has another name each time.
    let kept = known.filter(|it| it.role >= Role::Member);
    let person = kept.map_or_else(|| props.person.clone(), user_of);
    let name = person.name.as_str().to_owned();
    let id = &person.chat_id;
    let permissions = you.map_or_else(Permissions::default, |(me, mine)| {
        Permissions::for_user(&person, &me, mine)
    });
    let failure = acting.failure().map(|failure| sentence(failure, lang));
    let button = |label: String, act_now: ModerationAction| {
        let onclick = act.reform(move |_: MouseEvent| act_now.clone());
        html! { <button type="button" class="small" {onclick}>{ label }</button> }
    };
    let ask_first = |label: String, sure: String, yes: String, then: ModerationAction| {
        let onclick = confirm.reform(move |_: MouseEvent| (sure.clone(), yes.clone().into(), then.clone()));
        html! { <button type="button" class="small" {onclick}>{ label }</button> }
    };

    let roles = [Role::Member, Role::Moderator, Role::Owner]
        .into_iter()
        .filter(|role| *role != person.role);
    let roles = roles.map(|role| {
        let (label, then) = (
            (said.make)(role),
            ModerationAction::SetRole {
                chat_id: id.clone(),
                role,
            },
        );
        if role == Role::Owner {
            ask_first(label.clone(), (said.owner_confirm)(&name), label, then)
        } else if person.role == Role::Owner {
            ask_first(label.clone(), said.step_down_confirm.to_owned(), label, then)
        } else {
            button(label, then)
        }
    });
    let mute = |minutes| ModerationAction::Mute {
        chat_id: id.clone(),
        minutes,
    };
    let mutes = match known.and_then(|it| it.muted_until) {
        Some(_) => button(said.unmute.to_owned(), mute(0)),
        None => TIMES
            .map(|minutes| button((said.time)(minutes), mute(minutes)))
            .into_iter()
            .collect(),
    };
    let out = |minutes: Option<u32>| {
        let label = minutes.map_or_else(|| said.permanently.to_owned(), said.time);
        let (sure, yes) = ((said.ban_confirm)(&name, minutes), (said.ban_now)(&name));
        let (confirm, address, person) = (confirm.clone(), address.clone(), id.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            let address = address.cast::<HtmlInputElement>().is_some_and(|it| it.checked());
            let act = ModerationAction::Ban {
                chat_id: person.clone(),
                minutes,
                address,
            };
            confirm.emit((sure.clone(), yes.clone().into(), act));
        });
        html! { <button type="button" class="small" {onclick}>{ label }</button> }
    };
    let guest = person.role == Role::Guest;
    let outs: Html = match known.and_then(|it| it.banned_until) {
        Some(_) => button(
            said.unban.to_owned(),
            ModerationAction::Unban { chat_id: id.clone() },
        ),
        None => html! {
            <>
                { for TIMES.map(Some).into_iter().chain([None]).map(out) }
                <label class="check">
                    <input ref={address} type="checkbox" aria-describedby={guest.then_some("comes-back")} />
                    <span>{ said.ban_address }</span>
                </label>
                if guest {
                    <p id="comes-back" class="about">{ said.ban_address_about }</p>
                }
            </>
        },
    };
    let erase = ask_first(
        said.delete_account.to_owned(),
        (said.delete_account_confirm)(&name),
        said.delete_account_now.to_owned(),
        ModerationAction::DeleteAccount { chat_id: id.clone() },
    );
    let state = known.map(|it| state_of(it, said, lang)).unwrap_or_default();
    html! {
        <Dialog label={name.clone()} close={words.close} on_close={props.on_close.clone()}>
            <h2 class="dealt-with">
                <AvatarPicture avatar={person.avatar.clone()} />
                <span dir="auto">{ &name }</span>
                <small>{ (words.people.role)(person.role) }</small>
            </h2>
            <p ref={status} class="state" role="status" tabindex="-1">{ state.join(" · ") }</p>
            // Hidden and not removed: the box that was ticked stays so if the user cancels.
            <div class="dealings" hidden={unsure.is_some()}>
                if permissions.set_role {
                    <fieldset><legend>{ said.role }</legend>{ for roles }</fieldset>
                }
                if permissions.moderate {
                    <fieldset><legend>{ said.mute }</legend>{ mutes }</fieldset>
                    <fieldset><legend>{ said.ban }</legend>{ outs }</fieldset>
                }
                if permissions.delete_account {
                    <fieldset><legend>{ said.account }</legend>{ erase }</fieldset>
                }
                <p class="form-note" role="alert">{ failure.clone().filter(|_| unsure.is_none()) }</p>
            </div>
            if let Some((sure, yes, then)) = (*unsure).clone() {
                <p>{ sure }</p>
                <p class="form-note" role="alert">{ failure }</p>
                <div class="ways-out">
                    <button ref={cancel} type="button" class="stay" onclick={Callback::from(move |_: MouseEvent| unsure.set(None))}>{ said.cancel }</button>
                    <button type="button" class="leave" onclick={act.reform(move |_: MouseEvent| then.clone())}>{ yes }</button>
                </div>
            }
        </Dialog>
    }
}

pub(super) fn user_of(known: &UserRecord) -> ChatUser {
    ChatUser {
        avatar: known.avatar.clone(),
        role: known.role,
        ..ChatUser::guest(known.chat_id.clone(), known.name.clone())
    }
}
