//! Isolates the direction of a name in a sentence of the page.

use std::fmt;

/// Isolates a name so that it does not reorder the text around it: letters that are written from right to left take neighbouring signs and
/// numbers with them, unless isolated (UAX #9, 2.4). Names of other letters stay as they are, since all sentences run from left to right.
#[must_use]
pub const fn isolated(name: &str) -> Isolated<'_> {
    Isolated(name)
}

/// A name that is displayed isolated; see [`isolated`].
#[derive(Clone, Copy, Debug)]
pub struct Isolated<'a>(&'a str);

impl fmt::Display for Isolated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let isolates = self.0.contains(is_right_to_left);
        let [before, after] = if isolates {
            ["\u{2068}", "\u{2069}"]
        } else {
            [""; 2]
        };
        for part in [before, self.0, after] {
            f.write_str(part)?;
        }
        Ok(())
    }
}

/// Returns whether a character is a letter or number of the classes R, AL and AN, by blocks (`DerivedBidiClass`), or a direction mark.
const fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{200F}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{admin::Admin, people::People, words};
    use snug_shared::lang::Lang;

    #[test]
    fn only_what_would_turn_its_surroundings_is_isolated() {
        for plain in ["Ann", "小明", "Ñandú 7", "#tea", "🎉"] {
            assert_eq!(isolated(plain).to_string(), plain);
        }
        for name in ["שלום", "مرحبا 7", "Ann שלום", "𞤀"] {
            assert_eq!(isolated(name).to_string(), format!("\u{2068}{name}\u{2069}"));
        }
    }

    #[test]
    fn every_sentence_isolates_the_names_in_it() {
        const NAME: &str = "דנה";
        for lang in Lang::ALL {
            let said = words(lang);
            let (people, admin): (&People, &Admin) = (said.people, said.admin);
            let one: &[fn(&str) -> String] = &[
                said.message_to,
                said.delete_confirm_of,
                said.beginning,
                said.no_such_room,
                said.room_saved_as,
                said.left_room,
                said.removed_from_room,
                said.remove_member,
                said.message_person,
                said.beginning_direct,
                said.selected_people,
                said.typing_one,
                said.passkeys.remove_named,
                people.welcome_back,
                people.not_you,
                people.create_account_as,
                people.sign_out_device,
                admin.ban_now,
                admin.owner_confirm,
                admin.delete_account_confirm,
                admin.block,
                admin.unblock,
                admin.created_by,
                admin.revoke_confirm,
            ];
            let mut sentences: Vec<String> = one.iter().map(|sentence| sentence(NAME)).collect();
            sentences.push((said.notice_title)(NAME, NAME));
            sentences.push((said.typing_two)(NAME, NAME));
            sentences.push((said.typing_three)(NAME, NAME, NAME));
            sentences.push((said.typing_more)(NAME, 2));
            sentences.push((admin.ban_confirm)(NAME, None));
            sentences.push((admin.ban_confirm)(NAME, Some(10)));
            for sentence in sentences {
                let names = sentence.matches(NAME).count();
                let isolates = sentence.matches('\u{2068}').count();
                assert!(names > 0 && isolates == names, "{sentence}");
            }
        }
    }
}
