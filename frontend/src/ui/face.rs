//! Draws small creatures that look over the edge of their frame: what is on the head, the eyes, the mouth
//! and two colours, all from one number. They are large and plain, to be distinguished at 28 pixels.

use yew::prelude::*;

const TINTS: u32 = 8;

/// Derives choices from a number one after another.
struct Dice(u32);

impl Dice {
    fn new(seed: u32) -> Self {
        // Neighbouring numbers should not look alike (the finaliser of MurmurHash3).
        let mut it = seed;
        it = (it ^ (it >> 16)).wrapping_mul(0x85eb_ca6b);
        it = (it ^ (it >> 13)).wrapping_mul(0xc2b2_ae35);
        Self(it ^ (it >> 16))
    }

    fn pick(&mut self, of: u32) -> u32 {
        let it = self.0 % of;
        self.0 /= of;
        it
    }
}

pub(super) fn face(seed: u32) -> Html {
    let mut dice = Dice::new(seed);
    let paper = dice.pick(TINTS);
    // Never the same colour, and never its neighbour.
    let skin = (paper + 2 + dice.pick(TINTS - 3)) % TINTS;
    let skin = format!("skin-{skin}");
    html! {
        <>
            <rect class={format!("tint-{paper}")} width="40" height="40" />
            <g class={skin}>
                { on_the_head(dice.pick(8)) }
                { head(dice.pick(3)) }
            </g>
            <g class="ink">
                { eyes(dice.pick(6)) }
                { mouth(dice.pick(6)) }
            </g>
            { cheeks(dice.pick(3)) }
        </>
    }
}

fn head(which: u32) -> Html {
    let d = match which {
        0 => "M5 42V26a15 15 0 0 1 30 0v16z",
        1 => "M4 42c0-9-1-18 3.5-23.5C10.5 14.5 15 13 20 13s9.5 1.5 12.5 5.5C37 24 36 33 36 42z",
        _ => "M6 42V22a9 9 0 0 1 9-9h10a9 9 0 0 1 9 9v20z",
    };
    html! { <path {d} /> }
}

fn on_the_head(which: u32) -> Html {
    match which {
        // Round ears.
        0 => html! { <><circle cx="9.5" cy="15" r="5" /><circle cx="30.5" cy="15" r="5" /></> },
        // Pointed ears.
        1 => html! { <path d="M6.5 23 8 6.5 19 14.5zM33.5 23 32 6.5 21 14.5z" /> },
        // Long ears.
        2 => {
            html! { <><ellipse cx="14" cy="9.5" rx="3.6" ry="9" /><ellipse cx="26" cy="9.5" rx="3.6" ry="9" /></> }
        }
        // A sprout.
        3 => html! {
            <path class="leaf" d="M20 15c-.3-3 0-5 .4-6.5C18.5 4.5 14.5 4 11.5 5c1 3.5 4.5 5.5 8.3 5.3M20.5 9c.8-3.5 4-5.5 8-5-.5 4-4 6-7.8 6" />
        },
        // A tuft.
        4 => {
            html! { <path d="M13 16c0-5 2-8.5 5-10-.5 2-.3 3.5.4 4.6C19.5 8 21.8 6 25 5.5c-1.5 2-1.8 4-1.2 5.5 1.5-.8 3.2-1 4.7-.6-2 1.5-2.5 3.6-2.5 5.6z" /> }
        }
        // An antenna.
        5 => html! { <><path class="wire" d="M20 15V8" /><circle class="lit" cx="20" cy="6.5" r="3.2" /></> },
        // A cap.
        6 => {
            html! { <path class="cap" d="M6 21a14 12.5 0 0 1 28 0zM4 21h32a1.5 1.5 0 0 1 0 3H4a1.5 1.5 0 0 1 0-3z" /> }
        }
        _ => html! {},
    }
}

fn eyes(which: u32) -> Html {
    match which {
        0 => html! { <><circle cx="14" cy="26" r="2" /><circle cx="26" cy="26" r="2" /></> },
        1 => html! { <path class="stroke" d="M11.5 26.5q2.5-3.4 5 0M23.5 26.5q2.5-3.4 5 0" /> },
        2 => html! { <path class="stroke" d="M11.5 25.5q2.5 2.8 5 0M23.5 25.5q2.5 2.8 5 0" /> },
        3 => {
            html! { <><ellipse cx="14.5" cy="25.5" rx="1.9" ry="2.9" /><ellipse cx="25.5" cy="25.5" rx="1.9" ry="2.9" /></> }
        }
        4 => html! { <><circle cx="14" cy="26" r="2" /><path class="stroke" d="M23.5 26.5q2.5-3 5 0" /></> },
        _ => html! {
            <>
                <circle class="white" cx="14" cy="25.5" r="4" /><circle class="white" cx="26" cy="25.5" r="4" />
                <circle cx="14.8" cy="26" r="2" /><circle cx="25.2" cy="26" r="2" />
            </>
        },
    }
}

fn mouth(which: u32) -> Html {
    match which {
        0 => html! { <path class="stroke" d="M16.5 31.5q3.5 3 7 0" /> },
        1 => html! { <path d="M15.5 31h9a4.5 4.5 0 0 1-9 0z" /> },
        2 => html! { <ellipse cx="20" cy="32.5" rx="1.8" ry="2.2" /> },
        3 => html! { <path class="stroke" d="M17.5 32.3h5" /> },
        4 => html! { <path class="stroke" d="M15.5 31.3q2.2 2.6 4.5 0q2.3 2.6 4.5 0" /> },
        _ => html! { <path class="stroke" d="M17 32.5q3.5.5 6-1.7" /> },
    }
}

fn cheeks(which: u32) -> Html {
    if which == 0 {
        return html! {};
    }
    html! { <g class="blush"><ellipse cx="10" cy="31" rx="2.4" ry="1.6" /><ellipse cx="30" cy="31" rx="2.4" ry="1.6" /></g> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn neighbouring_numbers_are_different_creatures() {
        let looks = |seed| {
            let mut dice = Dice::new(seed);
            [8, 5, 8, 3, 6, 6].map(|of| dice.pick(of))
        };
        let all: HashSet<_> = (0..1000).map(looks).collect();
        assert!(all.len() > 950, "{}", all.len());
    }
}
