//! Children that stand in an element elsewhere in the page.

use web_sys::Element;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct PortalProps {
    /// Where they stand.
    pub(crate) host: Element,
    pub(crate) children: Html,
}

/// Yew listens for events in the element that a portal had first. For another one the children are made anew, or nothing in them
/// would hear that it is pressed.
#[component(Portal)]
pub(crate) fn portal(props: &PortalProps) -> Html {
    let hosts = use_mut_ref(|| (props.host.clone(), 0_u32));
    let key = {
        let mut hosts = hosts.borrow_mut();
        if hosts.0 != props.host {
            *hosts = (props.host.clone(), hosts.1.wrapping_add(1));
        }
        hosts.1
    };
    html! { <Hosted {key} host={props.host.clone()}>{ props.children.clone() }</Hosted> }
}

#[component(Hosted)]
fn hosted(props: &PortalProps) -> Html {
    create_portal(props.children.clone(), props.host.clone())
}
