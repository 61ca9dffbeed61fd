//! Preserves the scroll position of what the user reads.
//!
//! At the newest end the view follows. Anywhere else the row at the upper edge is held: whatever
//! is inserted above or below it, or however the window changes, it stays at the same height. Browsers
//! have scroll anchoring of their own, but not all of them, and none at the very top, where older
//! messages are inserted; so it is switched off in the style sheet and done here.

use std::cell::{Cell, RefCell};

use snug_shared::ids::Position;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};
use yew::NodeRef;

use crate::store::{ScrollTarget, Spot};

/// The distance from the lower end, in pixels, within which the view counts as being there.
const NEAR_PX: i32 = 48;
/// The number of rows that are held, in case those before them are deleted.
const HELD: usize = 5;
/// The space above the target message of a jump that fills the view, in pixels.
const TOP_PX: f64 = 16.0;

#[derive(Debug)]
pub(super) struct Scroller {
    log: NodeRef,
    follow: Cell<bool>,
    /// The scroll offset when the view was last at the newest end.
    end: Cell<i32>,
    /// Whether there was more than one view's height above it.
    long: Cell<bool>,
    /// The newest rows when the view was last at the newest end, the newest first.
    newest: RefCell<Vec<Element>>,
    /// The row at the upper edge and those after it, each with its height there: it may be deleted.
    anchors: RefCell<Vec<(Element, f64)>>,
    /// The spot to restore, until its row is rendered.
    spot: Cell<Option<Spot>>,
}

impl Scroller {
    /// Starts at a spot, or at the newest end.
    pub(super) fn new(log: NodeRef, spot: Option<Spot>) -> Self {
        Self {
            log,
            follow: Cell::new(spot.is_none()),
            end: Cell::new(0),
            long: Cell::new(false),
            newest: RefCell::default(),
            anchors: RefCell::default(),
            spot: Cell::new(spot),
        }
    }

    /// Records the scroll position; `None` is the newest end, which only a `live` view has.
    pub(super) fn scrolled(&self, live: bool) -> Option<Spot> {
        let log = self.log.cast::<Element>()?;
        // Many arriving messages make the log higher than when it was scrolled: a view that follows and was not scrolled up still follows.
        let is_carried = self.follow.get() && (log.scroll_top() >= self.end.get() || self.shows_newest(&log));
        self.follow.set(live && (is_carried || below(&log) < NEAR_PX));
        // Every arriving message leads here: a view that follows is held by no row, so none is searched.
        *self.anchors.borrow_mut() = if self.follow.get() {
            Vec::new()
        } else {
            anchors(&log)
        };
        let anchors = self.anchors.borrow();
        let (row, height) = anchors.first()?;
        let n = row.get_attribute("data-n")?.parse().ok()?;
        Some(Spot {
            n: Position(n),
            height: *height,
        })
    }

    /// Returns the height of the view, in pixels.
    pub(super) fn height(&self) -> u64 {
        let log = self.log.cast::<Element>();
        log.map_or(0, |log| log.client_height().unsigned_abs().into())
    }

    /// Restores the scroll position after a change.
    pub(super) fn settle(&self) {
        let Some(log) = self.log.cast::<Element>() else {
            return;
        };
        if let Some(spot) = self.spot.take() {
            let row = self.row(spot.n);
            // A newer page has replaced it: the view is at the newest end.
            self.follow.set(row.is_none());
            *self.anchors.borrow_mut() = row.map(|row| (row, spot.height)).into_iter().collect();
        }
        if self.follow.get() {
            log.set_scroll_top(log.scroll_height());
            self.end.set(log.scroll_top());
            *self.newest.borrow_mut() = newest_rows(&log);
            self.long.set(self.end.get() > log.client_height());
        } else if let Some((row, then)) = self.anchors.borrow().iter().find(|it| it.0.is_connected()) {
            let moved = top(row) - top(&log) - then;
            if moved.abs() >= 1.0 {
                log.set_scroll_top(log.scroll_top() + moved.round() as i32);
            }
        }
    }

    /// Returns whether the row that was the newest at the end is in view still. When old rows are removed, the browser
    /// reduces the scroll offset, as if the user had scrolled up, but that row stays where it is.
    fn shows_newest(&self, log: &Element) -> bool {
        let newest = self.newest.borrow();
        let row = newest.iter().find(|row| row.is_connected());
        row.is_some_and(|row| bottom(row) - bottom(log) < f64::from(NEAR_PX))
    }

    /// Returns whether a change needs no correction until the browser has laid it out: reading a height before that
    /// lays out everything once more.
    pub(super) fn can_wait(&self) -> bool {
        self.follow.get() && self.long.get()
    }

    /// Holds a row that is about to be `unfolded` or folded: it stays where it is, except for how far its inside was scrolled; when
    /// folded, its beginning is in view.
    pub(super) fn hold(&self, row: Element, unfolded: bool, moved: f64) {
        let Some(log) = self.log.cast::<Element>() else {
            return;
        };
        let height = top(&row) - top(&log) - moved;
        let height = if unfolded { height } else { height.max(TOP_PX) };
        self.follow.set(false);
        *self.anchors.borrow_mut() = vec![(row, height)];
    }

    pub(super) fn scroll_to_newest(&self) {
        self.follow.set(true);
        self.settle();
    }

    pub(super) fn go(&self, to: ScrollTarget) {
        let spot = match to {
            ScrollTarget::Newest => None,
            ScrollTarget::Spot(spot) => Some(spot),
            ScrollTarget::Message(n) => Some(self.in_the_middle(n)),
        };
        self.follow.set(spot.is_none());
        self.spot.set(spot);
        self.settle();
    }

    /// Returns the spot with a message in the middle; for a message that is higher than the view, its beginning.
    fn in_the_middle(&self, n: Position) -> Spot {
        let log = self.log.cast::<Element>();
        let row = self.row(n).map_or(0, |row| row.client_height());
        let space = log.map_or(0, |log| log.client_height()) - row;
        let height = f64::from(space / 2).max(TOP_PX);
        Spot { n, height }
    }

    /// Focuses a message without scrolling, or the next one if it is deleted. Returns whether there was one.
    pub(super) fn focus(&self, n: Position) -> bool {
        let row = self.row(n).and_then(|row| row.dyn_into::<HtmlElement>().ok());
        if let Some(row) = &row {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = row.focus_with_options(&options);
        }
        row.is_some()
    }

    /// Returns the row of a message, or the next one if it is deleted.
    fn row(&self, n: Position) -> Option<Element> {
        let rows = rows(&self.log.cast::<Element>()?);
        let at = rows.partition_point(|row| position_of(row).is_some_and(|it| it < n));
        let row = rows.into_iter().nth(at)?;
        (at > 0 || position_of(&row)? == n).then_some(row)
    }

    /// Focuses the log.
    pub(super) fn focus_log(&self) {
        if let Some(log) = self.log.cast::<HtmlElement>() {
            let _ = log.focus();
        }
    }

    /// Returns whether the upper end of what is loaded is so near that more should be loaded.
    pub(super) fn near_upper_end(&self) -> bool {
        self.log
            .cast::<Element>()
            .is_some_and(|log| log.scroll_top() < log.client_height())
    }

    /// Returns whether the lower end of what is loaded is so near that more should be loaded.
    pub(super) fn near_lower_end(&self) -> bool {
        self.log
            .cast::<Element>()
            .is_some_and(|log| below(&log) < log.client_height())
    }

    /// Moves the focus to the message above or below, beginning at the newest. Returns whether there was one.
    pub(super) fn step(&self, up: bool) -> bool {
        let rows = self.rows();
        let focused = crate::browser::document().active_element();
        let at = rows.iter().position(|row| Some(row) == focused.as_ref());
        let next = match (at, up) {
            (Some(at), true) => at.checked_sub(1),
            (Some(at), false) => Some(at + 1),
            (None, _) => rows.len().checked_sub(1),
        };
        focus(next.and_then(|at| rows.get(at)))
    }

    /// Moves the focus to the oldest message that is loaded, or to the newest. Returns whether there was one.
    pub(super) fn to_end(&self, oldest: bool) -> bool {
        let rows = self.rows();
        focus(if oldest { rows.first() } else { rows.last() })
    }

    fn rows(&self) -> Vec<Element> {
        self.log.cast::<Element>().map_or_else(Vec::new, |log| rows(&log))
    }
}

/// Returns the position of the message that an element is in.
pub(super) fn position_of(element: &Element) -> Option<Position> {
    let row = element.closest("[data-n]").ok().flatten()?;
    row.get_attribute("data-n")?.parse().ok().map(Position)
}

fn focus(row: Option<&Element>) -> bool {
    if let Some(row) = row.and_then(|row| row.dyn_ref::<HtmlElement>()) {
        let _ = row.focus();
    }
    row.is_some()
}

/// Returns how much there is below the lower edge, in pixels.
fn below(log: &Element) -> i32 {
    log.scroll_height() - log.client_height() - log.scroll_top()
}

fn top(element: &Element) -> f64 {
    element.get_bounding_client_rect().top()
}

fn bottom(element: &Element) -> f64 {
    element.get_bounding_client_rect().bottom()
}

fn rows(log: &Element) -> Vec<Element> {
    let Ok(list) = log.query_selector_all(".row") else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|at| list.get(at)?.dyn_into().ok())
        .collect()
}

/// Returns the newest rows, the newest first.
fn newest_rows(log: &Element) -> Vec<Element> {
    let Ok(list) = log.query_selector_all(".row") else {
        return Vec::new();
    };
    let rows = (0..list.length()).rev().take(HELD);
    rows.filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}

/// Returns the first row that reaches below the upper edge and some after it, with their heights there.
fn anchors(log: &Element) -> Vec<(Element, f64)> {
    let edge = top(log);
    let rows = rows(log);
    let at = rows.partition_point(|row| bottom(row) <= edge);
    let held = rows.into_iter().skip(at).take(HELD);
    held.map(|row| {
        let height = top(&row) - edge;
        (row, height)
    })
    .collect()
}
