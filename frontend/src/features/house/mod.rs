//! The house: what those see and do who keep order in it.

mod full;
mod invites;
mod link;
mod mark;
mod people;
mod person;
mod powers;
mod record;
mod rules;
mod section;
mod storage;

use snug_shared::people::Role;
use web_sys::HtmlElement;
use yew::prelude::*;

pub(crate) use self::{
    full::DiskFull, link::HouseLink, mark::RoleMark, person::PersonDialog, powers::Powers, section::Section,
};
use self::{
    invites::Invites, link::RouteLink, people::People, record::Record, rules::Rules, storage::Storage,
};
use crate::{
    browser,
    prefs::use_words,
    route::Route,
    store::use_selected,
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct HouseProps {
    pub(crate) section: Section,
}

/// The page at `/house`. Whoever may not see a section is told so; the server would not answer either.
#[component(HousePage)]
pub(crate) fn house_page(props: &HouseProps) -> Html {
    let (_, words) = use_words();
    let said = words.house;
    let heading = use_node_ref();
    let role = use_selected(|state| state.replica.you().map(|you| you.role));
    let room = use_selected(|state| state.name.clone());
    use_effect_with(words.house.house, |house| {
        browser::document().set_title(&format!("{house} · Snug"))
    });
    {
        // Whoever listens to the page is told that it is another one.
        let heading = heading.clone();
        use_effect_with((), move |()| {
            if let Some(heading) = heading.cast::<HtmlElement>() {
                let _ = heading.focus();
            }
        });
    }
    let sections = Section::ALL
        .into_iter()
        .filter(|it| role.is_some_and(|role| role >= it.least()));
    let links = sections.map(|section| {
        html! {
            <RouteLink key={section.word()} to={Route::House { section }} current={section == props.section}>
                { section.name(said) }
            </RouteLink>
        }
    });
    let inside = match (role, props.section) {
        (None, _) => html! { <p class="about">{ words.connecting }</p> },
        (Some(role), _) if role < Role::Moderator => html! { <p class="about">{ said.not_yours }</p> },
        (Some(role), section) if role < section.least() => {
            html! { <p class="about">{ said.owners_only }</p> }
        }
        (Some(_), Section::People) => html! { <People /> },
        (Some(_), Section::Invitations) => html! { <Invites /> },
        (Some(_), Section::Rules) => html! { <Rules /> },
        (Some(_), Section::Record) => html! { <Record /> },
        (Some(_), Section::Storage) => html! { <Storage /> },
    };
    html! {
        <main class="house">
            <header>
                <RouteLink class="plain back-button" to={Route::Room { name: room }} label={said.to_rooms}>
                    <IconPicture icon={Icon::Back} />
                </RouteLink>
                <h1 ref={heading} tabindex="-1">{ said.house }</h1>
            </header>
            if role.is_some_and(|role| role >= Role::Moderator) {
                <nav aria-label={said.sections}>{ for links }</nav>
            }
            <div class="house-inside">{ inside }</div>
        </main>
    }
}
