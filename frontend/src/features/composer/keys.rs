//! Which key press sends.

use web_sys::KeyboardEvent;

/// What Safari and old Android keyboards give as the code of a key that the input method has taken.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

/// Whether this key press is an input method's.
pub(super) fn composes(event: &KeyboardEvent) -> bool {
    // Safari ends a composition before it reports the Enter that ended it: `isComposing` is false
    // by then, and only the key code still tells.
    event.is_composing() || event.key_code() == TAKEN_BY_INPUT_METHOD
}

/// Whether this key press sends the message: Enter, or, on a touch screen, only Ctrl+Enter and ⌘+Enter. Its keyboard has no Shift+Enter
/// that could break the line.
pub(super) fn sends(event: &KeyboardEvent, by_touch: bool) -> bool {
    let with_control = event.ctrl_key() || event.meta_key();
    let alone = !event.shift_key() && !event.alt_key();
    event.key() == "Enter" && !composes(event) && alone && (with_control || !by_touch)
}
