//! Renders the rules on who may join the server, and who may open rooms.

use snug_shared::people::{JoinPolicy, ModerationAction, Role, Rules as Set};
use yew::prelude::*;

use crate::{
    client::{admin, http},
    features::request::{sentence, use_request},
    prefs::use_words,
};

const JOIN_POLICIES: [JoinPolicy; 3] = [JoinPolicy::Anyone, JoinPolicy::Invited, JoinPolicy::Members];
const ROLES: [Role; 4] = [Role::Guest, Role::Member, Role::Moderator, Role::Owner];

#[component(Rules)]
pub(super) fn rules() -> Html {
    let (lang, words) = use_words();
    let said = words.admin;
    // The rules in force, and the rules as edited.
    let is = use_state_eq(|| None::<Set>);
    let to_be = use_state_eq(|| None::<Set>);
    let saved = use_state_eq(|| false);
    let (loading, request) = (use_request(), use_request());
    {
        let (is, to_be, loading) = (is.clone(), to_be.clone(), loading.clone());
        use_effect_with((), move |()| {
            loading.send(http::server_info(), move |server_info| {
                is.set(Some(server_info.rules));
                to_be.set(Some(server_info.rules));
            });
        });
    }
    let failure = loading.failure().or(request.failure());
    let note =
        html! { <p class="form-note" role="alert">{ failure.map(|failure| sentence(failure, lang)) }</p> };
    let Some(rules) = *to_be else {
        return html! { <>{ note }<p class="about">{ said.loading }</p></> };
    };
    let set = {
        let (to_be, saved) = (to_be.clone(), saved.clone());
        Callback::from(move |rules: Set| {
            saved.set(false);
            to_be.set(Some(rules));
        })
    };
    let changed = *is != *to_be;
    let onsubmit = {
        let (request, saved, is) = (request.clone(), saved.clone(), is.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if changed {
                let (saved, is) = (saved.clone(), is.clone());
                request.send(admin::act(ModerationAction::SetRules { rules }), move |()| {
                    is.set(Some(rules));
                    saved.set(true);
                });
            }
        })
    };
    let policies = JOIN_POLICIES.map(|join_policy| {
        let onchange = set.reform(move |_: Event| Set { join_policy, ..rules });
        html! {
            <label class="rule">
                <input type="radio" name="join-policy" checked={rules.join_policy == join_policy} {onchange} />
                <span><b>{ (said.join_policy)(join_policy) }</b><small>{ (said.join_policy_about)(join_policy) }</small></span>
            </label>
        }
    });
    let roles = ROLES.map(|role| {
        let onchange = set.reform(move |_: Event| Set { room_creation_role: role, ..rules });
        html! {
            <label class="rule">
                <input type="radio" name="room-creation" checked={rules.room_creation_role == role} {onchange} />
                <span><b>{ (said.at_least)(role) }</b></span>
            </label>
        }
    });
    html! {
        <form class="admin-rules" {onsubmit}>
            <fieldset><legend>{ said.who_can_join }</legend>{ for policies }</fieldset>
            <fieldset><legend>{ said.who_can_create_rooms }</legend>{ for roles }</fieldset>
            <p class="about">{ said.access_about }</p>
            { note }
            <button type="submit" class="primary" aria-disabled={(!changed).then_some("true")}>
                { if request.busy() { words.people.please_wait } else { words.save } }
            </button>
            <p class="about" role="status">{ saved.then_some(said.access_saved) }</p>
        </form>
    }
}
