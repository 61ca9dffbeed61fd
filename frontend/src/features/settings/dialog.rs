//! The dialog behind one's card: who one is, how the page looks, and what belongs to a name that is kept.

use snug_shared::{api, people::Role};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    PrefChoices,
    devices::{AnotherDevice, Devices},
    erase::EraseAccount,
    keep::{KeepName, focus},
    passkeys::PasskeySettings,
    password::ChangePassword,
    push::PushChoice,
};
use crate::{
    browser,
    client::{
        people,
        saving::{self, Profile},
    },
    features::{
        asking::{sentence, use_asking},
        join::{Filled, ProfileForm},
        notices::NoticeSetting,
        status::StatusForm,
    },
    i18n::people::People,
    prefs::use_words,
    route::Route,
    store::{use_selected, use_store},
    ui::{Dialog, Icon, IconPicture},
};

/// What has a page of its own in the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Keep,
    Password,
    Devices,
    Another,
    Erase,
}

impl Page {
    const OF_MEMBERS: [Self; 3] = [Self::Password, Self::Devices, Self::Another];

    fn title(self, people: &People) -> &'static str {
        match self {
            Self::Keep => people.keep_name,
            Self::Password => people.change_password,
            Self::Devices => people.devices,
            Self::Another => people.another_device,
            Self::Erase => people.delete_account,
        }
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct DialogProps {
    /// As one is shown.
    pub(super) profile: Option<Profile>,
    pub(super) on_close: Callback<()>,
}

#[component(SettingsDialog)]
pub(super) fn settings_dialog(props: &DialogProps) -> Html {
    let (_, words) = use_words();
    let said = words.people;
    let page = use_state_eq(|| None::<Page>);
    let done = use_state_eq(|| None::<&'static str>);
    let back = use_node_ref();
    // Back on the first page the focus is where it came from.
    let came_from = use_mut_ref(|| None::<web_sys::HtmlElement>);
    {
        let (back, came_from) = (back.clone(), came_from.clone());
        use_effect_with(*page, move |page| match page {
            // The others have a field, which has the focus already.
            Some(Page::Devices) => focus(&back),
            Some(_) => {}
            None => {
                if let Some(button) = came_from.take() {
                    let _ = button.focus();
                }
            }
        });
    }
    let open = {
        let (page, done, came_from) = (page.clone(), done.clone(), came_from.clone());
        Callback::from(move |(to, event): (Page, MouseEvent)| {
            *came_from.borrow_mut() = event.target_dyn_into();
            done.set(None);
            page.set(Some(to));
        })
    };
    let close_page = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.set(None))
    };
    let finish = |sentence: &'static str| {
        let (page, done, came_from) = (page.clone(), done.clone(), came_from.clone());
        Callback::from(move |()| {
            // What was done is read first, and the way to it may be gone.
            came_from.take();
            done.set(Some(sentence));
            page.set(None);
        })
    };
    let inside = match *page {
        None => html! {},
        Some(Page::Keep) => html! { <KeepName on_kept={finish(said.name_is_kept)} /> },
        Some(Page::Password) => html! { <ChangePassword on_changed={finish(said.password_changed)} /> },
        Some(Page::Devices) => html! { <Devices /> },
        Some(Page::Another) => html! { <AnotherDevice /> },
        Some(Page::Erase) => html! { <EraseAccount /> },
    };
    let label = page.map_or(words.settings, |page| page.title(said));
    html! {
        <Dialog {label} close={words.close} on_close={props.on_close.clone()}>
            // Hidden and not gone: what was typed there is still to be saved.
            <div hidden={page.is_some()}>
                <First profile={props.profile.clone()} on_open={open} done={*done} on_close={props.on_close.clone()} />
            </div>
            if let Some(page) = *page {
                <h2>
                    <button ref={back} type="button" class="plain back-button" aria-label={said.back} onclick={close_page}>
                        <IconPicture icon={Icon::Back} />
                    </button>
                    { page.title(said) }
                </h2>
                { inside }
            }
        </Dialog>
    }
}

#[derive(PartialEq, Properties)]
struct FirstProps {
    profile: Option<Profile>,
    on_open: Callback<(Page, MouseEvent)>,
    /// What was done on another page.
    done: Option<&'static str>,
    on_close: Callback<()>,
}

/// The first page.
#[component(First)]
fn first(props: &FirstProps) -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let store = use_store();
    let navigator = use_navigator();
    let (saving_it, leaving) = (use_asking(), use_asking());
    let status = use_node_ref();
    {
        let status = status.clone();
        use_effect_with(props.done, move |done| {
            if done.is_some() {
                focus(&status);
            }
        });
    }
    let member = use_selected(|state| state.person.as_ref().is_some_and(|it| it.member));
    let role = use_selected(|state| state.replica.you().map_or(Role::Guest, |you| you.role));
    let on_done = {
        let (store, on_close, saving_it) = (store.clone(), props.on_close.clone(), saving_it.clone());
        Callback::from(move |Filled { profile, changed, .. }: Filled| {
            if !changed {
                return on_close.emit(());
            }
            if !member {
                saving::keep_profile(&profile);
                store.enter_again();
                return on_close.emit(());
            }
            let profile = api::Profile {
                name: profile.name.into(),
                avatar: profile.avatar.to_string(),
            };
            let (store, on_close) = (store.clone(), on_close.clone());
            saving_it.ask(people::show(profile), move |session| {
                store.keep_session(&session);
                on_close.emit(());
            });
        })
    };
    let leave = Callback::from(move |_: MouseEvent| {
        if let Some(navigator) = &navigator {
            navigator.push(&Route::Join);
        }
    });
    let sign_out = {
        let leaving = leaving.clone();
        Callback::from(move |_: MouseEvent| {
            // Otherwise the end of the session would reach the page before the answer, as if somebody else had ended it.
            store.leave();
            let stays = store.clone();
            let out = async move {
                let answer = people::sign_out().await;
                if answer.is_err() {
                    stays.enter();
                }
                answer
            };
            leaving.ask(out, |()| {
                saving::forget_person();
                let _ = browser::window().location().assign("/");
            });
        })
    };
    let way = |page: Page| {
        let onclick = props.on_open.reform(move |event: MouseEvent| (page, event));
        html! {
            <button type="button" key={page.title(said)} {onclick}>{ page.title(said) }<IconPicture icon={Icon::Onwards} /></button>
        }
    };
    html! {
        <>
            <StatusForm />
            <hr />
            <ProfileForm action={words.save} focus=false before={props.profile.clone()} busy={saving_it.busy()}
                failure={saving_it.failure().cloned()} {on_done} />
            <hr />
            <p ref={status} class="you-are" role="status" tabindex="-1">
                { match (props.done, member) {
                    (Some(done), _) => done,
                    (None, true) => (said.you_are)(role.max(Role::Member)),
                    (None, false) => said.keep_name_why,
                } }
            </p>
            <div class="account-pages">
                if member {
                    { for Page::OF_MEMBERS.map(way) }
                } else {
                    { way(Page::Keep) }
                }
            </div>
            if member {
                <hr />
                <PasskeySettings />
            }
            <hr />
            <PrefChoices />
            <hr />
            <NoticeSetting hours={true} />
            <hr />
            <PushChoice />
            <hr />
            if member {
                <p class="form-note" role="alert">{ leaving.failure().map(|failure| sentence(failure, lang)) }</p>
                <button type="button" class="leave" onclick={sign_out}>{ said.sign_out }</button>
                <div class="account-pages last">{ way(Page::Erase) }</div>
            } else {
                <button type="button" class="leave" onclick={leave}>{ words.leave }</button>
            }
        </>
    }
}
