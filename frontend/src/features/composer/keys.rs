//! Decides which key press sends the message.

use web_sys::KeyboardEvent;

/// The key code that Safari and old Android keyboards report for a key that the input method has handled.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

/// Returns whether this key press belongs to an input method.
pub(super) fn composes(event: &KeyboardEvent) -> bool {
    // Safari ends a composition before it reports the Enter that ended it: `isComposing` is false
    // by then, and only the key code still reveals it.
    event.is_composing() || event.key_code() == TAKEN_BY_INPUT_METHOD
}

/// Returns whether this key press sends the message: Enter, or, on a touch screen, only Ctrl+Enter and ⌘+Enter. Its keyboard has no
/// Shift+Enter that could break the line.
pub(super) fn sends(event: &KeyboardEvent, by_touch: bool) -> bool {
    let with_control = event.ctrl_key() || event.meta_key();
    let alone = !event.shift_key() && !event.alt_key();
    event.key() == "Enter" && !composes(event) && alone && (with_control || !by_touch)
}
