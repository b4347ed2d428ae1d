//! Words as search sees them, in every script.
//!
//! - *Folded*: case, accents and the width of letters make no difference; `ß` is `ss`, `ł` is `l`, `İ` is
//!   `i`. Vowel marks that writers leave out (Arabic, Hebrew) are left out.
//! - *Scripts without spaces* (Chinese, Japanese, Thai, Lao, Khmer, Burmese; Korean too, whose particles
//!   follow without one) have no words that a program could find without a dictionary. Each two
//!   neighbours count as a word, as in Lucene's `CJKBigramFilter`, and each sign alone: any part of a
//!   text is found by the pairs in it.
//! - *Symbols*, such as an emoji, are words of one sign.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Signs of a word that count; what is longer is no word.
const MAX_SIGNS: usize = 64;

/// What one thing in a text is to search.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Run {
    /// A word of a script with spaces between words.
    Word(String),
    /// What stands together in a script without.
    Unspaced(Vec<char>),
    Symbol(char),
}

/// Words that must stand one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// At least one; each without spaces and quotes.
    pub words: Vec<String>,
    /// Whether the last of them may be the beginning of a longer word.
    pub may_go_on: bool,
}

impl Phrase {
    fn of(word: String) -> Self {
        Self { words: vec![word], may_go_on: false }
    }
}

/// Everything by which a text is found, in its order, with spaces in between. Signs of scripts without
/// spaces stand at the end once more, each by itself.
pub fn of_text(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + text.len() / 8);
    let mut alone = BTreeSet::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => push(&mut words, &word),
            Run::Symbol(symbol) => push(&mut words, symbol.encode_utf8(&mut [0; 4])),
            Run::Unspaced(signs) => {
                pairs(&signs).for_each(|pair| push(&mut words, &pair));
                alone.extend(signs);
            }
        }
    }
    alone.iter().for_each(|sign| push(&mut words, sign.encode_utf8(&mut [0; 4])));
    words
}

/// What somebody looks for. What stands between spaces, or in quotes, belongs together; all else that may
/// be typed means nothing. The last word may go on if it has three signs or more.
pub fn of_query(query: &str) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let parts: Vec<&str> = query.split('"').collect();
    for (index, part) in parts.iter().enumerate() {
        // A quote that is not closed is none.
        if index % 2 == 1 && index + 1 < parts.len() {
            add(&mut phrases, part);
            continue;
        }
        part.split_whitespace().for_each(|word| add(&mut phrases, word));
        if index + 1 == parts.len()
            && let Some(last) = phrases.last_mut()
            && part.split_whitespace().next_back().is_some_and(ends_in_word)
        {
            last.may_go_on = true;
        }
    }
    phrases
}

fn ends_in_word(word: &str) -> bool {
    let last = runs(word).pop();
    matches!(last, Some(Run::Word(word)) if (3..MAX_SIGNS).contains(&word.chars().count()))
}

/// Neighbouring words are one phrase. Where the script changes, each part is looked for by itself.
fn add(phrases: &mut Vec<Phrase>, part: &str) {
    let mut after_word = false;
    for run in runs(part) {
        let was_word = std::mem::replace(&mut after_word, matches!(run, Run::Word(_)));
        match run {
            Run::Word(word) => match phrases.last_mut() {
                Some(phrase) if was_word => phrase.words.push(word),
                _ => phrases.push(Phrase::of(word)),
            },
            Run::Symbol(symbol) => phrases.push(Phrase::of(symbol.into())),
            Run::Unspaced(signs) => match signs[..] {
                [sign] => phrases.push(Phrase::of(sign.into())),
                _ => phrases.push(Phrase { words: pairs(&signs).collect(), may_go_on: false }),
            },
        }
    }
}

fn pairs(signs: &[char]) -> impl Iterator<Item = String> {
    signs.windows(2).map(|pair| pair.iter().collect())
}

fn push(words: &mut String, word: &str) {
    if !words.is_empty() {
        words.push(' ');
    }
    words.push_str(word);
}

fn runs(text: &str) -> Vec<Run> {
    if text.is_ascii() {
        let words =
            text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        return words
            .map(|word| Run::Word(word[..word.len().min(MAX_SIGNS)].to_ascii_lowercase()))
            .collect();
    }
    let mut runs = Vec::new();
    let (mut word, mut length, mut signs) = (String::new(), 0, Vec::new());
    // One more gap ends the last run.
    for sign in fold(text).chain([' ']) {
        let kind = Kind::of(sign);
        // A mark belongs to what stands before it.
        let kind = if kind == Kind::Mark && !signs.is_empty() { Kind::Unspaced } else { kind };
        let in_word = matches!(kind, Kind::Letter | Kind::Mark);
        if !in_word && !word.is_empty() {
            runs.push(Run::Word(std::mem::take(&mut word)));
            length = 0;
        }
        if kind != Kind::Unspaced && !signs.is_empty() {
            runs.push(Run::Unspaced(std::mem::take(&mut signs)));
        }
        match kind {
            Kind::Letter | Kind::Mark => {
                length += 1;
                if length <= MAX_SIGNS {
                    word.push(sign);
                }
            }
            Kind::Unspaced => signs.push(sign),
            Kind::Symbol => runs.push(Run::Symbol(sign)),
            Kind::Gap => {}
        }
    }
    runs
}

/// The same for all ways of writing the same.
fn fold(text: &str) -> impl Iterator<Item = char> {
    let mut base = ' ';
    let kept = text.nfkd().filter(move |sign| {
        if sign.is_alphabetic() && !is_combining_mark(*sign) {
            base = *sign;
        }
        !is_left_out(*sign, base)
    });
    // Upper and lower again, because some signs have but one of both: `ß`, `ς`, `ı`.
    let folded = kept.flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    folded.flat_map(char::to_lowercase).flat_map(plain).nfc()
}

/// Marks and signs that one writes and another does not, or that nobody sees.
fn is_left_out(sign: char, base: char) -> bool {
    match sign {
        // The breve makes another letter of Cyrillic ones: й, ў.
        '\u{306}' => !('\u{400}'..='\u{4ff}').contains(&base),
        // Accents; the dot of İ.
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        // Around a symbol: keycaps, variants, colours of skin, joiners.
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{200d}' | '\u{e0020}'..='\u{e007f}'
        // Vowel points of Hebrew and Arabic; the stroke that only fills a line.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        // Where a line may break, and which way text runs.
        | '\u{ad}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' => true,
        // It parts words in Arabic script, and only shapes letters in others.
        '\u{200c}' => !('\u{600}'..='\u{8ff}').contains(&base),
        _ => false,
    }
}

/// Letters that no decomposition makes plain, and that look or sound like a plain one.
fn plain(sign: char) -> impl Iterator<Item = char> {
    let (first, second) = match sign {
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ŧ' => ('t', None),
        // Arabic and Persian kaf and yeh.
        '\u{6a9}' => ('\u{643}', None),
        '\u{649}' | '\u{6cc}' => ('\u{64a}', None),
        _ => (sign, None),
    };
    std::iter::once(first).chain(second)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Mark,
    Unspaced,
    Symbol,
    Gap,
}

impl Kind {
    /// By blocks of Unicode.
    fn of(sign: char) -> Self {
        match sign {
            // The dots between words of Japanese, and the signs that end Thai and Khmer sentences.
            '\u{30a0}' | '\u{30fb}' | '\u{e3f}' | '\u{e4f}' | '\u{e5a}' | '\u{e5b}'
            | '\u{104a}'..='\u{104f}' | '\u{17d4}'..='\u{17d6}' | '\u{17d8}'..='\u{17db}' => Self::Gap,
            // Thai, Lao, Burmese, Khmer, the Tai scripts, Balinese, Javanese.
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{1950}'..='\u{19df}' | '\u{1a20}'..='\u{1aaf}' | '\u{1b00}'..='\u{1b7f}'
            | '\u{a980}'..='\u{a9ff}' | '\u{aa60}'..='\u{aadf}'
            // Chinese and Japanese signs, with the marks that repeat or lengthen one.
            | '\u{2e80}'..='\u{2fd5}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
            | '\u{3031}'..='\u{3035}' | '\u{3038}'..='\u{303c}' | '\u{3041}'..='\u{30ff}'
            | '\u{3100}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}'
            | '\u{1aff0}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}'
            // Korean.
            | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7ff}' => Self::Unspaced,
            // Currencies, arrows, mathematics, dingbats; emoji.
            '\u{a2}'..='\u{a9}' | '\u{ae}'..='\u{b1}' | '\u{d7}' | '\u{f7}'
            | '\u{20a0}'..='\u{20cf}' | '\u{2100}'..='\u{27bf}' | '\u{27f0}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1fbff}' => Self::Symbol,
            _ if sign.is_alphanumeric() => Self::Letter,
            _ if is_combining_mark(sign) => Self::Mark,
            _ => Self::Gap,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phrases(query: &str) -> Vec<String> {
        let show =
            |phrase: Phrase| phrase.words.join(" ") + if phrase.may_go_on { "*" } else { "" };
        of_query(query).into_iter().map(show).collect()
    }

    #[test]
    fn letters_are_folded() {
        for (text, words) in [
            ("Zürich und Straße", "zurich und strasse"),
            ("STRASSE ẞ", "strasse ss"),
            ("Łódź Ærø đường İstanbul ılık", "lodz aero duong istanbul ilik"),
            ("ΟΔΟΣ οδός Ὀδυσσεύς", "οδοσ οδοσ οδυσσευσ"),
            ("Ёлка мой", "елка мой"),
            ("ｆｕｌｌ ｗｉｄｔｈ ﬁne ①", "full width fine 1"),
            ("كِتَابٌ أحمد علی", "كتاب احمد علي"),
            ("می\u{200c}خواهم", "مي خواهم"),
            ("שָׁלוֹם", "שלום"),
            ("हिन्दी", "हिन्दी"),
            ("naïve cafe\u{301} café co\u{ad}op", "naive cafe cafe coop"),
            ("don't 3.14 a_b", "don t 3 14 a b"),
        ] {
            assert_eq!(of_text(text), words, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_go_by_pairs_and_symbols_by_one() {
        assert_eq!(of_text("东京塔"), "东京 京塔 东 京 塔");
        assert_eq!(of_text("iPhone手机!"), "iphone 手机 手 机");
        assert_eq!(of_text("ﾃｽﾄ・テスト"), "テス スト テス スト ス テ ト");
        assert_eq!(of_text("ไทย"), "ไท ทย ท ย ไ");
        assert_eq!(of_text("한국"), "한국 국 한");
        assert_eq!(of_text("a🎉🎉b ❤\u{fe0f} 👍🏽 €5"), "a 🎉 🎉 b ❤ 👍 € 5");
        assert_eq!(of_text("👩\u{200d}💻"), "👩 💻");
    }

    #[test]
    fn a_query_is_taken_apart_like_a_text() {
        for (query, wanted) in [
            ("two words", &["two", "words*"][..]),
            ("it is", &["it", "is"]),
            ("历史", &["历史"]),
            ("东京塔的", &["东京 京塔 塔的"]),
            ("史", &["史"]),
            ("第1章", &["第", "1", "章"]),
            ("🎉", &["🎉"]),
            ("don't", &["don t"]),
            ("high-quality", &["high quality*"]),
            ("\"ride a bike\" tour", &["ride a bike", "tour*"]),
            ("a \"whole phrase\"", &["a", "whole phrase"]),
            ("a\"bcd OR * NEAR(", &["a", "bcd", "or", "near*"]),
            ("title:foo -bar^2", &["title foo", "bar 2"]),
            ("  \" - * ' \0", &[]),
        ] {
            assert_eq!(phrases(query), wanted, "{query}");
        }
    }

    proptest! {
        #[test]
        fn what_is_in_a_text_is_found_by_the_same_words(text in "\\PC{0,40}") {
            let padded = format!(" {} ", of_text(&text));
            for phrase in of_query(&text.replace('"', " ")) {
                let wanted = format!(" {} ", phrase.words.join(" "));
                prop_assert!(padded.contains(&wanted), "{:?} in {:?}", wanted, padded);
                prop_assert!(phrase.words.iter().all(|word| !word.contains(['"', ' ', '\0'])));
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once: String = fold(&text).collect();
            prop_assert_eq!(fold(&once).collect::<String>(), once);
        }
    }
}
