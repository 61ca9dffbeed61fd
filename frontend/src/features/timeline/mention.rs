//! Finds a message's mentions among its text and links.

use std::ops::Range;

use snug_shared::{
    ids::ChatId,
    mentions::{MentionTarget, Mentions},
};

use super::text_segments::{Segment, segments};

/// Splits text, links and mentions from each other. A mention inside a link is part of the link.
pub(super) fn with_mentions<'a>(text: &'a str, mentions: &Mentions, me: Option<&ChatId>) -> Vec<Segment<'a>> {
    let is_me = |whom: &MentionTarget<'_>| match whom {
        MentionTarget::People(people) => people.iter().any(|it| me == Some(&it.chat_id)),
        MentionTarget::Here | MentionTarget::Room => true,
    };
    let mut spans = mentions.spans(text).into_iter().peekable();
    let (mut split, mut start) = (Vec::new(), 0);
    for segment in segments(text) {
        let (Segment::Plain(words)
        | Segment::Link(words, _)
        | Segment::Mention(words, _)
        | Segment::Room(words, _)) = segment;
        let end = start + words.len();
        let mut from = start;
        while let Some((at, whom)) = spans.next_if(|(at, _)| at.start < end) {
            if matches!(segment, Segment::Plain(_)) && at.end <= end {
                push_words(&mut split, text, from..at.start);
                from = at.end;
                split.push(Segment::Mention(&text[at], is_me(&whom)));
            }
        }
        match segment {
            Segment::Plain(_) => push_words(&mut split, text, from..end),
            other => split.push(other),
        }
        start = end;
    }
    split
}

fn push_words<'a>(split: &mut Vec<Segment<'a>>, text: &'a str, at: Range<usize>) {
    if !at.is_empty() {
        split.push(Segment::Plain(&text[at]));
    }
}

#[cfg(test)]
mod tests {
    use snug_shared::{links::Kind, mentions::Mentioned};

    use super::*;

    #[test]
    fn mentions_stand_between_words_and_never_in_links() {
        let ann = Mentioned {
            chat_id: "a".try_into().expect("an id"),
            name: "Ann".try_into().expect("a name"),
        };
        let mentions = Mentions {
            people: vec![ann.clone()],
            here: true,
            room: false,
        };
        let text = "hi @ann: https://example.org/?@ann @here";
        let split = |me: Option<&ChatId>| with_mentions(text, &mentions, me);
        assert_eq!(
            split(None),
            [
                Segment::Plain("hi "),
                Segment::Mention("@ann", false),
                Segment::Plain(": "),
                Segment::Link("https://example.org/?@ann", Kind::Web),
                Segment::Plain(" "),
                Segment::Mention("@here", true),
            ]
        );
        assert_eq!(split(Some(&ann.chat_id))[1], Segment::Mention("@ann", true));
        let nobody = Mentions::default();
        assert_eq!(with_mentions("@ann", &nobody, None), [Segment::Plain("@ann")]);
    }
}
