//! Folds very tall messages until the user unfolds them, so that no message pushes a conversation out of sight.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use snug_shared::{ids::Key, lang::Lang};
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use super::scroll::Scroller;
use crate::i18n::words;

/// The number of lines of a folded message, as `.fold` in the style sheet sets it.
const LINES: usize = 20;
/// The number of wide characters, such as Chinese ones, in a line on a narrow phone.
const NARROW: usize = 16;

/// Returns whether a text may have more than [`LINES`] on some screen. Only then is it measured.
pub(super) fn may_be_tall(text: &str) -> bool {
    let lines = || text.lines().map(|line| 1 + line.chars().count() / NARROW);
    text.len() > LINES && lines().sum::<usize>() > LINES
}

/// The messages that the user has unfolded in a room, for as long as the room is shown.
#[derive(Clone)]
pub(super) struct Unfolded(Rc<Inside>);

struct Inside {
    messages: RefCell<BTreeSet<Key>>,
    scroller: Rc<Scroller>,
}

impl Unfolded {
    pub(super) fn new(scroller: Rc<Scroller>) -> Self {
        let messages = RefCell::default();
        Self(Rc::new(Inside { messages, scroller }))
    }
}

impl PartialEq for Unfolded {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct FoldProps {
    pub(super) of: Key,
    pub(super) lang: Lang,
    pub(super) children: Html,
}

/// Renders a message's text and, if it is tall, a button that shows and hides the rest of it.
#[component(Fold)]
pub(super) fn fold(props: &FoldProps) -> Html {
    let said = words(props.lang);
    let all = use_context::<Unfolded>();
    let open = use_state_eq(|| {
        all.as_ref()
            .is_some_and(|all| all.0.messages.borrow().contains(&props.of))
    });
    let node = use_node_ref();
    let tall = use_tall(&node, *open);
    let set = {
        let (all, of, open, node) = (all, props.of.clone(), open.clone(), node.clone());
        Rc::new(move |is: bool, moved: f64| {
            if let Some(all) = &all {
                let mut messages = all.0.messages.borrow_mut();
                if is {
                    messages.insert(of.clone());
                } else {
                    messages.remove(&of);
                }
                if let Some(row) = row_of(&node) {
                    all.0.scroller.hold(row, is, moved);
                }
            }
            open.set(is);
        })
    };
    let onclick = {
        let (set, open) = (set.clone(), *open);
        Callback::from(move |_: MouseEvent| set(!open, 0.0))
    };
    // The browser's own search, the caret and the focus scroll to hidden text: then it has to be visible.
    let onscroll = {
        let (node, open) = (node.clone(), *open);
        Callback::from(move |_: Event| {
            let scrolled = node.cast::<Element>().map_or(0, |it| it.scroll_top());
            if !open && scrolled > 0 {
                set(true, f64::from(scrolled));
            }
        })
    };
    let class = classes!(
        "fold",
        (!*open).then_some("folded"),
        (tall && !*open).then_some("cut")
    );
    html! {
        <>
            <div ref={node} {class} {onscroll}>{ props.children.clone() }</div>
            if tall {
                <button type="button" class="small unfold" aria-expanded={open.to_string()} {onclick}>
                    { if *open { said.show_less } else { said.show_more } }
                </button>
            }
        </>
    }
}

fn row_of(node: &NodeRef) -> Option<Element> {
    node.cast::<Element>()?.closest(".row").ok()?
}

/// Returns whether an element has more than it shows while folded. An element that was unfolded before was tall.
#[hook]
fn use_tall(node: &NodeRef, open: bool) -> bool {
    let tall = use_state_eq(|| open);
    {
        let tall = tall.clone();
        use_effect_with(node.clone(), move |node| {
            let element = node.cast::<Element>();
            let measured = element.clone();
            let resized = Closure::<dyn FnMut()>::new(move || {
                let folded = measured.as_ref().filter(|it| it.class_list().contains("folded"));
                if let Some(it) = folded {
                    tall.set(it.scroll_height() > it.client_height() + 1);
                }
            });
            let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(resized);
            }
        });
    }
    *tall
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_tall_is_measured() {
        for short in ["hello", "a\nb\nc", &"x".repeat(200), &"x\n".repeat(LINES)] {
            assert!(!may_be_tall(short), "{short}");
        }
        for tall in [
            "x\n".repeat(LINES + 1),
            "字".repeat(LINES * NARROW),
            "\n".repeat(50),
        ] {
            assert!(may_be_tall(&tall), "{tall}");
        }
    }
}
