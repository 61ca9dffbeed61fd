//! Properties of characters (Unicode 16), as far as names, messages and links need them. The page downloads these tables, so they
//! are as short as they can be; the tests compare each with those of a crate.

use std::borrow::Cow;

/// Ranges of characters, in ascending order.
type Ranges = [(char, char)];

fn is_in(ranges: &Ranges, c: char) -> bool {
    let after = ranges.partition_point(|(_, last)| *last < c);
    ranges.get(after).is_some_and(|(first, _)| *first <= c)
}

/// Returns whether a character changes the direction of the text after it (Unicode UAX #9, explicit
/// formatting): with such characters a name or a link can be made to read as another.
pub(crate) const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character outside [`FORMAT`] is blank: line and paragraph separators, the empty Braille pattern, modifiers
/// and blanks of hieroglyphs, a filler of the Khitan script, a null notehead.
pub(crate) const fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{13440}'..='\u{13455}' | '\u{16FE4}' | '\u{1D159}'
    )
}

/// Returns whether a character of the category Cf is visible: such a sign surrounds a number (`Prepended_Concatenation_Mark`).
const fn is_around_a_number(c: char) -> bool {
    matches!(
        c,
        '\u{600}'
            ..='\u{605}'
                | '\u{6DD}'
                | '\u{70F}'
                | '\u{890}'
                | '\u{891}'
                | '\u{8E2}'
                | '\u{110BD}'
                | '\u{110CD}'
    )
}

/// Returns whether Unicode defines no appearance for a character.
pub(crate) fn formats(c: char) -> bool {
    is_in(&FORMAT, c)
}

/// Returns whether a character is invisible. The joiners U+200C and U+200D are among these, but have their use
/// inside emoji and several scripts.
#[must_use]
pub fn draws_nothing(c: char) -> bool {
    !c.is_ascii() && (is_blank(c) || formats(c) && !is_around_a_number(c))
}

/// Returns whether a character joins emoji or the letters of several scripts, or selects between the forms of an emoji.
pub(crate) const fn joins(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}')
}

/// Returns whether a character is a mark, on the letter before it or beside it: accents, vowel signs, tones (General_Category M).
#[must_use]
pub fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_in(&MARKS, c)
}

/// Returns whether a character is punctuation of any script (General_Category P).
#[must_use]
pub fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_punctuation()
    } else {
        is_in(&PUNCTUATION, c)
    }
}

/// Returns whether a letter or digit is another form of an ASCII one: full-width, mathematical, in a circle (NFKC, UAX #15). A browser
/// opens `a.example` for `ⓐ.example`.
pub(crate) fn stands_for_ascii(c: char) -> bool {
    !c.is_ascii() && is_in(&FOR_ASCII, c)
}

/// Returns whether a character is part of a word (UTS #18, annex C): letters, digits, marks and `_`.
#[must_use]
pub fn is_word_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || is_mark(c)
}

/// Returns whether a letter's script is written without spaces: Chinese, Japanese, Thai, Lao, Khmer, Burmese.
#[must_use]
pub const fn is_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Returns the composed form of a text (NFC, UAX #15), in which the server stores every text, so that texts that look the same are the
/// same. The page would have to download the tables for it: it uses texts in the form in which the server sends them.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    #[cfg(feature = "normal-forms")]
    {
        use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
        if !text.is_ascii() && is_nfc_quick(text.chars()) != IsNormalized::Yes {
            return Cow::Owned(text.nfc().collect());
        }
    }
    Cow::Borrowed(text)
}

/// Returns the form of a character that ignores case (Unicode, section 5.18): `ß` is `ss`, `ς` is `σ`. `İ` and `ı` are `i`, since
/// a search for Istanbul must find İstanbul.
pub(crate) fn fold(c: char) -> impl Iterator<Item = char> {
    let capital = match c {
        'İ' | 'ı' => 'I',
        'ẞ' => 'ß',
        c => c,
    };
    capital.to_uppercase().flat_map(char::to_lowercase)
}

/// Returns the form of a text that ignores case, for comparison and search.
#[must_use]
pub fn folded(text: &str) -> String {
    composed(text).chars().flat_map(fold).collect()
}

/// General category Cf, and characters that a font without them ignores (`Default_Ignorable_Code_Point`, Unicode 16, section 5.21).
#[rustfmt::skip]
const FORMAT: [(char, char); 25] = [
    ('\u{AD}', '\u{AD}'), ('\u{34F}', '\u{34F}'), ('\u{600}', '\u{605}'), ('\u{61C}', '\u{61C}'),
    ('\u{6DD}', '\u{6DD}'), ('\u{70F}', '\u{70F}'), ('\u{890}', '\u{891}'), ('\u{8E2}', '\u{8E2}'),
    ('\u{115F}', '\u{1160}'), ('\u{17B4}', '\u{17B5}'), ('\u{180B}', '\u{180F}'), ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'), ('\u{2060}', '\u{206F}'), ('\u{3164}', '\u{3164}'), ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'), ('\u{FFA0}', '\u{FFA0}'), ('\u{FFF0}', '\u{FFFB}'), ('\u{110BD}', '\u{110BD}'),
    ('\u{110CD}', '\u{110CD}'), ('\u{13430}', '\u{1343F}'), ('\u{1BCA0}', '\u{1BCA3}'), ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

/// The table of [`stands_for_ascii`].
#[rustfmt::skip]
const FOR_ASCII: [(char, char); 63] = [
    ('\u{AA}', '\u{B3}'), ('\u{B9}', '\u{BE}'), ('\u{132}', '\u{133}'), ('\u{13F}', '\u{140}'),
    ('\u{149}', '\u{149}'), ('\u{17F}', '\u{17F}'), ('\u{1C4}', '\u{1CC}'), ('\u{1F1}', '\u{1F3}'),
    ('\u{2B0}', '\u{2B0}'), ('\u{2B2}', '\u{2B3}'), ('\u{2B7}', '\u{2B8}'), ('\u{2E1}', '\u{2E3}'),
    ('\u{37A}', '\u{37A}'), ('\u{1D2C}', '\u{1D2C}'), ('\u{1D2E}', '\u{1D2E}'), ('\u{1D30}', '\u{1D31}'),
    ('\u{1D33}', '\u{1D3A}'), ('\u{1D3C}', '\u{1D3C}'), ('\u{1D3E}', '\u{1D43}'), ('\u{1D47}', '\u{1D49}'),
    ('\u{1D4D}', '\u{1D4D}'), ('\u{1D4F}', '\u{1D50}'), ('\u{1D52}', '\u{1D52}'), ('\u{1D56}', '\u{1D58}'),
    ('\u{1D5B}', '\u{1D5B}'), ('\u{1D62}', '\u{1D65}'), ('\u{1D9C}', '\u{1D9C}'), ('\u{1DA0}', '\u{1DA0}'),
    ('\u{1DBB}', '\u{1DBB}'), ('\u{1E9A}', '\u{1E9A}'), ('\u{2070}', '\u{2093}'), ('\u{2095}', '\u{2102}'),
    ('\u{210A}', '\u{210E}'), ('\u{2110}', '\u{2124}'), ('\u{2128}', '\u{212A}'), ('\u{212C}', '\u{2131}'),
    ('\u{2133}', '\u{2134}'), ('\u{2139}', '\u{2139}'), ('\u{2145}', '\u{2149}'), ('\u{2150}', '\u{217F}'),
    ('\u{2189}', '\u{24EA}'), ('\u{2C7C}', '\u{2C7D}'), ('\u{3220}', '\u{3229}'), ('\u{3251}', '\u{325F}'),
    ('\u{32B1}', '\u{32BF}'), ('\u{A7F1}', '\u{A7F4}'), ('\u{FB00}', '\u{FB06}'), ('\u{FC5E}', '\u{FC63}'),
    ('\u{FDFA}', '\u{FE70}'), ('\u{FE72}', '\u{FE72}'), ('\u{FE74}', '\u{FE76}'), ('\u{FE78}', '\u{FE78}'),
    ('\u{FE7A}', '\u{FE7A}'), ('\u{FE7C}', '\u{FE7C}'), ('\u{FE7E}', '\u{FE7E}'), ('\u{FF10}', '\u{FF5A}'),
    ('\u{107A5}', '\u{107A5}'), ('\u{1CCF0}', '\u{1CCF9}'), ('\u{1D400}', '\u{1D6A3}'), ('\u{1D7CE}', '\u{1D7FF}'),
    ('\u{1F100}', '\u{1F10A}'), ('\u{1F130}', '\u{1F149}'), ('\u{1FBF0}', '\u{1FBF9}'),
];

/// Punctuation (General category P), without ASCII.
#[rustfmt::skip]
const PUNCTUATION: [(char, char); 189] = [
    ('\u{A1}', '\u{A1}'), ('\u{A7}', '\u{A7}'), ('\u{AB}', '\u{AB}'), ('\u{B6}', '\u{B7}'), ('\u{BB}', '\u{BB}'),
    ('\u{BF}', '\u{BF}'), ('\u{37E}', '\u{37E}'), ('\u{387}', '\u{387}'), ('\u{55A}', '\u{55F}'),
    ('\u{589}', '\u{58A}'), ('\u{5BE}', '\u{5BE}'), ('\u{5C0}', '\u{5C0}'), ('\u{5C3}', '\u{5C3}'),
    ('\u{5C6}', '\u{5C6}'), ('\u{5F3}', '\u{5F4}'), ('\u{609}', '\u{60A}'), ('\u{60C}', '\u{60D}'),
    ('\u{61B}', '\u{61B}'), ('\u{61D}', '\u{61F}'), ('\u{66A}', '\u{66D}'), ('\u{6D4}', '\u{6D4}'),
    ('\u{700}', '\u{70D}'), ('\u{7F7}', '\u{7F9}'), ('\u{830}', '\u{83E}'), ('\u{85E}', '\u{85E}'),
    ('\u{964}', '\u{965}'), ('\u{970}', '\u{970}'), ('\u{9FD}', '\u{9FD}'), ('\u{A76}', '\u{A76}'),
    ('\u{AF0}', '\u{AF0}'), ('\u{C77}', '\u{C77}'), ('\u{C84}', '\u{C84}'), ('\u{DF4}', '\u{DF4}'),
    ('\u{E4F}', '\u{E4F}'), ('\u{E5A}', '\u{E5B}'), ('\u{F04}', '\u{F12}'), ('\u{F14}', '\u{F14}'),
    ('\u{F3A}', '\u{F3D}'), ('\u{F85}', '\u{F85}'), ('\u{FD0}', '\u{FD4}'), ('\u{FD9}', '\u{FDA}'),
    ('\u{104A}', '\u{104F}'), ('\u{10FB}', '\u{10FB}'), ('\u{1360}', '\u{1368}'), ('\u{1400}', '\u{1400}'),
    ('\u{166E}', '\u{166E}'), ('\u{169B}', '\u{169C}'), ('\u{16EB}', '\u{16ED}'), ('\u{1735}', '\u{1736}'),
    ('\u{17D4}', '\u{17D6}'), ('\u{17D8}', '\u{17DA}'), ('\u{1800}', '\u{180A}'), ('\u{1944}', '\u{1945}'),
    ('\u{1A1E}', '\u{1A1F}'), ('\u{1AA0}', '\u{1AA6}'), ('\u{1AA8}', '\u{1AAD}'), ('\u{1B4E}', '\u{1B4F}'),
    ('\u{1B5A}', '\u{1B60}'), ('\u{1B7D}', '\u{1B7F}'), ('\u{1BFC}', '\u{1BFF}'), ('\u{1C3B}', '\u{1C3F}'),
    ('\u{1C7E}', '\u{1C7F}'), ('\u{1CC0}', '\u{1CC7}'), ('\u{1CD3}', '\u{1CD3}'), ('\u{2010}', '\u{2027}'),
    ('\u{2030}', '\u{2043}'), ('\u{2045}', '\u{2051}'), ('\u{2053}', '\u{205E}'), ('\u{207D}', '\u{207E}'),
    ('\u{208D}', '\u{208E}'), ('\u{2308}', '\u{230B}'), ('\u{2329}', '\u{232A}'), ('\u{2768}', '\u{2775}'),
    ('\u{27C5}', '\u{27C6}'), ('\u{27E6}', '\u{27EF}'), ('\u{2983}', '\u{2998}'), ('\u{29D8}', '\u{29DB}'),
    ('\u{29FC}', '\u{29FD}'), ('\u{2CF9}', '\u{2CFC}'), ('\u{2CFE}', '\u{2CFF}'), ('\u{2D70}', '\u{2D70}'),
    ('\u{2E00}', '\u{2E2E}'), ('\u{2E30}', '\u{2E4F}'), ('\u{2E52}', '\u{2E5D}'), ('\u{3001}', '\u{3003}'),
    ('\u{3008}', '\u{3011}'), ('\u{3014}', '\u{301F}'), ('\u{3030}', '\u{3030}'), ('\u{303D}', '\u{303D}'),
    ('\u{30A0}', '\u{30A0}'), ('\u{30FB}', '\u{30FB}'), ('\u{A4FE}', '\u{A4FF}'), ('\u{A60D}', '\u{A60F}'),
    ('\u{A673}', '\u{A673}'), ('\u{A67E}', '\u{A67E}'), ('\u{A6F2}', '\u{A6F7}'), ('\u{A874}', '\u{A877}'),
    ('\u{A8CE}', '\u{A8CF}'), ('\u{A8F8}', '\u{A8FA}'), ('\u{A8FC}', '\u{A8FC}'), ('\u{A92E}', '\u{A92F}'),
    ('\u{A95F}', '\u{A95F}'), ('\u{A9C1}', '\u{A9CD}'), ('\u{A9DE}', '\u{A9DF}'), ('\u{AA5C}', '\u{AA5F}'),
    ('\u{AADE}', '\u{AADF}'), ('\u{AAF0}', '\u{AAF1}'), ('\u{ABEB}', '\u{ABEB}'), ('\u{FD3E}', '\u{FD3F}'),
    ('\u{FE10}', '\u{FE19}'), ('\u{FE30}', '\u{FE52}'), ('\u{FE54}', '\u{FE61}'), ('\u{FE63}', '\u{FE63}'),
    ('\u{FE68}', '\u{FE68}'), ('\u{FE6A}', '\u{FE6B}'), ('\u{FF01}', '\u{FF03}'), ('\u{FF05}', '\u{FF0A}'),
    ('\u{FF0C}', '\u{FF0F}'), ('\u{FF1A}', '\u{FF1B}'), ('\u{FF1F}', '\u{FF20}'), ('\u{FF3B}', '\u{FF3D}'),
    ('\u{FF3F}', '\u{FF3F}'), ('\u{FF5B}', '\u{FF5B}'), ('\u{FF5D}', '\u{FF5D}'), ('\u{FF5F}', '\u{FF65}'),
    ('\u{10100}', '\u{10102}'), ('\u{1039F}', '\u{1039F}'), ('\u{103D0}', '\u{103D0}'), ('\u{1056F}', '\u{1056F}'),
    ('\u{10857}', '\u{10857}'), ('\u{1091F}', '\u{1091F}'), ('\u{1093F}', '\u{1093F}'), ('\u{10A50}', '\u{10A58}'),
    ('\u{10A7F}', '\u{10A7F}'), ('\u{10AF0}', '\u{10AF6}'), ('\u{10B39}', '\u{10B3F}'), ('\u{10B99}', '\u{10B9C}'),
    ('\u{10D6E}', '\u{10D6E}'), ('\u{10EAD}', '\u{10EAD}'), ('\u{10F55}', '\u{10F59}'), ('\u{10F86}', '\u{10F89}'),
    ('\u{11047}', '\u{1104D}'), ('\u{110BB}', '\u{110BC}'), ('\u{110BE}', '\u{110C1}'), ('\u{11140}', '\u{11143}'),
    ('\u{11174}', '\u{11175}'), ('\u{111C5}', '\u{111C8}'), ('\u{111CD}', '\u{111CD}'), ('\u{111DB}', '\u{111DB}'),
    ('\u{111DD}', '\u{111DF}'), ('\u{11238}', '\u{1123D}'), ('\u{112A9}', '\u{112A9}'), ('\u{113D4}', '\u{113D5}'),
    ('\u{113D7}', '\u{113D8}'), ('\u{1144B}', '\u{1144F}'), ('\u{1145A}', '\u{1145B}'), ('\u{1145D}', '\u{1145D}'),
    ('\u{114C6}', '\u{114C6}'), ('\u{115C1}', '\u{115D7}'), ('\u{11641}', '\u{11643}'), ('\u{11660}', '\u{1166C}'),
    ('\u{116B9}', '\u{116B9}'), ('\u{1173C}', '\u{1173E}'), ('\u{1183B}', '\u{1183B}'), ('\u{11944}', '\u{11946}'),
    ('\u{119E2}', '\u{119E2}'), ('\u{11A3F}', '\u{11A46}'), ('\u{11A9A}', '\u{11A9C}'), ('\u{11A9E}', '\u{11AA2}'),
    ('\u{11B00}', '\u{11B09}'), ('\u{11BE1}', '\u{11BE1}'), ('\u{11C41}', '\u{11C45}'), ('\u{11C70}', '\u{11C71}'),
    ('\u{11EF7}', '\u{11EF8}'), ('\u{11F43}', '\u{11F4F}'), ('\u{11FFF}', '\u{11FFF}'), ('\u{12470}', '\u{12474}'),
    ('\u{12FF1}', '\u{12FF2}'), ('\u{16A6E}', '\u{16A6F}'), ('\u{16AF5}', '\u{16AF5}'), ('\u{16B37}', '\u{16B3B}'),
    ('\u{16B44}', '\u{16B44}'), ('\u{16D6D}', '\u{16D6F}'), ('\u{16E97}', '\u{16E9A}'), ('\u{16FE2}', '\u{16FE2}'),
    ('\u{1BC9F}', '\u{1BC9F}'), ('\u{1DA87}', '\u{1DA8B}'), ('\u{1E5FF}', '\u{1E5FF}'), ('\u{1E95E}', '\u{1E95F}'),
];

/// General category M.
#[rustfmt::skip]
const MARKS: [(char, char); 321] = [
    ('\u{300}', '\u{36F}'), ('\u{483}', '\u{489}'), ('\u{591}', '\u{5BD}'), ('\u{5BF}', '\u{5BF}'),
    ('\u{5C1}', '\u{5C2}'), ('\u{5C4}', '\u{5C5}'), ('\u{5C7}', '\u{5C7}'), ('\u{610}', '\u{61A}'),
    ('\u{64B}', '\u{65F}'), ('\u{670}', '\u{670}'), ('\u{6D6}', '\u{6DC}'), ('\u{6DF}', '\u{6E4}'),
    ('\u{6E7}', '\u{6E8}'), ('\u{6EA}', '\u{6ED}'), ('\u{711}', '\u{711}'), ('\u{730}', '\u{74A}'),
    ('\u{7A6}', '\u{7B0}'), ('\u{7EB}', '\u{7F3}'), ('\u{7FD}', '\u{7FD}'), ('\u{816}', '\u{819}'),
    ('\u{81B}', '\u{823}'), ('\u{825}', '\u{827}'), ('\u{829}', '\u{82D}'), ('\u{859}', '\u{85B}'),
    ('\u{897}', '\u{89F}'), ('\u{8CA}', '\u{8E1}'), ('\u{8E3}', '\u{903}'), ('\u{93A}', '\u{93C}'),
    ('\u{93E}', '\u{94F}'), ('\u{951}', '\u{957}'), ('\u{962}', '\u{963}'), ('\u{981}', '\u{983}'),
    ('\u{9BC}', '\u{9BC}'), ('\u{9BE}', '\u{9C4}'), ('\u{9C7}', '\u{9C8}'), ('\u{9CB}', '\u{9CD}'),
    ('\u{9D7}', '\u{9D7}'), ('\u{9E2}', '\u{9E3}'), ('\u{9FE}', '\u{9FE}'), ('\u{A01}', '\u{A03}'),
    ('\u{A3C}', '\u{A3C}'), ('\u{A3E}', '\u{A42}'), ('\u{A47}', '\u{A48}'), ('\u{A4B}', '\u{A4D}'),
    ('\u{A51}', '\u{A51}'), ('\u{A70}', '\u{A71}'), ('\u{A75}', '\u{A75}'), ('\u{A81}', '\u{A83}'),
    ('\u{ABC}', '\u{ABC}'), ('\u{ABE}', '\u{AC5}'), ('\u{AC7}', '\u{AC9}'), ('\u{ACB}', '\u{ACD}'),
    ('\u{AE2}', '\u{AE3}'), ('\u{AFA}', '\u{AFF}'), ('\u{B01}', '\u{B03}'), ('\u{B3C}', '\u{B3C}'),
    ('\u{B3E}', '\u{B44}'), ('\u{B47}', '\u{B48}'), ('\u{B4B}', '\u{B4D}'), ('\u{B55}', '\u{B57}'),
    ('\u{B62}', '\u{B63}'), ('\u{B82}', '\u{B82}'), ('\u{BBE}', '\u{BC2}'), ('\u{BC6}', '\u{BC8}'),
    ('\u{BCA}', '\u{BCD}'), ('\u{BD7}', '\u{BD7}'), ('\u{C00}', '\u{C04}'), ('\u{C3C}', '\u{C3C}'),
    ('\u{C3E}', '\u{C44}'), ('\u{C46}', '\u{C48}'), ('\u{C4A}', '\u{C4D}'), ('\u{C55}', '\u{C56}'),
    ('\u{C62}', '\u{C63}'), ('\u{C81}', '\u{C83}'), ('\u{CBC}', '\u{CBC}'), ('\u{CBE}', '\u{CC4}'),
    ('\u{CC6}', '\u{CC8}'), ('\u{CCA}', '\u{CCD}'), ('\u{CD5}', '\u{CD6}'), ('\u{CE2}', '\u{CE3}'),
    ('\u{CF3}', '\u{CF3}'), ('\u{D00}', '\u{D03}'), ('\u{D3B}', '\u{D3C}'), ('\u{D3E}', '\u{D44}'),
    ('\u{D46}', '\u{D48}'), ('\u{D4A}', '\u{D4D}'), ('\u{D57}', '\u{D57}'), ('\u{D62}', '\u{D63}'),
    ('\u{D81}', '\u{D83}'), ('\u{DCA}', '\u{DCA}'), ('\u{DCF}', '\u{DD4}'), ('\u{DD6}', '\u{DD6}'),
    ('\u{DD8}', '\u{DDF}'), ('\u{DF2}', '\u{DF3}'), ('\u{E31}', '\u{E31}'), ('\u{E34}', '\u{E3A}'),
    ('\u{E47}', '\u{E4E}'), ('\u{EB1}', '\u{EB1}'), ('\u{EB4}', '\u{EBC}'), ('\u{EC8}', '\u{ECE}'),
    ('\u{F18}', '\u{F19}'), ('\u{F35}', '\u{F35}'), ('\u{F37}', '\u{F37}'), ('\u{F39}', '\u{F39}'),
    ('\u{F3E}', '\u{F3F}'), ('\u{F71}', '\u{F84}'), ('\u{F86}', '\u{F87}'), ('\u{F8D}', '\u{F97}'),
    ('\u{F99}', '\u{FBC}'), ('\u{FC6}', '\u{FC6}'), ('\u{102B}', '\u{103E}'), ('\u{1056}', '\u{1059}'),
    ('\u{105E}', '\u{1060}'), ('\u{1062}', '\u{1064}'), ('\u{1067}', '\u{106D}'), ('\u{1071}', '\u{1074}'),
    ('\u{1082}', '\u{108D}'), ('\u{108F}', '\u{108F}'), ('\u{109A}', '\u{109D}'), ('\u{135D}', '\u{135F}'),
    ('\u{1712}', '\u{1715}'), ('\u{1732}', '\u{1734}'), ('\u{1752}', '\u{1753}'), ('\u{1772}', '\u{1773}'),
    ('\u{17B4}', '\u{17D3}'), ('\u{17DD}', '\u{17DD}'), ('\u{180B}', '\u{180D}'), ('\u{180F}', '\u{180F}'),
    ('\u{1885}', '\u{1886}'), ('\u{18A9}', '\u{18A9}'), ('\u{1920}', '\u{192B}'), ('\u{1930}', '\u{193B}'),
    ('\u{1A17}', '\u{1A1B}'), ('\u{1A55}', '\u{1A5E}'), ('\u{1A60}', '\u{1A7C}'), ('\u{1A7F}', '\u{1A7F}'),
    ('\u{1AB0}', '\u{1ACE}'), ('\u{1B00}', '\u{1B04}'), ('\u{1B34}', '\u{1B44}'), ('\u{1B6B}', '\u{1B73}'),
    ('\u{1B80}', '\u{1B82}'), ('\u{1BA1}', '\u{1BAD}'), ('\u{1BE6}', '\u{1BF3}'), ('\u{1C24}', '\u{1C37}'),
    ('\u{1CD0}', '\u{1CD2}'), ('\u{1CD4}', '\u{1CE8}'), ('\u{1CED}', '\u{1CED}'), ('\u{1CF4}', '\u{1CF4}'),
    ('\u{1CF7}', '\u{1CF9}'), ('\u{1DC0}', '\u{1DFF}'), ('\u{20D0}', '\u{20F0}'), ('\u{2CEF}', '\u{2CF1}'),
    ('\u{2D7F}', '\u{2D7F}'), ('\u{2DE0}', '\u{2DFF}'), ('\u{302A}', '\u{302F}'), ('\u{3099}', '\u{309A}'),
    ('\u{A66F}', '\u{A672}'), ('\u{A674}', '\u{A67D}'), ('\u{A69E}', '\u{A69F}'), ('\u{A6F0}', '\u{A6F1}'),
    ('\u{A802}', '\u{A802}'), ('\u{A806}', '\u{A806}'), ('\u{A80B}', '\u{A80B}'), ('\u{A823}', '\u{A827}'),
    ('\u{A82C}', '\u{A82C}'), ('\u{A880}', '\u{A881}'), ('\u{A8B4}', '\u{A8C5}'), ('\u{A8E0}', '\u{A8F1}'),
    ('\u{A8FF}', '\u{A8FF}'), ('\u{A926}', '\u{A92D}'), ('\u{A947}', '\u{A953}'), ('\u{A980}', '\u{A983}'),
    ('\u{A9B3}', '\u{A9C0}'), ('\u{A9E5}', '\u{A9E5}'), ('\u{AA29}', '\u{AA36}'), ('\u{AA43}', '\u{AA43}'),
    ('\u{AA4C}', '\u{AA4D}'), ('\u{AA7B}', '\u{AA7D}'), ('\u{AAB0}', '\u{AAB0}'), ('\u{AAB2}', '\u{AAB4}'),
    ('\u{AAB7}', '\u{AAB8}'), ('\u{AABE}', '\u{AABF}'), ('\u{AAC1}', '\u{AAC1}'), ('\u{AAEB}', '\u{AAEF}'),
    ('\u{AAF5}', '\u{AAF6}'), ('\u{ABE3}', '\u{ABEA}'), ('\u{ABEC}', '\u{ABED}'), ('\u{FB1E}', '\u{FB1E}'),
    ('\u{FE00}', '\u{FE0F}'), ('\u{FE20}', '\u{FE2F}'), ('\u{101FD}', '\u{101FD}'), ('\u{102E0}', '\u{102E0}'),
    ('\u{10376}', '\u{1037A}'), ('\u{10A01}', '\u{10A03}'), ('\u{10A05}', '\u{10A06}'), ('\u{10A0C}', '\u{10A0F}'),
    ('\u{10A38}', '\u{10A3A}'), ('\u{10A3F}', '\u{10A3F}'), ('\u{10AE5}', '\u{10AE6}'), ('\u{10D24}', '\u{10D27}'),
    ('\u{10D69}', '\u{10D6D}'), ('\u{10EAB}', '\u{10EAC}'), ('\u{10EFC}', '\u{10EFF}'), ('\u{10F46}', '\u{10F50}'),
    ('\u{10F82}', '\u{10F85}'), ('\u{11000}', '\u{11002}'), ('\u{11038}', '\u{11046}'), ('\u{11070}', '\u{11070}'),
    ('\u{11073}', '\u{11074}'), ('\u{1107F}', '\u{11082}'), ('\u{110B0}', '\u{110BA}'), ('\u{110C2}', '\u{110C2}'),
    ('\u{11100}', '\u{11102}'), ('\u{11127}', '\u{11134}'), ('\u{11145}', '\u{11146}'), ('\u{11173}', '\u{11173}'),
    ('\u{11180}', '\u{11182}'), ('\u{111B3}', '\u{111C0}'), ('\u{111C9}', '\u{111CC}'), ('\u{111CE}', '\u{111CF}'),
    ('\u{1122C}', '\u{11237}'), ('\u{1123E}', '\u{1123E}'), ('\u{11241}', '\u{11241}'), ('\u{112DF}', '\u{112EA}'),
    ('\u{11300}', '\u{11303}'), ('\u{1133B}', '\u{1133C}'), ('\u{1133E}', '\u{11344}'), ('\u{11347}', '\u{11348}'),
    ('\u{1134B}', '\u{1134D}'), ('\u{11357}', '\u{11357}'), ('\u{11362}', '\u{11363}'), ('\u{11366}', '\u{1136C}'),
    ('\u{11370}', '\u{11374}'), ('\u{113B8}', '\u{113C0}'), ('\u{113C2}', '\u{113C2}'), ('\u{113C5}', '\u{113C5}'),
    ('\u{113C7}', '\u{113CA}'), ('\u{113CC}', '\u{113D0}'), ('\u{113D2}', '\u{113D2}'), ('\u{113E1}', '\u{113E2}'),
    ('\u{11435}', '\u{11446}'), ('\u{1145E}', '\u{1145E}'), ('\u{114B0}', '\u{114C3}'), ('\u{115AF}', '\u{115B5}'),
    ('\u{115B8}', '\u{115C0}'), ('\u{115DC}', '\u{115DD}'), ('\u{11630}', '\u{11640}'), ('\u{116AB}', '\u{116B7}'),
    ('\u{1171D}', '\u{1172B}'), ('\u{1182C}', '\u{1183A}'), ('\u{11930}', '\u{11935}'), ('\u{11937}', '\u{11938}'),
    ('\u{1193B}', '\u{1193E}'), ('\u{11940}', '\u{11940}'), ('\u{11942}', '\u{11943}'), ('\u{119D1}', '\u{119D7}'),
    ('\u{119DA}', '\u{119E0}'), ('\u{119E4}', '\u{119E4}'), ('\u{11A01}', '\u{11A0A}'), ('\u{11A33}', '\u{11A39}'),
    ('\u{11A3B}', '\u{11A3E}'), ('\u{11A47}', '\u{11A47}'), ('\u{11A51}', '\u{11A5B}'), ('\u{11A8A}', '\u{11A99}'),
    ('\u{11C2F}', '\u{11C36}'), ('\u{11C38}', '\u{11C3F}'), ('\u{11C92}', '\u{11CA7}'), ('\u{11CA9}', '\u{11CB6}'),
    ('\u{11D31}', '\u{11D36}'), ('\u{11D3A}', '\u{11D3A}'), ('\u{11D3C}', '\u{11D3D}'), ('\u{11D3F}', '\u{11D45}'),
    ('\u{11D47}', '\u{11D47}'), ('\u{11D8A}', '\u{11D8E}'), ('\u{11D90}', '\u{11D91}'), ('\u{11D93}', '\u{11D97}'),
    ('\u{11EF3}', '\u{11EF6}'), ('\u{11F00}', '\u{11F01}'), ('\u{11F03}', '\u{11F03}'), ('\u{11F34}', '\u{11F3A}'),
    ('\u{11F3E}', '\u{11F42}'), ('\u{11F5A}', '\u{11F5A}'), ('\u{13440}', '\u{13440}'), ('\u{13447}', '\u{13455}'),
    ('\u{1611E}', '\u{1612F}'), ('\u{16AF0}', '\u{16AF4}'), ('\u{16B30}', '\u{16B36}'), ('\u{16F4F}', '\u{16F4F}'),
    ('\u{16F51}', '\u{16F87}'), ('\u{16F8F}', '\u{16F92}'), ('\u{16FE4}', '\u{16FE4}'), ('\u{16FF0}', '\u{16FF1}'),
    ('\u{1BC9D}', '\u{1BC9E}'), ('\u{1CF00}', '\u{1CF2D}'), ('\u{1CF30}', '\u{1CF46}'), ('\u{1D165}', '\u{1D169}'),
    ('\u{1D16D}', '\u{1D172}'), ('\u{1D17B}', '\u{1D182}'), ('\u{1D185}', '\u{1D18B}'), ('\u{1D1AA}', '\u{1D1AD}'),
    ('\u{1D242}', '\u{1D244}'), ('\u{1DA00}', '\u{1DA36}'), ('\u{1DA3B}', '\u{1DA6C}'), ('\u{1DA75}', '\u{1DA75}'),
    ('\u{1DA84}', '\u{1DA84}'), ('\u{1DA9B}', '\u{1DA9F}'), ('\u{1DAA1}', '\u{1DAAF}'), ('\u{1E000}', '\u{1E006}'),
    ('\u{1E008}', '\u{1E018}'), ('\u{1E01B}', '\u{1E021}'), ('\u{1E023}', '\u{1E024}'), ('\u{1E026}', '\u{1E02A}'),
    ('\u{1E08F}', '\u{1E08F}'), ('\u{1E130}', '\u{1E136}'), ('\u{1E2AE}', '\u{1E2AE}'), ('\u{1E2EC}', '\u{1E2EF}'),
    ('\u{1E4EC}', '\u{1E4EF}'), ('\u{1E5EE}', '\u{1E5EF}'), ('\u{1E8D0}', '\u{1E8D6}'), ('\u{1E944}', '\u{1E94A}'),
    ('\u{E0100}', '\u{E01EF}'),
];

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{Class, HirKind};
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    /// Returns the characters with a property, in the syntax of regular expressions.
    fn class(pattern: &str) -> Vec<(char, char)> {
        let class = regex_syntax::parse(pattern).expect("properties");
        let HirKind::Class(Class::Unicode(class)) = class.kind() else {
            panic!("it is a class");
        };
        class.iter().map(|it| (it.start(), it.end())).collect()
    }

    #[test]
    fn the_tables_are_what_unicode_says() {
        let ignorable = class(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]");
        assert_eq!(FORMAT.as_slice(), ignorable.as_slice());
        assert_eq!(MARKS.as_slice(), class(r"\p{M}").as_slice());
        let punctuation = class(r"[\p{P}&&[^\x00-\x7F]]");
        assert_eq!(PUNCTUATION.as_slice(), punctuation.as_slice());
    }

    #[test]
    fn capitals_do_not_matter_in_any_script() {
        for (one, other) in [
            ("STRASSE", "straße"),
            ("GROẞ", "groß"),
            ("ΟΔΟΣ", "οδος"),
            ("Οδός", "ΟΔΌΣ"),
            ("İSTANBUL", "istanbul"),
            ("ISPARTA", "ısparta"),
            ("ЁЛКА", "ёлка"),
            ("ÉTÉ", "été"),
            ("ﬁn", "FIN"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("été"), folded("ete"));
    }

    #[test]
    fn what_stands_for_ascii_is_what_unicode_says() {
        for c in ('\u{80}'..=char::MAX).filter(|c| c.is_alphanumeric()) {
            let small: String = c.to_lowercase().collect();
            let (same, plain): (String, String) = (small.nfc().collect(), small.nfkc().collect());
            let expected = small.is_ascii() || same != plain && plain.contains(|c: char| c.is_ascii());
            assert_eq!(stands_for_ascii(c), expected, "{c:?}");
        }
    }
}
