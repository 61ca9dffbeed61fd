//! Renders the valid invitations, and the form for a new one.

use std::rc::Rc;

use snug_shared::{
    api::NewInvite,
    ids::InviteId,
    people::{Invite, UserRecord},
};
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    client::{admin, link_secrets},
    features::request::{sentence, use_request},
    i18n::{Style, format},
    prefs::use_words,
    ui::{Choices, CopyField, Dialog},
};

const HOURS: [Option<u32>; 4] = [None, Some(1), Some(24), Some(168)];
const USES: [Option<u32>; 3] = [None, Some(1), Some(10)];

#[component(Invites)]
pub(super) fn invites() -> Html {
    let (lang, words) = use_words();
    let said = words.admin;
    let invites = use_state(|| None::<Rc<[Invite]>>);
    let people = use_state(Rc::<[UserRecord]>::default);
    // A day and one user: the most common choice, and the least harmful one in the wrong hands.
    let (hours, uses) = (use_state_eq(|| 2), use_state_eq(|| 1));
    let link = use_state_eq(|| None::<String>);
    let unsure = use_state_eq(|| None::<(InviteId, String)>);
    let (loading, making) = (use_request(), use_request());
    let load = {
        let (invites, people, loading) = (invites.clone(), people.clone(), loading.clone());
        Callback::from(move |()| {
            let (invites, people) = (invites.clone(), people.clone());
            let both = async { Ok((admin::invites().await?, admin::people().await?)) };
            loading.send_latest(both, move |(good, known)| {
                invites.set(Some(good.into()));
                people.set(known.into());
            });
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let make = {
        let (making, link, load) = (making.clone(), link.clone(), load.clone());
        let invite = NewInvite {
            hours: HOURS[*hours],
            uses: USES[*uses],
        };
        Callback::from(move |_: MouseEvent| {
            let (link, load) = (link.clone(), load.clone());
            // The link of an earlier invite must not be taken for the new one.
            link.set(None);
            making.send(admin::invite(invite), move |it| {
                link.set(Some(link_secrets::link_to("invite", &it.secret)));
                load.emit(());
            });
        })
    };
    let choose = |state: &UseStateHandle<usize>| {
        let state = state.clone();
        Callback::from(move |at: usize| state.set(at))
    };
    let hour_names = HOURS.map(|hours| {
        (
            hours
                .map_or(said.never.to_owned(), |it| (said.time)(it * 60))
                .into(),
            None,
        )
    });
    let use_names = USES.map(|uses| {
        (
            uses.map_or(said.unlimited.to_owned(), |it| it.to_string()).into(),
            None,
        )
    });
    let row = |it: &Invite| {
        let by = people.iter().find(|person| person.chat_id == it.created_by);
        let by = by.map(|person| person.name.to_string()).unwrap_or_default();
        let until = it.expires_at.map_or(said.never_expires.to_owned(), |at| {
            (said.expires)(&format(at, Style::Moment, lang))
        });
        let left = it
            .uses_left
            .map_or(said.unlimited_uses.to_owned(), said.uses_left);
        let ask = {
            let (unsure, invite, by) = (unsure.clone(), it.id.clone(), by.clone());
            Callback::from(move |_: MouseEvent| unsure.set(Some((invite.clone(), by.clone()))))
        };
        html! {
            <li key={it.id.as_str()} class="invite">
                <span class="who-and-what">
                    <b>{ (said.created_by)(&by) }</b>
                    <small>{ format!("{until} · {left}") }</small>
                    <small>{ (said.used_by)(it.uses) }</small>
                </span>
                <button type="button" class="small" aria-haspopup="dialog" onclick={ask}>{ said.revoke }</button>
            </li>
        }
    };
    html! {
        <>
            <section class="make-invite">
                <Choices label={said.expires_after} options={hour_names.to_vec()} chosen={*hours} on_choose={choose(&hours)} />
                <Choices label={said.max_uses} options={use_names.to_vec()} chosen={*uses} on_choose={choose(&uses)} />
                <button type="button" class="primary" onclick={make}>
                    { if making.busy() { words.people.please_wait } else { said.create_invite } }
                </button>
                <p class="form-note" role="alert">{ making.failure().map(|failure| sentence(failure, lang)) }</p>
                <div class="made" role="status">
                    if let Some(link) = &*link {
                        <p>{ said.shown_once }</p>
                        <CopyField label={words.people.invite_link} text={link.clone()} copy={words.people.copy} copied={words.people.copied} />
                    }
                </div>
            </section>
            <h2>{ said.active_invites }</h2>
            <p class="form-note" role="alert">{ loading.failure().map(|failure| sentence(failure, lang)) }</p>
            { match &*invites {
                None => html! { <p class="about">{ said.loading }</p> },
                Some(good) if good.is_empty() => html! { <p class="about">{ said.no_invites }</p> },
                Some(good) => html! { <ul class="rows" aria-label={said.active_invites}>{ for good.iter().map(row) }</ul> },
            } }
            if let Some((invite, by)) = (*unsure).clone() {
                <Withdraw {invite} {by} on_done={load} on_close={Callback::from(move |()| unsure.set(None))} />
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct WithdrawProps {
    invite: InviteId,
    by: String,
    on_done: Callback<()>,
    on_close: Callback<()>,
}

#[component(Withdraw)]
fn withdraw(props: &WithdrawProps) -> Html {
    let (lang, words) = use_words();
    let said = words.admin;
    let request = use_request();
    let cancel = use_node_ref();
    {
        let cancel = cancel.clone();
        use_effect_with((), move |()| {
            if let Some(button) = cancel.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    let yes = {
        let (request, invite) = (request.clone(), props.invite.clone());
        let (on_done, on_close) = (props.on_done.clone(), props.on_close.clone());
        Callback::from(move |_: MouseEvent| {
            let (on_done, on_close) = (on_done.clone(), on_close.clone());
            request.send(admin::withdraw(invite.clone()), move |()| {
                on_done.emit(());
                on_close.emit(());
            });
        })
    };
    html! {
        <Dialog label={said.revoke} close={words.close} on_close={props.on_close.clone()}>
            <h2>{ said.revoke }</h2>
            <p>{ (said.revoke_confirm)(&props.by) }</p>
            <p class="form-note" role="alert">{ request.failure().map(|failure| sentence(failure, lang)) }</p>
            <div class="ways-out">
                <button ref={cancel} type="button" class="stay" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ said.cancel }</button>
                <button type="button" class="leave" onclick={yes}>{ said.revoke }</button>
            </div>
        </Dialog>
    }
}
