//! Renders a member in the list of a room's members. The confirmation of their removal replaces the row.

use snug_shared::presence::ChatUser;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{prefs::use_words, ui::AvatarPicture};

#[derive(PartialEq, Properties)]
pub(super) struct MemberProps {
    pub(super) person: ChatUser,
    pub(super) is_me: bool,
    pub(super) removable: bool,
    pub(super) busy: bool,
    pub(super) on_remove: Callback<()>,
}

#[component(Member)]
pub(super) fn member(props: &MemberProps) -> Html {
    let (_, words) = use_words();
    let asked = use_state_eq(|| None::<bool>);
    let (removes, cancels) = (use_node_ref(), use_node_ref());
    {
        let (removes, cancels) = (removes.clone(), cancels.clone());
        use_effect_with(*asked, move |asked| {
            // To the harmless button, and back to where the focus was.
            let button = asked.map(|asked| if asked { cancels } else { removes });
            if let Some(button) = button.and_then(|it| it.cast::<HtmlElement>()) {
                let _ = button.focus();
            }
        });
    }
    let ask = |to: bool| {
        let asked = asked.clone();
        Callback::from(move |_: MouseEvent| asked.set(Some(to)))
    };
    let name = props.person.name.as_str();
    if *asked == Some(true) && props.removable {
        let remove = props.on_remove.reform(|_: MouseEvent| ());
        return html! {
            <li class="asks">
                <p>{ (words.remove_member_confirm)(name) }</p>
                <div class="ways-out">
                    <button ref={cancels} type="button" class="stay" onclick={ask(false)}>{ words.admin.cancel }</button>
                    <button type="button" class="leave" disabled={props.busy} onclick={remove}>{ words.remove }</button>
                </div>
            </li>
        };
    }
    html! {
        <li>
            <AvatarPicture avatar={props.person.avatar.clone()} />
            <span class="name" dir="auto" title={name.to_owned()}>{ name }</span>
            if props.is_me {
                <small>{ words.you }</small>
            } else if props.removable {
                <button ref={removes} type="button" class="small quiet" aria-label={(words.remove_member)(name)}
                    disabled={props.busy} onclick={ask(true)}>{ words.remove }</button>
            }
        </li>
    }
}
