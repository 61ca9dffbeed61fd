//! Renders the user's own profile: status, name and avatar.

use snug_shared::api;
use yew::prelude::*;

use crate::{
    client::{
        people,
        storage::{self, Profile},
    },
    features::{
        profile::{Filled, ProfileForm},
        request::use_request,
        status::StatusForm,
    },
    prefs::use_words,
    store::{use_selected, use_store},
};

#[derive(PartialEq, Properties)]
pub(super) struct ProfileProps {
    /// The profile as others see it.
    pub(super) profile: Option<Profile>,
    /// The callback that is called once the profile is saved.
    pub(super) on_done: Callback<()>,
}

#[component(ProfileSettings)]
pub(super) fn profile_settings(props: &ProfileProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let saving_it = use_request();
    let member = use_selected(|state| state.person.as_ref().is_some_and(|it| it.member));
    let on_done = {
        let (on_close, saving_it) = (props.on_done.clone(), saving_it.clone());
        Callback::from(move |Filled { profile, changed, .. }: Filled| {
            if !changed {
                return on_close.emit(());
            }
            if !member {
                storage::save_profile(&profile);
                store.enter_again();
                return on_close.emit(());
            }
            let profile = api::Profile {
                name: profile.name.into(),
                avatar: profile.avatar.to_string(),
            };
            let (store, on_close) = (store.clone(), on_close.clone());
            saving_it.send(people::update_profile(profile), move |session| {
                store.set_session(&session);
                on_close.emit(());
            });
        })
    };
    html! {
        <>
            <StatusForm />
            <hr />
            <ProfileForm action={words.save} focus=false before={props.profile.clone()} busy={saving_it.busy()}
                failure={saving_it.failure().cloned()} {on_done} />
        </>
    }
}
