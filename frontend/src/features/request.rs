//! Sends a component's HTTP requests one at a time, and tracks the state of the last one.

use std::{cell::Cell, future::Future, rc::Rc};

use futures_util::future::LocalBoxFuture;
use snug_shared::{error_code::ErrorCode, lang::Lang};
use yew::prelude::*;

use crate::{
    client::{Outcome, http::Failure},
    i18n::words,
};

/// Sends a component's requests and has the state of the last one.
#[derive(Clone, PartialEq)]
pub(crate) struct Request {
    // The current state; the handles have the state as of the last render.
    slot: Rc<RequestSlot>,
    busy: UseStateHandle<bool>,
    failure: UseStateHandle<Option<Failure>>,
}

#[derive(Default, PartialEq)]
struct RequestSlot {
    // How many requests were sent so far.
    count: Cell<u32>,
    pending: Cell<bool>,
}

/// Creates the component's request state.
#[hook]
pub(crate) fn use_request() -> Request {
    Request {
        slot: use_memo((), |()| RequestSlot::default()),
        busy: use_state_eq(|| false),
        failure: use_state_eq(|| None),
    }
}

impl Request {
    /// Returns whether the last request awaits its answer.
    pub(crate) fn busy(&self) -> bool {
        *self.busy
    }

    /// Returns why the last request has failed.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Returns the server's code, if it has refused the last request.
    pub(crate) fn refused(&self) -> Option<ErrorCode> {
        match self.failure() {
            Some(Failure::Refused(it)) => Some(it.error),
            _ => None,
        }
    }

    /// Clears the failure.
    pub(crate) fn clear_failure(&self) {
        self.failure.set(None);
    }

    /// Sends a request, unless the last one awaits its answer.
    pub(crate) fn send<T: 'static>(
        &self,
        future: impl Future<Output = Result<T, Failure>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if !self.slot.pending.get() {
            self.send_latest(future, then);
        }
    }

    /// Sends a request, and ignores the answer to the last one: for reading again after a change.
    pub(crate) fn send_latest<T: 'static>(
        &self,
        future: impl Future<Output = Result<T, Failure>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        self.run(Box::pin(async move {
            let answer = future.await?;
            Ok(Box::new(move || then(answer)) as Box<dyn FnOnce()>)
        }));
    }

    /// Runs the part that is the same for every type of answer, and therefore compiled once.
    fn run(&self, future: LocalBoxFuture<'static, Result<Box<dyn FnOnce()>, Failure>>) {
        let Self { slot, busy, failure } = self.clone();
        let number = slot.count.get() + 1;
        slot.count.set(number);
        slot.pending.set(true);
        busy.set(true);
        failure.set(None);
        wasm_bindgen_futures::spawn_local(async move {
            let answer = future.await;
            if slot.count.get() != number {
                return;
            }
            slot.pending.set(false);
            busy.set(false);
            match answer {
                Ok(then) => then(),
                Err(why) => failure.set(Some(why)),
            }
        });
    }
}

/// Returns the sentence that reports a failure to the user.
pub(crate) fn sentence(failure: &Failure, lang: Lang) -> String {
    match failure {
        Failure::Lost => words(lang).people.unreachable.to_owned(),
        Failure::Strange(Outcome::NotSnug) => words(lang).captive_portal.to_owned(),
        Failure::Strange(_) => words(lang).server_down.to_owned(),
        Failure::NoCookies => words(lang).people.no_cookies.to_owned(),
        // From a newer server, in the browser's language.
        Failure::Refused(it) if it.error == ErrorCode::Unrecognised => it.message.clone(),
        Failure::Refused(it) => it.error.sentence(lang),
    }
}
