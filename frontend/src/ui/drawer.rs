//! Renders a panel beside the page where there is space, and a drawer over it where there is not.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{Icon, IconPicture};
use crate::history::use_layer;

/// The length of a swipe that closes the drawer, in pixels.
const SWIPE_PX: f64 = 64.0;

/// The side of the page on which a drawer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what it is called")]
pub enum Side {
    Left,
    Right,
}

impl Side {
    fn class(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// Returns the direction out of the page, along the x axis.
    fn outwards(self) -> f64 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }
}

#[derive(PartialEq, Properties)]
pub struct DrawerProps {
    pub side: Side,
    pub label: AttrValue,
    /// The ARIA role of the panel, while it is beside the page.
    pub role: AttrValue,
    /// The label of the button that closes it.
    pub close: AttrValue,
    /// Whether it is a drawer over the page.
    pub over: bool,
    pub open: bool,
    /// Whether another drawer is open over it.
    pub behind: bool,
    pub on_close: Callback<()>,
    pub children: Html,
}

/// Renders a panel, or a drawer if space is short. An open drawer holds the focus; Escape, Back, a swipe or the space beside it close it.
#[component(Drawer)]
pub fn drawer(props: &DrawerProps) -> Html {
    let DrawerProps {
        side,
        over,
        open,
        on_close,
        ..
    } = props;
    use_layer(*over && *open, on_close.clone());
    let outwards = side.outwards();
    let node = use_node_ref();
    let closer = use_node_ref();
    let began = use_memo((), |()| Cell::new(None::<(f64, f64)>));
    {
        let closer = closer.clone();
        use_effect_with(*open, move |open| {
            if let (true, Some(closer)) = (open, closer.cast::<HtmlElement>()) {
                let _ = closer.focus();
            }
        });
    }

    let onkeydown = {
        let (open, on_close) = (*open, on_close.clone());
        Callback::from(move |event: KeyboardEvent| {
            // A dialog inside of it closes first.
            let in_dialog = event
                .target()
                .and_then(|it| it.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|it| it.closest("dialog").ok().flatten().is_some());
            if open && event.key() == "Escape" && !in_dialog {
                on_close.emit(());
            }
        })
    };
    let ontouchstart = {
        let began = began.clone();
        Callback::from(move |event: TouchEvent| began.set(finger(&event)))
    };
    let ontouchmove = {
        let (began, node) = (began.clone(), node.clone());
        Callback::from(move |event: TouchEvent| {
            if let Some(across) = across(began.get(), finger(&event), outwards) {
                shift(&node, Some(across * outwards));
            }
        })
    };
    let ontouchend = {
        let (began, node, on_close) = (began.clone(), node.clone(), on_close.clone());
        Callback::from(move |event: TouchEvent| {
            let swiped =
                across(began.take(), finger(&event), outwards).is_some_and(|across| across > SWIPE_PX);
            shift(&node, None);
            if swiped {
                on_close.emit(());
            }
        })
    };
    let ontouchcancel = {
        let node = node.clone();
        Callback::from(move |_: TouchEvent| shift(&node, None))
    };
    let role = if *open {
        AttrValue::from("dialog")
    } else {
        props.role.clone()
    };
    html! {
        <>
            if *over {
                <div class={classes!("scrim", open.then_some("open"))} onclick={on_close.reform(|_| ())} />
            }
            <div ref={node} class={classes!("panel", side.class(), over.then_some("over"), open.then_some("open"))}
                aria-label={props.label.clone()} inert={props.behind || (*over && !*open)} {role}
                aria-modal={open.then_some("true")} {onkeydown} {ontouchstart} {ontouchmove} {ontouchend} {ontouchcancel}>
                if *over {
                    <button ref={closer} type="button" class="plain close" aria-label={props.close.clone()} onclick={on_close.reform(|_| ())}>
                        <IconPicture icon={Icon::Close} />
                    </button>
                }
                { props.children.clone() }
            </div>
        </>
    }
}

/// Returns where the finger is, or was when it was lifted.
fn finger(event: &TouchEvent) -> Option<(f64, f64)> {
    let touch = event
        .touches()
        .get(0)
        .or_else(|| event.changed_touches().get(0))?;
    Some((f64::from(touch.client_x()), f64::from(touch.client_y())))
}

/// Returns how far the finger has moved outwards, if it moves across rather than along the list.
fn across(began: Option<(f64, f64)>, now: Option<(f64, f64)>, outwards: f64) -> Option<f64> {
    let ((x, y), (to_x, to_y)) = (began?, now?);
    let across = (to_x - x) * outwards;
    (across > 8.0 && across > (to_y - y).abs() * 1.5).then_some(across)
}

/// Moves the drawer with the finger.
fn shift(node: &NodeRef, across: Option<f64>) {
    let Some(panel) = node.cast::<HtmlElement>() else {
        return;
    };
    let _ = match across {
        Some(across) => panel.style().set_property("--pulled", &format!("{across}px")),
        None => panel.style().remove_property("--pulled").map(drop),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swipe_goes_out_of_the_page_and_not_along_the_list() {
        let swipe = |side: Side, to| across(Some((100.0, 100.0)), Some(to), side.outwards());
        assert_eq!(swipe(Side::Left, (20.0, 110.0)), Some(80.0));
        assert_eq!(swipe(Side::Right, (180.0, 110.0)), Some(80.0));
        assert_eq!(swipe(Side::Left, (180.0, 110.0)), None, "that is into it");
        assert_eq!(swipe(Side::Left, (60.0, 200.0)), None, "that scrolls");
    }
}
