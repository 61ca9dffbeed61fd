//! Renders the log of a room: its chunks of messages, its unsent messages, and how it scrolls.

use std::rc::Rc;

use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{Position, RoomId},
    replica::PendingState,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, ResizeObserver};
use yew::prelude::*;

use super::{
    actions::RowActions,
    busy::use_busy,
    copy::use_copying,
    delete::use_deleting,
    fold::Unfolded,
    grouping::{follows, group},
    highlight::use_highlight,
    jump_banner::JumpBanner,
    jump_to_newest::JumpToNewest,
    keep_focus::use_focus_kept,
    message_text::RoomAddresses,
    missed::Missed,
    newer::LowerEnd,
    older::UpperEnd,
    pending::PendingRow,
    row::ChunkOfRows,
    scroll::{Scroller, position_of},
    time_zone,
};
use crate::{
    browser,
    client::storage,
    features::{composer::focus_composer, room_list::RoomTitle},
    prefs::use_words,
    store::{JumpState, LoadState, ScrollTarget, by_id, by_name, use_selected, use_store},
    ui::Logo,
};

/// The number of chunks in the first frame.
const FIRST: usize = 2;

#[derive(PartialEq, Properties)]
pub(crate) struct TimelineProps {
    /// The room that is shown. Another room has another timeline: this property never changes.
    pub(crate) room: RoomId,
}

#[component(Timeline)]
pub(crate) fn timeline(props: &TimelineProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let revision = use_selected(|state| (state.revision, state.line()));
    let sent_count = use_selected(|state| state.sent_count);
    let (today, zone) = time_zone::use_today();
    let log = use_node_ref();
    let scroller = use_memo(log.clone(), |log| {
        Scroller::new(log.clone(), store.state().spot())
    });
    let drawn_whole = use_whole();
    let whole = *drawn_whole;
    let sent_before = use_memo((), |()| sent_count);
    let highlight = use_highlight(&scroller);
    let rooms = use_selected(|state| RoomAddresses::new(by_name(&state.replica)));
    let unfolded = use_memo((), |()| Unfolded::new(scroller.clone()));
    let copying = use_copying();
    let deleting = use_deleting(&log);
    // The log stays as it is until the target message of a jump is loaded.
    let jump = use_selected(|state| state.is_jumping().then(|| state.jump_state()).flatten());
    let shown = use_mut_ref(|| false);
    let blank = jump == Some(JumpState::Failed) || jump.is_some() && !*shown.borrow();
    *shown.borrow_mut() = !blank;

    let look = {
        let (store, scroller, room) = (store.clone(), scroller.clone(), props.room.clone());
        Rc::new(move || {
            if blank {
                return;
            }
            let live = store
                .state()
                .current_room()
                .is_some_and(|room| room.elsewhere.is_none());
            store.scrolled(&room, scroller.scrolled(live), scroller.height());
            let (older, newer) = (store.state().older(), store.state().newer());
            if whole && scroller.near_upper_end() && older == LoadState::Idle {
                store.load_older();
            }
            if scroller.near_lower_end() && newer == LoadState::Idle {
                store.load_newer();
            }
        })
    };
    {
        let (store, scroller, look) = (store.clone(), scroller.clone(), look.clone());
        let on_found = highlight.on_found.clone();
        use_effect_with((revision, lang, today, zone, whole), move |_| {
            let scroll_target = store.state().scroll_target;
            // The target may not be drawn yet; a hidden page has no frames to wait for.
            if scroll_target.is_some() && !whole {
                drawn_whole.set(true);
                return;
            }
            match scroll_target {
                Some(target) => scroller.go(target),
                None if scroller.can_wait() => return,
                None => scroller.settle(),
            }
            look();
            if let Some(ScrollTarget::Message(n)) = scroll_target {
                on_found.emit(n);
            }
            if scroll_target.is_some() {
                store.on_scroll_target_reached();
            }
        });
    }
    use_focus_kept(&log, &scroller, revision.0);
    {
        let scroller = scroller.clone();
        use_effect_with(sent_count, move |&sent_count| {
            if sent_count != *sent_before {
                scroller.scroll_to_newest();
            }
        });
    }
    use_resized(&log, {
        let (scroller, look) = (scroller.clone(), look.clone());
        Rc::new(move || {
            scroller.settle();
            look();
        })
    });

    let onscroll = {
        let scroller = scroller.clone();
        Callback::from(move |_: Event| {
            if !scroller.can_wait() {
                return look();
            }
            // New messages are drawn in this frame too, and then both are laid out at once.
            let look = look.clone();
            spawn_local(async move {
                browser::frame().await;
                look();
            });
        })
    };
    let onkeydown = {
        let (scroller, store) = (scroller.clone(), store.clone());
        let (on_copy, on_delete) = (copying.on_copy.clone(), deleting.on_delete.clone());
        Callback::from(move |event: KeyboardEvent| {
            let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key());
            let row = target(&event).filter(|_| plain);
            match (event.key().as_str(), row.as_ref().and_then(position_of)) {
                ("Escape", _) if plain && focus_composer() => event.prevent_default(),
                ("Home", _) if plain && scroller.to_end(true) => event.prevent_default(),
                ("End", _) if plain => {
                    event.prevent_default();
                    store.jump_to_newest();
                    scroller.to_end(false);
                }
                ("u", Some(n)) => {
                    event.prevent_default();
                    store.unread_from(n);
                }
                ("c", Some(n)) => {
                    event.prevent_default();
                    on_copy.emit(n);
                }
                ("Delete", Some(n)) => {
                    event.prevent_default();
                    on_delete.emit(n);
                }
                _ => {}
            }
            let up = event.key() == "ArrowUp";
            // With Alt these keys open another room.
            if (up || event.key() == "ArrowDown") && !event.alt_key() && scroller.step(up) {
                event.prevent_default();
            }
        })
    };
    let on_jump = {
        let (store, scroller) = (store.clone(), scroller.clone());
        Callback::from(move |()| {
            store.jump_to_newest();
            // The button is removed then.
            if !browser::has_keyboard() || !focus_composer() {
                scroller.focus_log();
            }
        })
    };

    let state = store.state();
    let you = state.replica.you();
    let here = state.current_room().filter(|_| !blank);
    let live = here.is_some_and(|room| room.elsewhere.is_none());
    let chunks = here.map_or_else(Vec::new, |room| {
        let me = you.map(|you| &you.chat_id);
        // A line that is not loaded is not drawn.
        let line = state.line().filter(|line| *line >= room.shown().after());
        let deleted = |n| state.requests.deletes(&props.room, n);
        let shown = room.shown().messages().filter(|it| !deleted(it.n));
        group(shown, me, line, |at| time_zone::day_of(at, zone))
    });
    let mut before = here
        .and_then(|room| room.timeline.messages().next_back())
        .filter(|last| you.is_some_and(|you| you.chat_id == last.chat_id && you.avatar == last.avatar))
        .map(|last| last.at);
    let pending = state
        .replica
        .outbox()
        .pending()
        .iter()
        .filter(|it| live && it.room == props.room);
    let nothing_pending = pending.clone().next().is_none();
    let turn = state.next_send_at(&props.room);
    let mut slow = false;
    let profile = (!nothing_pending).then(storage::profile).flatten();
    let name = AttrValue::from(profile.as_ref().map(|it| it.name.to_string()).unwrap_or_default());
    let avatar = profile.map_or(Avatar::Face(0), |it| it.avatar);
    let pending: Html = pending
        .map(|it| {
            // The clocks of two machines differ; a message never counts as older than the last one.
            let head = !before.is_some_and(|before| follows(before, it.at));
            before = Some(it.at);
            let behind = slow;
            slow |= it.state == PendingState::Waiting(Some(ErrorCode::SlowMode));
            html! {
                <PendingRow key={it.key.as_str()} pending={it.clone()} {head} name={name.clone()}
                    avatar={avatar.clone()} live={state.replica.is_live()} {behind} {turn} {lang} {zone} />
            }
        })
        .collect();
    let address = by_id(&props.room).unwrap_or_else(|| state.name.clone());
    let above = chunks.len().saturating_sub(FIRST);
    // A separate list, whose items are all keyed: otherwise prepended rows would move them all.
    let chunks: Html = chunks
        .into_iter()
        .skip(if whole { 0 } else { above })
        .map(|chunk| {
            let key = chunk.id;
            let highlight = highlight.n.filter(|n| chunk.has(*n));
            let me = you.map(|you| you.chat_id.clone());
            html! { <ChunkOfRows {key} {chunk} {today} {zone} {lang} {me} room={address.clone()} {highlight} /> }
        })
        .collect();
    let cursor = here.map_or(Position::START, |room| room.shown().cursor());
    let complete = here.is_some_and(|room| room.shown().after() == Position::START);
    let empty = cursor == Position::START && nothing_pending;
    let archived = here
        .and_then(|room| room.info.as_ref())
        .is_some_and(|info| info.archived);
    // Its newest page may be on its way.
    let known = you.is_some() && here.is_some_and(|room| room.head() == cursor);
    let loading = [state.older(), state.newer()].contains(&LoadState::Loading);
    let beginning = RoomTitle::of_current(&state).beginning(words);
    let after = here.map_or(Position::START, |room| room.shown().after());
    let busy = use_busy(jump.is_some() || loading || !known || !whole, after, live);
    html! {
        <div class="log-frame">
            <div ref={&log} class="log" role="log" aria-label={words.messages} tabindex="0"
                aria-busy={busy.to_string()} {onscroll} {onkeydown}
                onfocusout={highlight.onfocusout}>
                <div class="feed"><ContextProvider<Unfolded> context={(*unfolded).clone()}><ContextProvider<RoomAddresses> context={rooms}>
                    if blank {
                        <JumpBanner />
                    } else if empty {
                        <div class="nothing-yet">
                            <Logo />
                            <p>{ if !known { words.loading } else if archived { words.empty_archived } else { words.empty } }</p>
                        </div>
                    } else if whole && cursor > Position::START {
                        <UpperEnd {complete} {beginning} />
                    }
                    { chunks }
                    if here.is_some() && !live {
                        <LowerEnd />
                    }
                    // A screen reader announces the user's own message when it is sent, and not twice.
                    <div class="chunk" aria-live="off">{ pending }</div>
                </ContextProvider<RoomAddresses>></ContextProvider<Unfolded>></div>
                // Inside the log, since the events of the buttons bubble to where they are rendered.
                <RowActions log={log.clone()} copied={copying.copied} on_copy={copying.on_copy} on_delete={deleting.on_delete} />
            </div>
            <Missed />
            <JumpToNewest {on_jump} />
            { copying.by_hand }
            { deleting.dialog }
        </div>
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Returns whether the whole log is to be drawn. At the newest end, the newest chunks are drawn first and those above a frame later:
/// the room that the user opens appears sooner.
#[hook]
fn use_whole() -> UseStateHandle<bool> {
    let store = use_store();
    let whole = use_state_eq(|| store.state().spot().is_some() || store.state().scroll_target.is_some());
    {
        let whole = whole.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                browser::frame().await;
                browser::frame().await;
                whole.set(true);
            });
        });
    }
    whole
}

/// Calls `hears` when the log or its content has changed its size and is laid out: messages arrived, the window was
/// rotated, the keyboard appeared, the composer grew, a font was loaded.
#[hook]
fn use_resized(log: &NodeRef, hears: Rc<dyn Fn()>) {
    let newest = use_mut_ref(|| hears.clone());
    *newest.borrow_mut() = hears;
    use_effect_with(log.clone(), move |log| {
        let resized = Closure::<dyn FnMut()>::new(move || {
            let hears = newest.borrow().clone();
            hears();
        });
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(log)) = (&observer, log.cast::<HtmlElement>()) {
            observer.observe(&log);
            if let Some(feed) = Element::first_element_child(&log) {
                observer.observe(&feed);
            }
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(resized);
        }
    });
}
