//! Asking the directory. The newest question's answer counts, in whichever order they come.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Timeout;
use snug_shared::rooms::Listed;
use yew::prelude::*;

use crate::client::http;

/// So long nothing more is typed before it is asked.
const SETTLED_MS: u32 = 200;

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) search: String,
    /// Grows when the same is asked once more.
    pub(super) times: u32,
}

/// What the directory has said, and whether that was to this question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The rooms; nothing, if there was no answer.
    pub(super) rooms: Option<Rc<[Listed]>>,
    pub(super) fresh: bool,
}

/// The newest answer, if there has been one.
#[hook]
pub(super) fn use_directory(question: Question) -> Option<Answer> {
    let answer = use_state(|| None::<(Question, Option<Rc<[Listed]>>)>);
    {
        let answer = answer.clone();
        use_effect_with(question.clone(), move |question| {
            let wanted = Rc::new(Cell::new(true));
            let wait = if question.search.is_empty() { 0 } else { SETTLED_MS };
            let timer = {
                let (question, wanted) = (question.clone(), wanted.clone());
                Timeout::new(wait, move || {
                    wasm_bindgen_futures::spawn_local(async move {
                        let rooms = http::rooms(&question.search).await.ok();
                        if wanted.get() {
                            answer.set(Some((question, rooms.map(Rc::from))));
                        }
                    });
                })
            };
            move || {
                wanted.set(false);
                drop(timer);
            }
        });
    }
    answer.as_ref().map(|(asked, rooms)| Answer {
        rooms: rooms.clone(),
        fresh: (&asked.search, asked.times) == (&question.search, question.times),
    })
}
