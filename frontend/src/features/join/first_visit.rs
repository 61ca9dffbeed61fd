//! Joins the server under a new name: as a guest, by an invitation, or as the owner.

use snug_shared::{api::NewAccount, error_code::ErrorCode, people::JoinPolicy};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    client::{http::Failure, link_secrets, people, storage},
    features::{
        profile::{Filled, ProfileForm},
        request::use_request,
    },
    lazy_module,
    prefs::use_words,
};

/// The secret of the link that the user has followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum JoinSecret {
    /// The user has followed no link.
    None,
    /// The secret of an invitation.
    Invite(String),
    /// The secret of an invitation, where only members may join.
    MemberInvite(String),
    /// The secret of the owner's link.
    Owner(String),
}

#[derive(PartialEq, Properties)]
pub(super) struct FirstVisitProps {
    pub(super) secret: JoinSecret,
    pub(super) join_policy: JoinPolicy,
    /// The address to open after joining.
    pub(super) to: AttrValue,
    /// The callback that is called once a guest may join.
    pub(super) on_in: Callback<()>,
    /// The callback that is called when the link is spent.
    pub(super) on_spent: Callback<ErrorCode>,
}

/// Renders the form for a new name.
#[component(FirstVisit)]
pub(super) fn first_visit(props: &FirstVisitProps) -> Html {
    let (_, words) = use_words();
    let request = use_request();
    let coming = use_state_eq(|| false);
    {
        let on_spent = props.on_spent.clone();
        use_effect_with(request.refused(), move |refused| {
            if let Some(code @ ErrorCode::LinkExpired) = refused {
                on_spent.emit(*code);
            }
        });
    }
    let on_done = {
        let (request, secret, join_policy) = (request.clone(), props.secret.clone(), props.join_policy);
        let (to, on_in, coming) = (props.to.clone(), props.on_in.clone(), coming.clone());
        Callback::from(move |filled: Filled| {
            let (invite, owner) = match secret.clone() {
                JoinSecret::None => {
                    storage::save_profile(&filled.profile);
                    coming.set(true);
                    let on_in = on_in.clone();
                    // The code that the join page runs next is in the lazy module.
                    return spawn_local(async move {
                        lazy_module::loaded().await;
                        on_in.emit(());
                    });
                }
                JoinSecret::Invite(secret) => {
                    let on_in = on_in.clone();
                    let taken = async move {
                        match people::redeem_invite(secret).await {
                            // The invitation was not needed.
                            Err(Failure::Refused(it))
                                if it.error == ErrorCode::LinkExpired
                                    && join_policy == JoinPolicy::Anyone =>
                            {
                                Ok(())
                            }
                            answer => answer,
                        }
                    };
                    return request.send(taken, move |()| {
                        link_secrets::clear();
                        storage::save_profile(&filled.profile);
                        on_in.emit(());
                    });
                }
                JoinSecret::MemberInvite(secret) => (Some(secret), None),
                JoinSecret::Owner(secret) => (None, Some(secret)),
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
            request.send(people::create_account(account), move |session| {
                link_secrets::clear();
                people::switch_to(&session, &to);
            });
        })
    };
    let with_password = matches!(props.secret, JoinSecret::MemberInvite(_) | JoinSecret::Owner(_));
    let action = match props.secret {
        JoinSecret::Owner(_) => words.people.create_owner_account,
        JoinSecret::MemberInvite(_) => words.people.sign_up,
        _ => words.join_server,
    };
    // The card reports that a link is spent; the form's input stays.
    let failure = request
        .failure()
        .filter(|_| request.refused() != Some(ErrorCode::LinkExpired));
    html! {
        <ProfileForm {action} {with_password} busy={request.busy() || *coming} failure={failure.cloned()} {on_done} />
    }
}
