//! Renders the join page: a description of the server, who is online, and the form to join.

mod banned;
mod check;
mod first_visit;
mod invite_only;
mod mode;
mod passkey;
mod sign_in;

use snug_shared::{api::ServerInfo, error_code::ErrorCode, people::JoinPolicy};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

pub(crate) use self::banned::Banned;
use self::{
    check::CheckLink,
    first_visit::{FirstVisit, JoinSecret},
    invite_only::{PasteInvite, WelcomeBack},
    mode::{JoinContext, JoinMode},
    sign_in::{SignInByLink, SignInForm},
};
use crate::{
    browser,
    client::{
        http,
        link_secrets::{self, SecretLink},
    },
    features::profile::PrefChoices,
    lazy_module::use_lazy_module,
    prefs::use_words,
    route::{Route, Routed, href},
    store::{AccessState, use_selected, use_store},
    ui::{AvatarPicture, Logo},
};

#[derive(PartialEq, Properties)]
pub(crate) struct JoinProps {
    /// The route to open after joining.
    pub(crate) to: Route,
}

/// Renders the join page: at `/`, and at any route for a user without access.
#[component(JoinPage)]
pub(crate) fn join_page(props: &JoinProps) -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let store = use_store();
    let navigator = use_navigator();
    let server_info = use_server_info();
    let link = use_state_eq(link_secrets::saved);
    // A user who was signed out probably wants to sign in again.
    let signing_in = use_state_eq(|| store.state().access == AccessState::SignedOut);
    let spent = use_state_eq(|| None::<ErrorCode>);
    let loaded = use_lazy_module();
    let (person, access) = use_selected(|state| (state.person.clone(), state.access));
    use_effect_with((), |()| browser::document().set_title("Snug"));

    // Without an answer the form is shown all the same; the room's page reports the error.
    let join_policy = server_info
        .as_ref()
        .map(|it| it.as_ref().map_or(JoinPolicy::Anyone, |it| it.rules.join_policy));

    let at_its_address = use_route() == Some(Routed(Some(props.to.clone())));
    let on_in = {
        let (to, store) = (props.to.clone(), store.clone());
        Callback::from(move |()| {
            store.join();
            if let (Some(navigator), false) = (&navigator, at_its_address) {
                navigator.push(&Routed(Some(to.clone())));
            }
        })
    };
    let on_spent = {
        let (link, spent) = (link.clone(), spent.clone());
        Callback::from(move |code: ErrorCode| {
            link_secrets::clear();
            link.set(None);
            spent.set(Some(code));
        })
    };
    let on_cancel = {
        let link = link.clone();
        Callback::from(move |()| {
            link_secrets::clear();
            link.set(None);
        })
    };
    let on_link = {
        let (link, spent) = (link.clone(), spent.clone());
        Callback::from(move |it: SecretLink| {
            link_secrets::save(&it);
            link.set(Some(it));
            spent.set(None);
        })
    };
    let switch = |to: bool| {
        let signing_in = signing_in.clone();
        Callback::from(move |()| signing_in.set(to))
    };

    let mode = JoinMode::of(JoinContext {
        link: link.as_ref(),
        join_policy,
        person: person.as_ref(),
        access,
        signing_in: *signing_in,
    });
    let error = match access {
        _ if spent.is_some() => spent.map(|code| code.sentence(lang)),
        AccessState::SignedOut => Some(said.signed_out.to_owned()),
        // A closed join page shows the reason anyway.
        AccessState::Refused(code) if !matches!(mode, JoinMode::Closed(_)) => Some(code.sentence(lang)),
        _ => None,
    };
    let (heading, about): (&str, AttrValue) = match &mode {
        JoinMode::Owner(_) => (said.set_up_server, said.set_up_server_about.into()),
        JoinMode::Invited { member: true, .. } => (said.invited, said.invited_member.into()),
        JoinMode::Invited { .. } => (said.invited, said.invited_guest.into()),
        JoinMode::SignInLink(_) => (said.sign_in_here, said.sign_in_here_about.into()),
        JoinMode::Closed(code) => ("Snug", code.sentence(lang).into()),
        _ => ("Snug", words.description.into()),
    };
    let to = AttrValue::from(href(&props.to));
    let first_visit = |secret: JoinSecret| {
        let join_policy = join_policy.unwrap_or_default();
        let (to, on_in, on_spent) = (to.clone(), on_in.clone(), on_spent.clone());
        html! { <FirstVisit {secret} {join_policy} {to} {on_in} {on_spent} /> }
    };
    let quiet = |said: &'static str, on_press: Callback<()>| {
        let onclick = on_press.reform(|_: MouseEvent| ());
        html! { <button type="button" class="small quiet" {onclick}>{ said }</button> }
    };
    // These two do not show who is online.
    let about_here = !matches!(mode, JoinMode::Owner(_) | JoinMode::SignInLink(_));
    let steady = matches!(
        mode,
        JoinMode::Unknown | JoinMode::Guest | JoinMode::SignIn | JoinMode::Closed(_)
    );
    let (body, other) = match mode {
        JoinMode::Unknown => (html! {}, None),
        JoinMode::Guest => (
            first_visit(JoinSecret::None),
            Some(quiet(said.sign_in, switch(true))),
        ),
        JoinMode::Member => (html! { <WelcomeBack on_in={on_in.clone()} /> }, None),
        JoinMode::SignIn => (
            html! { <SignInForm {to} on_back={switch(false)} /> },
            Some(quiet(said.continue_as_guest, switch(false))),
        ),
        JoinMode::Closed(_) => (
            html! { <SignInForm {to} /> },
            Some(html! { <PasteInvite {on_link} /> }),
        ),
        JoinMode::Owner(secret) => (first_visit(JoinSecret::Owner(secret)), None),
        JoinMode::Invited { secret, member } => {
            let secret = if member {
                JoinSecret::MemberInvite(secret)
            } else {
                JoinSecret::Invite(secret)
            };
            (first_visit(secret), Some(quiet(said.sign_in, switch(true))))
        }
        JoinMode::SignInLink(secret) => (
            html! { <SignInByLink {secret} {to} on_spent={on_spent.clone()} {on_cancel} /> },
            None,
        ),
    };
    html! {
        <main class="join">
            <div class="join-card">
                <header>
                    <Logo />
                    <h1>{ heading }</h1>
                    <p>{ about }</p>
                </header>
                if about_here {
                    <WhoIsHere server_info={server_info.flatten()} />
                }
                if let Some(error) = error {
                    <p class="notice" role="alert">{ error }</p>
                }
                <div class={classes!("join-body", steady.then_some("steady"))}>{ body }</div>
                if other.is_some() || steady {
                    <div class="other-way">{ other }</div>
                }
            </div>
            <footer><PrefChoices /></footer>
            if let (true, Some(link), Some(join_policy)) = (loaded, (*link).clone(), join_policy) {
                <CheckLink {link} {join_policy} on_spent={on_spent.clone()} />
            }
        </main>
    }
}

/// Requests the server info: `None` while it loads, `Some(None)` if that has failed.
#[hook]
fn use_server_info() -> Option<Option<ServerInfo>> {
    let server_info = use_state(|| None::<Option<ServerInfo>>);
    {
        let server_info = server_info.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                server_info.set(Some(http::server_info().await.ok()));
            });
        });
    }
    (*server_info).clone()
}

#[derive(PartialEq, Properties)]
struct HereProps {
    server_info: Option<ServerInfo>,
}

/// Renders how many users are online, and a few of their avatars. The space is reserved while it loads.
#[component(WhoIsHere)]
fn who_is_here(props: &HereProps) -> Html {
    let (_, words) = use_words();
    let Some(server_info) = &props.server_info else {
        return html! { <div class="who-is-here" /> };
    };
    let faces = server_info.faces.iter().take(5).map(|person| {
        html! { <AvatarPicture key={person.chat_id.as_str()} avatar={person.avatar.clone()} /> }
    });
    html! {
        <div class="who-is-here known">
            if server_info.count > 0 {
                <span class="faces">{ for faces }</span>
                <span>{ (words.online_now)(server_info.count) }</span>
            } else {
                <span>{ words.no_one_online }</span>
            }
        </div>
    }
}
