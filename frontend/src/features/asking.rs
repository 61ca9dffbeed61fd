//! Something that is asked of the server over HTTP: one thing at a time, and what became of it.

use std::{cell::Cell, future::Future, rc::Rc};

use futures_util::future::LocalBoxFuture;
use snug_shared::{code::Code, lang::Lang};
use yew::prelude::*;

use crate::{
    client::{Outcome, http::Failure},
    i18n::words,
};

/// See the module.
#[derive(Clone, PartialEq)]
pub(crate) struct Asking {
    // What is true now; a handle knows what was true when its component was drawn.
    turn: Rc<Turn>,
    busy: UseStateHandle<bool>,
    failure: UseStateHandle<Option<Failure>>,
}

#[derive(Default, PartialEq)]
struct Turn {
    // How often was asked so far.
    asked: Cell<u32>,
    under_way: Cell<bool>,
}

#[hook]
pub(crate) fn use_asking() -> Asking {
    Asking {
        turn: use_memo((), |()| Turn::default()),
        busy: use_state_eq(|| false),
        failure: use_state_eq(|| None),
    }
}

impl Asking {
    /// Whether there is no answer yet.
    pub(crate) fn busy(&self) -> bool {
        *self.busy
    }

    /// Why the last thing was not done.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The code of that, if the server has refused it.
    pub(crate) fn refused(&self) -> Option<Code> {
        match self.failure() {
            Some(Failure::Refused(it)) => Some(it.error),
            _ => None,
        }
    }

    /// It has been read, or something else is tried.
    pub(crate) fn forget(&self) {
        self.failure.set(None);
    }

    /// Asks, unless there is no answer yet to what was asked before.
    pub(crate) fn ask<T: 'static>(
        &self,
        what: impl Future<Output = Result<T, Failure>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if !self.turn.under_way.get() {
            self.ask_anew(what, then);
        }
    }

    /// Asks, and what was asked before is of no interest any more: for what is read again after a change.
    pub(crate) fn ask_anew<T: 'static>(
        &self,
        what: impl Future<Output = Result<T, Failure>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        self.run(Box::pin(async move {
            let answer = what.await?;
            Ok(Box::new(move || then(answer)) as Box<dyn FnOnce()>)
        }));
    }

    /// What is the same for every question, and therefore compiled once.
    fn run(&self, what: LocalBoxFuture<'static, Result<Box<dyn FnOnce()>, Failure>>) {
        let Self { turn, busy, failure } = self.clone();
        let mine = turn.asked.get() + 1;
        turn.asked.set(mine);
        turn.under_way.set(true);
        busy.set(true);
        failure.set(None);
        wasm_bindgen_futures::spawn_local(async move {
            let answer = what.await;
            if turn.asked.get() != mine {
                return;
            }
            turn.under_way.set(false);
            busy.set(false);
            match answer {
                Ok(then) => then(),
                Err(why) => failure.set(Some(why)),
            }
        });
    }
}

/// The sentence for people.
pub(crate) fn sentence(failure: &Failure, lang: Lang) -> String {
    match failure {
        Failure::Lost => words(lang).people.did_not_arrive.to_owned(),
        Failure::Strange(Outcome::NotSnug) => words(lang).gate.to_owned(),
        Failure::Strange(_) => words(lang).server_away.to_owned(),
        Failure::NoCookies => words(lang).people.no_cookies.to_owned(),
        // Of a newer server; the language is the browser's then.
        Failure::Refused(it) if it.error == Code::Unrecognised => it.message.clone(),
        Failure::Refused(it) => it.error.sentence(lang),
    }
}
