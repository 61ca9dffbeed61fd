//! Renders a message that is not acknowledged yet, with its progress in words beside it.

use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    lang::Lang,
    replica::{Pending, PendingState},
};
use yew::prelude::*;

use super::{
    fold::{Fold, may_be_tall},
    message_text::MessageText,
    row::Time,
};
use crate::{
    features::rooms::{at_what_time, use_muted},
    i18n::{Zone, left, words},
    store::use_store,
    ui::{AvatarPicture, use_countdown},
};

#[derive(PartialEq, Properties)]
pub(super) struct PendingProps {
    pub(super) pending: Pending,
    pub(super) head: bool,
    pub(super) name: AttrValue,
    pub(super) avatar: Avatar,
    pub(super) live: bool,
    pub(super) zone: Zone,
    /// Whether, in slow mode, another message of this room waits before it.
    pub(super) behind: bool,
    /// The time of its turn in slow mode, in milliseconds since the page was loaded, if that is known.
    pub(super) turn: Option<f64>,
    pub(super) lang: Lang,
}

#[component(PendingRow)]
pub(super) fn pending_row(props: &PendingProps) -> Html {
    let PendingProps {
        pending,
        head,
        live,
        zone,
        behind,
        lang,
        ..
    } = props;
    let said = words(*lang);
    let store = use_store();
    let muted = use_muted();
    let seconds = use_countdown(props.turn);
    // A deferred message is sent again from time to time; its appearance need not change for that moment.
    let before = use_mut_ref(|| pending.state);
    let state = match (pending.state, *before.borrow()) {
        (PendingState::Sent, before @ PendingState::Waiting(Some(_))) => before,
        (state, _) => state,
    };
    *before.borrow_mut() = state;
    let refused = match state {
        PendingState::Refused(code) => Some(code),
        _ => None,
    };
    let put_off = matches!(state, PendingState::Waiting(Some(_)));
    let fate = match (state, muted) {
        (PendingState::Refused(ErrorCode::Muted), Some(until)) => {
            (said.not_sent_muted)(&at_what_time(until, *lang))
        }
        (PendingState::Refused(ErrorCode::Muted), None) => said.not_sent_was_muted.to_owned(),
        (PendingState::Refused(code), _) => (said.not_sent)(&code.sentence(*lang)),
        _ if !live => said.waiting_for_connection.to_owned(),
        (PendingState::Waiting(Some(ErrorCode::SlowMode)), _) if seconds > 0 => {
            (said.slow_wait)(&left(seconds, *lang))
        }
        (PendingState::Waiting(Some(code)), _) => (said.not_sent_yet)(&code.sentence(*lang)),
        _ if *behind => said.slow_next.to_owned(),
        (PendingState::Sent | PendingState::Waiting(None), _) => said.sending.to_owned(),
    };
    // A message sent again while the user is muted would be refused again.
    let may_send_again = refused.is_some_and(|code| code != ErrorCode::Muted || muted.is_none());
    let again = {
        let (store, key) = (store.clone(), pending.key.clone());
        Callback::from(move |_: MouseEvent| store.try_again(&key))
    };
    let discard = {
        let key = pending.key.clone();
        Callback::from(move |_: MouseEvent| store.discard(&key))
    };
    let class = classes!(
        "row",
        "pending",
        head.then_some("head"),
        refused.is_some().then_some("refused"),
        // An ordinary message on its way shows no progress for half a second.
        (refused.is_none() && !put_off && *live).then_some("under-way"),
    );
    let text = pending.text.as_str().to_owned();
    html! {
        <article {class} tabindex="-1" data-key={pending.key.to_string()}>
            if *head {
                <AvatarPicture avatar={props.avatar.clone()} />
                <div class="who">
                    <b dir="auto">{ &props.name }</b>
                    <small>{ said.you }</small>
                    <Time at={pending.at} zone={*zone} lang={*lang} />
                </div>
            } else {
                <Time at={pending.at} zone={*zone} lang={*lang} />
                <span class="unseen"><bdi>{ &props.name }</bdi>{ said.colon }</span>
            }
            <div class="said">
                if may_be_tall(pending.text.as_str()) {
                    <Fold of={pending.key.clone()} lang={*lang}><MessageText {text} /></Fold>
                } else {
                    <MessageText {text} />
                }
                <small class="fate">{ fate }</small>
                if refused.is_some() || put_off {
                    <div class="ways-on">
                        if may_send_again {
                            <button type="button" class="small" onclick={again}>{ said.send_again }</button>
                        }
                        <button type="button" class="small quiet" onclick={discard}>{ said.delete_now }</button>
                    </div>
                }
            </div>
        </article>
    }
}
