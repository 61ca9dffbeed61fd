//! What finding mentions costs, counted.

use allocation_counter::measure;
use snug_shared::{
    limits::{NAME_CHARS, TEXT_CHARS},
    mentions::{Mentionable, Mentioned, Mentions},
};

fn people(names: impl Iterator<Item = String>) -> Vec<Mentioned> {
    let person = |(index, name): (usize, String)| Mentioned {
        chat_id: format!("p{index}").as_str().try_into().expect("an id"),
        name: name.as_str().try_into().expect("a name"),
    };
    names.enumerate().map(person).collect()
}

/// A13.
#[test]
fn a_message_of_nothing_but_mentions_costs_about_what_a_plain_one_does() {
    let long = people(std::iter::once("あ".repeat(NAME_CHARS)));
    for text in ["@あ", "@a ", "@", "@あ@あ@"] {
        let text: String = text.chars().cycle().take(TEXT_CHARS - 1).collect();
        let cost = measure(|| drop(Mentions::find(&text, &long)));
        assert!(cost.count_total < 200, "{text:.9}: {cost:?}");
    }
}

/// A13.
#[test]
fn a_crowd_costs_a_message_nothing() {
    let few: Mentionable = people((0..10).map(|n| format!("n{n}"))).into_iter().collect();
    let many: Mentionable = people((0..10_000).map(|n| format!("n{n}"))).into_iter().collect();
    let cost =
        |here: &Mentionable| measure(|| drop(Mentions::find_among("hi @n1 and @n2", here))).count_total;
    assert_eq!(cost(&few), cost(&many));
}
