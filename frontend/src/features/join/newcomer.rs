//! Coming in with a name: as a guest, by an invitation, or as the owner.

use snug_shared::{api::NewAccount, code::Code, people::Entrance};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::profile::{Filled, ProfileForm};
use crate::{
    client::{http::Failure, links, people, saving},
    features::asking::use_asking,
    lazy_module,
    prefs::use_words,
};

/// What a newcomer brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Brings {
    /// Nothing.
    Nothing,
    /// The secret of an invitation.
    Invite(String),
    /// The same, where a name has to be kept.
    InviteToKeep(String),
    /// The secret that makes the owner.
    Owner(String),
}

#[derive(PartialEq, Properties)]
pub(super) struct NewcomerProps {
    pub(super) brings: Brings,
    pub(super) entrance: Entrance,
    /// The address that it leads to.
    pub(super) to: AttrValue,
    /// One is a guest who may come in.
    pub(super) on_in: Callback<()>,
    /// The link is good no more.
    pub(super) on_spent: Callback<Code>,
}

#[component(Newcomer)]
pub(super) fn newcomer(props: &NewcomerProps) -> Html {
    let (_, words) = use_words();
    let asking = use_asking();
    let coming = use_state_eq(|| false);
    {
        let on_spent = props.on_spent.clone();
        use_effect_with(asking.refused(), move |refused| {
            if let Some(code @ Code::LinkSpent) = refused {
                on_spent.emit(*code);
            }
        });
    }
    let on_done = {
        let (asking, brings, entrance) = (asking.clone(), props.brings.clone(), props.entrance);
        let (to, on_in, coming) = (props.to.clone(), props.on_in.clone(), coming.clone());
        Callback::from(move |filled: Filled| {
            let (invite, owner) = match brings.clone() {
                Brings::Nothing => {
                    saving::keep_profile(&filled.profile);
                    coming.set(true);
                    let on_in = on_in.clone();
                    // What the door would call on the way in is in the rest.
                    return spawn_local(async move {
                        lazy_module::loaded().await;
                        on_in.emit(());
                    });
                }
                Brings::Invite(secret) => {
                    let on_in = on_in.clone();
                    let taken = async move {
                        match people::take_up(secret).await {
                            // It was not needed.
                            Err(Failure::Refused(it))
                                if it.error == Code::LinkSpent && entrance == Entrance::Anyone =>
                            {
                                Ok(())
                            }
                            answer => answer,
                        }
                    };
                    return asking.ask(taken, move |()| {
                        links::forget();
                        saving::keep_profile(&filled.profile);
                        on_in.emit(());
                    });
                }
                Brings::InviteToKeep(secret) => (Some(secret), None),
                Brings::Owner(secret) => (None, Some(secret)),
            };
            let Filled {
                profile,
                password: Some(password),
                ..
            } = filled
            else {
                return;
            };
            let account = NewAccount {
                name: profile.name.into(),
                avatar: Some(profile.avatar.to_string()),
                password,
                invite,
                owner,
            };
            let to = to.clone();
            asking.ask(people::keep(account), move |session| {
                links::forget();
                people::arrive(&session, &to);
            });
        })
    };
    let with_password = matches!(props.brings, Brings::InviteToKeep(_) | Brings::Owner(_));
    let action = match props.brings {
        Brings::Owner(_) => words.people.found,
        _ => words.enter,
    };
    // The card says that a link is spent; what was filled in stays.
    let failure = asking
        .failure()
        .filter(|_| asking.refused() != Some(Code::LinkSpent));
    html! {
        <ProfileForm {action} {with_password} busy={asking.busy() || *coming} failure={failure.cloned()} {on_done} />
    }
}
