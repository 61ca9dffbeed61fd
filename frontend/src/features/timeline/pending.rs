//! A message that is not acknowledged yet, with how far it has come in words beside it.

use snug_shared::{
    avatar::Avatar,
    lang::Lang,
    replica::{Pending, PendingState},
};
use yew::prelude::*;

use super::{
    fold::{Fold, may_be_tall},
    row::Time,
    words::Said,
};
use crate::{
    i18n::{Zone, words},
    store::use_store,
    ui::AvatarPicture,
};

#[derive(PartialEq, Properties)]
pub(super) struct PendingProps {
    pub(super) pending: Pending,
    pub(super) head: bool,
    pub(super) name: AttrValue,
    pub(super) avatar: Avatar,
    pub(super) live: bool,
    pub(super) zone: Zone,
    pub(super) lang: Lang,
}

#[component(PendingRow)]
pub(super) fn pending_row(props: &PendingProps) -> Html {
    let PendingProps {
        pending,
        head,
        live,
        zone,
        lang,
        ..
    } = props;
    let said = words(*lang);
    let store = use_store();
    let refused = match pending.state {
        PendingState::Refused(code) => Some(code),
        _ => None,
    };
    let state = match (pending.state, live) {
        (PendingState::Refused(code), _) => (said.not_sent)(&code.sentence(*lang)),
        (_, false) => said.waiting_for_connection.to_owned(),
        (PendingState::Waiting(Some(code)), _) => (said.put_off)(&code.sentence(*lang)),
        (PendingState::Sent | PendingState::Waiting(None), _) => said.sending.to_owned(),
    };
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
        // What is on its way in the ordinary course of things is not worth a word for half a second.
        (refused.is_none() && *live).then_some("under-way"),
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
                    <Fold of={pending.key.clone()} lang={*lang}><Said {text} /></Fold>
                } else {
                    <Said {text} />
                }
                <small class="fate" role={refused.map(|_| "alert")}>{ state }</small>
                if refused.is_some() {
                    <div class="ways-on">
                        <button type="button" class="small" onclick={again}>{ said.try_again }</button>
                        <button type="button" class="small quiet" onclick={discard}>{ said.discard }</button>
                    </div>
                }
            </div>
        </article>
    }
}
