//! Searches the directory. The newest query's answer counts, in whichever order the answers arrive.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Timeout;
use snug_shared::rooms::Listed;
use yew::prelude::*;

use crate::client::http;

/// The pause in typing after which the query is sent, in milliseconds.
const SETTLED_MS: u32 = 200;

/// A query to the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) search: String,
    /// A counter that grows when the same query is repeated.
    pub(super) times: u32,
}

/// The directory's answer, and whether it belongs to the present query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The rooms that were found; `None`, if there was no answer.
    pub(super) rooms: Option<Rc<[Listed]>>,
    pub(super) fresh: bool,
}

/// Returns the newest answer, if there has been one.
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
