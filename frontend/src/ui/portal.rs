//! Renders children inside an element elsewhere in the page.

use web_sys::Element;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct PortalProps {
    /// The element that contains the children.
    pub(crate) host: Element,
    pub(crate) children: Html,
}

/// Renders the children in `host`. Yew listens for events in the first host of a portal only. For another host the children are
/// rendered anew, or they would not receive any events.
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
