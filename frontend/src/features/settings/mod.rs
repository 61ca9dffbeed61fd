//! The settings: profile, language, theme, and signing out.

mod account;
mod confirm;
mod delete_account;
mod devices;
mod dialog;
mod leave;
mod passkeys;
mod password;
mod profile;
mod push;
mod register;
mod section;
mod security;

use snug_shared::people::Role;
use yew::prelude::*;

use self::dialog::SettingsDialog;
pub(crate) use self::{push::PushPresses, security::SecurityNotices};
use crate::{
    client::storage::{self, Profile},
    features::{admin::AdminLink, status::Named},
    prefs::use_words,
    store::use_selected,
    ui::{AvatarPicture, Icon, IconPicture},
};

/// Renders the card at the foot of the panel, and the dialog behind it.
#[component(YouCard)]
pub(crate) fn you_card() -> Html {
    let (_, words) = use_words();
    let open = use_state_eq(|| false);
    let you = use_selected(|state| {
        let you = state.replica.you().filter(|you| you.role >= Role::Member);
        you.map(|you| (you.name.clone(), you.avatar.clone()))
    });
    // A guest's profile is the one that this browser stores, without a possible number; read again whenever the dialog closes.
    let profile = match you {
        Some((name, avatar)) => Some(Profile { name, avatar }),
        None => storage::profile(),
    };
    let status = use_selected(|state| state.own_presence.status().cloned());

    let show = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let on_close = {
        let open = open.clone();
        Callback::from(move |()| open.set(false))
    };
    let (name, avatar) = (profile.clone())
        .map(|it| (it.name.to_string(), it.avatar))
        .unzip();
    html! {
        <div class="you">
            <AdminLink />
            <button type="button" class="you-card" aria-haspopup="dialog" onclick={show}>
                { for avatar.map(|avatar| html! { <AvatarPicture {avatar} /> }) }
                <Named name={name.unwrap_or_default()} {status} />
                <span class="unseen">{ words.settings }</span>
                <IconPicture icon={Icon::Settings} />
            </button>
            if *open {
                <SettingsDialog {profile} {on_close} />
            }
        </div>
    }
}
