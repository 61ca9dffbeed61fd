//! Renders the dialog behind the user's card: a list of sections beside all of them, one below the other. Where there is no space for
//! both, the list leads to one section at a time.

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::{
    account::{AccountSettings, PageButton},
    delete_account::DeleteAccount,
    devices::{AnotherDevice, Devices},
    leave::LeaveAsGuest,
    passkeys::PasskeySettings,
    password::ChangePassword,
    profile::ProfileSettings,
    push::PushChoice,
    register::{CreateAccountForm, focus},
    section::{Page, Section},
};
use crate::{
    client::storage::Profile,
    features::{notifications::NotificationSetting, profile::PrefChoices},
    history::use_layer,
    prefs::use_words,
    store::use_selected,
    ui::{Dialog, Icon, IconPicture, use_media},
};

#[derive(PartialEq, Properties)]
pub(super) struct DialogProps {
    /// The profile as others see it.
    pub(super) profile: Option<Profile>,
    pub(super) on_close: Callback<()>,
}

#[component(SettingsDialog)]
pub(super) fn settings_dialog(props: &DialogProps) -> Html {
    let (_, words) = use_words();
    let said = words.people;
    let wide = use_media("(min-width: 640px)");
    let member = use_selected(|state| state.person.as_ref().is_some_and(|it| it.member));
    // Where there is no space for the list beside the section, none is chosen at first.
    let chosen = use_state_eq(|| None::<Section>);
    let page = use_state_eq(|| None::<Page>);
    let done = use_state_eq(|| None::<&'static str>);
    // Counts choices in the list: the dialog scrolls to the section, also if it is the chosen one already.
    let asked = use_state_eq(|| 0_u32);
    let (back, status, all) = (use_node_ref(), use_node_ref(), use_node_ref());
    let section = chosen.or(wide.then_some(Section::Profile));
    // On the return to a former view, the focus returns as well.
    let (from_section, from_page) = (
        use_mut_ref(|| None::<HtmlElement>),
        use_mut_ref(|| None::<HtmlElement>),
    );
    {
        let (back, from_section) = (back.clone(), from_section.clone());
        use_effect_with((*chosen, wide), move |&(chosen, wide)| match chosen {
            Some(_) if !wide => focus(&back),
            Some(_) => {}
            None => focus_on(from_section.take()),
        });
    }
    {
        let (back, from_page) = (back.clone(), from_page.clone());
        use_effect_with(*page, move |page| match page {
            // The other pages have a field, which has the focus already.
            Some(Page::Devices) => focus(&back),
            Some(_) => {}
            None => focus_on(from_page.take()),
        });
    }
    {
        let (all, chosen) = (all.clone(), *chosen);
        use_effect_with((*asked, page.is_some(), wide), move |&(_, page, wide)| {
            let (Some(all), Some(chosen)) = (all.cast::<Element>(), chosen) else {
                return;
            };
            if wide
                && !page
                && let Some(section) = parts(&all).find(|(it, _)| *it == chosen)
            {
                section.1.scroll_into_view();
            }
        });
    }
    let onscroll = {
        let (all, chosen, looking) = (all.clone(), chosen.clone(), wide && page.is_none());
        Callback::from(move |_: Event| {
            if let Some(section) = all
                .cast::<Element>()
                .filter(|_| looking)
                .and_then(|it| in_sight(&it))
            {
                chosen.set(Some(section));
            }
        })
    };
    {
        let status = status.clone();
        use_effect_with(*done, move |done| {
            if done.is_some() {
                focus(&status);
            }
        });
    }
    let choose = |to: Section| {
        let (chosen, page, done, from) = (chosen.clone(), page.clone(), done.clone(), from_section.clone());
        let asked = asked.clone();
        Callback::from(move |event: MouseEvent| {
            *from.borrow_mut() = event.target_dyn_into();
            done.set(None);
            page.set(None);
            chosen.set(Some(to));
            asked.set(asked.wrapping_add(1));
        })
    };
    let on_open = {
        let (page, done, from) = (page.clone(), done.clone(), from_page.clone());
        Callback::from(move |(to, event): (Page, MouseEvent)| {
            *from.borrow_mut() = event.target_dyn_into();
            done.set(None);
            page.set(Some(to));
        })
    };
    let finish = |sentence: &'static str| {
        let (page, done, from) = (page.clone(), done.clone(), from_page.clone());
        Callback::from(move |()| {
            // The result is read first, and the button that led here may be removed.
            from.take();
            done.set(Some(sentence));
            page.set(None);
        })
    };
    // Goes one step back: from a page to its section, from a section to the list.
    let on_back = {
        let (chosen, page, done) = (chosen.clone(), page.clone(), done.clone());
        Callback::from(move |()| {
            done.set(None);
            if page.is_some() {
                page.set(None);
            } else {
                chosen.set(None);
            }
        })
    };
    use_layer(chosen.is_some() && !wide, on_back.clone());
    use_layer(page.is_some(), on_back.clone());

    let to_page = |page: Page| html! { <PageButton {page} on_open={on_open.clone()} /> };
    let at_once = || html! { <p class="you-are">{ words.applies_at_once }</p> };
    let inside = |section: Section| match section {
        Section::Profile => {
            html! { <ProfileSettings profile={props.profile.clone()} on_done={props.on_close.clone()} /> }
        }
        Section::Notifications => {
            html! { <>{ at_once() }<NotificationSetting hours={true} /><hr /><PushChoice /></> }
        }
        Section::Security => html! {
            <>
                <div class="account-pages">{ for Page::OF_SECURITY.map(to_page) }</div>
                <hr />
                <PasskeySettings />
            </>
        },
        Section::Appearance => html! { <>{ at_once() }<PrefChoices /></> },
        Section::Account => html! { <AccountSettings {member} on_open={on_open.clone()} /> },
    };
    let of_page = match *page {
        None => html! {},
        Some(Page::CreateAccount) => {
            html! { <CreateAccountForm on_created={finish(said.account_created)} /> }
        }
        Some(Page::Password) => html! { <ChangePassword on_changed={finish(said.password_changed)} /> },
        Some(Page::Devices) => html! { <Devices /> },
        Some(Page::Another) => html! { <AnotherDevice /> },
        Some(Page::DeleteAccount) => html! { <DeleteAccount /> },
        Some(Page::Leave) => html! { <LeaveAsGuest /> },
    };
    let title = page.map(|page| page.title(words));
    let title = title.or(section.filter(|_| !wide).map(|section| section.name(words)));
    let to_back = (page.is_some() || !wide).then(|| {
        let onclick = on_back.reform(|_: MouseEvent| ());
        html! {
            <button ref={back} type="button" class="plain back-button" aria-label={said.back} {onclick}>
                <IconPicture icon={Icon::Back} />
            </button>
        }
    });
    let links = Section::all(member).map(|it| {
        let current = (section == Some(it)).then_some("true");
        html! {
            <button type="button" key={it.name(words)} aria-current={current} onclick={choose(it)}>
                { it.name(words) }<IconPicture icon={Icon::Onwards} />
            </button>
        }
    });
    // Hidden and not removed: its input is still to be saved.
    let sections = Section::all(member).map(|it| {
        let hidden = !wide && section != Some(it) || page.is_some();
        html! {
            <section key={it.name(words)} {hidden} data-section={(it as usize).to_string()}>
                if wide { <h2>{ it.name(words) }</h2> }
                { inside(it) }
            </section>
        }
    });
    html! {
        <Dialog class="settings" label={words.settings} close={words.close} on_close={props.on_close.clone()}>
            <nav aria-label={words.settings_title} hidden={!wide && section.is_some()}>
                <h2>{ words.settings_title }</h2>
                { for links }
            </nav>
            <div ref={all} class="settings-sections" hidden={section.is_none()} {onscroll}>
                if title.is_some() {
                    <h2>{ for to_back }{ title }</h2>
                }
                <p ref={status} class="you-are" role="status" tabindex="-1">{ *done }</p>
                { for sections }
                { of_page }
            </div>
        </Dialog>
    }
}

/// The distance below the upper edge within which a section may begin and count as the visible one, in pixels.
const EDGE: f64 = 80.0;

/// Returns the sections that are rendered, with their elements.
fn parts(all: &Element) -> impl Iterator<Item = (Section, Element)> {
    let children = all.children();
    (0..children.length()).filter_map(move |at| {
        let child = children.item(at)?;
        let index: usize = child.get_attribute("data-section")?.parse().ok()?;
        Some((*Section::ALL.get(index)?, child))
    })
}

/// Returns the last section that begins above [`EDGE`], to which the user has scrolled.
fn in_sight(all: &Element) -> Option<Section> {
    let edge = all.get_bounding_client_rect().top() + EDGE;
    let above = parts(all).filter(|(_, it)| it.get_bounding_client_rect().top() <= edge);
    above.last().map(|(section, _)| section)
}

fn focus_on(element: Option<HtmlElement>) {
    if let Some(element) = element {
        let _ = element.focus();
    }
}
