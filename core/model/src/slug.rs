//! The file name of an item: readable by people, decided by the header, safe on every disk.

use data_encoding::HEXLOWER;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::limits::MAX_SLUG;

/// Bytes of a comment's slug, as it is written: with it the header stays, as a rule, within the 512 bytes that ask for 17
/// bits of work.
const COMMENT_SLUG: usize = 24;

/// Code points beyond ASCII that a slug may have: the blocks of the world's scripts. It is a table of the protocol and not a
/// property of Unicode's, which grows: what is valid must be the same for everybody, for ever. Left out are controls,
/// separators, symbols, invisible characters, whatever is or decomposes to punctuation of ASCII, full-width forms (which
/// some systems take for ASCII), and what is set aside for private use.
#[rustfmt::skip]
const ALLOWED: [(u32, u32); 33] = [
    (0x00c0, 0x00d6), (0x00d8, 0x00f6), (0x00f8, 0x02c1), (0x0300, 0x034e), (0x0350, 0x0373),
    (0x0376, 0x037d), (0x037f, 0x0383), (0x0386, 0x0386), (0x0388, 0x05ff), (0x0606, 0x061b),
    (0x061d, 0x06dc), (0x06de, 0x070e), (0x0710, 0x088f), (0x0892, 0x08e1), (0x08e3, 0x115e),
    (0x1161, 0x167f), (0x1681, 0x17b3), (0x17b6, 0x180a), (0x1810, 0x1fbc), (0x1fbe, 0x1fbe),
    (0x1fc2, 0x1fcc), (0x1fd0, 0x1fdc), (0x1fe0, 0x1fec), (0x1ff0, 0x1ffc), (0x2c00, 0x2dff),
    (0x3005, 0x3007), (0x3041, 0x3163), (0x3165, 0x4dbf), (0x4e00, 0xd7fb), (0x1_0000, 0x1_342f),
    (0x1_3440, 0x1_bc9f), (0x1_e000, 0x1_efff), (0x2_0000, 0x3_ffff),
];

/// What Windows takes for a device, whatever follows behind a dot; with a digit behind the last two.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The slug of a post.
pub fn for_title(title: &str) -> String {
    or_kind(&words(title, MAX_SLUG), "post")
}

/// The slug of a comment: its first words, without those that it quotes.
pub fn for_comment(text: &str) -> String {
    let own = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    let slug = own.map(|line| words(line, COMMENT_SLUG)).find(|slug| !slug.is_empty());
    or_kind(&slug.unwrap_or_default(), "comment")
}

/// Letters, digits and marks in lower case, other runs as one "-", at most so many bytes of it.
fn words(text: &str, most: usize) -> String {
    let mut slug = String::with_capacity(most);
    let (mut between, mut ended) = (false, 0);
    // NFKC makes one of what looks the same: ligatures, full-width letters, digits in circles.
    for character in text.nfkc().flat_map(char::to_lowercase).nfc() {
        let is_mark = is_combining_mark(character);
        let is_word = (character.is_alphanumeric() || is_mark) && is_allowed(character);
        if !is_word || (is_mark && (slug.is_empty() || between)) {
            between = true;
            continue;
        }
        let hyphen = usize::from(between && !slug.is_empty());
        if slug.len() + hyphen + character.len_utf8() > most {
            // Not between a letter and its mark.
            slug.truncate(if is_mark { ended } else { slug.len() });
            break;
        }
        if hyphen > 0 {
            slug.push('-');
        }
        if !is_mark {
            ended = slug.len();
        }
        slug.push(character);
        between = false;
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The kind's name where no word is left, and in front of one that would not do alone.
fn or_kind(slug: &str, kind: &str) -> String {
    match slug {
        "" => kind.into(),
        slug if is_device(slug.as_bytes()) => format!("{kind}-{slug}"),
        slug => slug.into(),
    }
}

fn is_allowed(character: char) -> bool {
    match character {
        'a'..='z' | '0'..='9' | '-' => true,
        '\0'..='\x7f' => false,
        other => {
            let code = u32::from(other);
            let at = ALLOWED.partition_point(|(_, last)| *last < code);
            ALLOWED.get(at).is_some_and(|(first, _)| *first <= code)
        }
    }
}

fn is_device(slug: &[u8]) -> bool {
    match slug {
        [name @ .., b'1'..=b'9'] => DEVICES[4..].iter().any(|device| device.as_bytes() == name),
        name => DEVICES[..4].iter().any(|device| device.as_bytes() == name),
    }
}

/// Whether `slug` is 1 to 100 bytes of characters that a slug may have, and no device of Windows.
pub fn is_valid(slug: &[u8]) -> bool {
    (1..=MAX_SLUG).contains(&slug.len())
        && std::str::from_utf8(slug).is_ok_and(|slug| slug.chars().all(is_allowed))
        && !is_device(slug)
}

/// The first 16 bytes of the hash that an item's name follows from, as its file name shows them.
pub(crate) fn digits(hash: &[u8; 32]) -> [u8; 32] {
    let mut digits = [0; 32];
    HEXLOWER.encode_mut(&hash[..16], &mut digits);
    digits
}

/// An item's file name.
pub(crate) fn file_name(slug: &str, hash: &[u8; 32]) -> Vec<u8> {
    [slug.as_bytes(), b".", &digits(hash), b".md"].concat()
}

/// What is wrong with the form of a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileNameError {
    #[error("it would climb out of its folder")]
    Path,
    #[error(
        "its first part is not 1 to {MAX_SLUG} bytes of lower-case letters, digits and \"-\", or is a device of Windows"
    )]
    Slug,
    #[error("it does not end in 32 hex digits and \".md\"")]
    Suffix,
}

/// The 32 hex digits in an item's file name, which is a slug, those digits and `md`, with dots between.
pub(crate) fn file_name_digits(name: &[u8]) -> Result<&[u8], FileNameError> {
    if name.contains(&b'/') || name.contains(&b'\\') || name.starts_with(b".") {
        return Err(FileNameError::Path);
    }
    let mut parts = name.split(|byte| *byte == b'.');
    if !parts.next().is_some_and(is_valid) {
        return Err(FileNameError::Slug);
    }
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(digits), Some(b"md"), None) if digits.len() == 32 && digits.iter().all(is_digit) => {
            Ok(digits)
        }
        _ => Err(FileNameError::Suffix),
    }
}

/// Whether a file's name has the form of an item's. A client's list shows by this which torrents may
/// be items; whether the name follows from the header is for [`crate::SignedItem`] to say.
pub fn is_file_name(name: &str) -> bool {
    file_name_digits(name.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_is_readable_in_its_own_script() {
        for (title, slug) in [
            ("Hello, World!", "hello-world"),
            ("שלום, עולם!", "שלום-עולם"),
            ("日本語の本", "日本語の本"),
            ("２０２６年", "2026年"),
            ("Straße – ÉCOLE", "straße-école"),
            ("E\u{301}cole", "école"),
            ("नमस्ते दुनिया", "नमस्ते-दुनिया"),
            ("🎉🎉", "post"),
            ("🎉 Party 🎉", "party"),
            ("\u{301}", "post"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\u{202e}b\u{200d}c", "a-b-c"),
            ("CON", "post-con"),
            ("lpt9", "post-lpt9"),
            ("com", "com"),
            ("lpt0", "lpt0"),
        ] {
            assert_eq!(for_title(title), slug, "{title}");
        }
        assert_eq!(for_title(&"ab ".repeat(40)).len(), 100);
        assert_eq!(for_title(&"本".repeat(40)).chars().count(), 33);
        // A letter goes with its mark.
        assert_eq!(for_title(&format!("{}x\u{323}\u{335}", "a".repeat(96))), "a".repeat(96));
    }

    #[test]
    fn a_comment_is_called_by_its_own_first_words() {
        for (text, slug) in [
            ("> What do you think?\n\nI host this, since it is good.\n", "i-host-this-since-it-is"),
            ("**תודה** רבה\n", "תודה-רבה"),
            ("+1\n", "1"),
            ("🎉\n> quoted", "comment"),
            ("aux", "comment-aux"),
        ] {
            assert_eq!(for_comment(text), slug);
        }
    }

    #[test]
    fn nothing_that_a_system_could_take_for_its_own_is_valid() {
        for good in
            ["a", "-", "שלום", "è", "e\u{301}", "本", "𠀀", "com", "con-1", &"x".repeat(100)]
        {
            assert!(is_valid(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "A",
            "a b",
            "a.b",
            "a/b",
            "a\\b",
            "a:b",
            "con",
            "prn",
            "aux",
            "nul",
            "com1",
            "lpt9",
            "\u{a0}",
            "\u{ad}",
            "\u{34f}",
            "\u{37e}",
            "\u{61c}",
            "\u{115f}",
            "\u{1680}",
            "\u{1fef}",
            "\u{180e}",
            "\u{200b}",
            "\u{202e}",
            "\u{2044}",
            "\u{3000}",
            "\u{3164}",
            "\u{e000}",
            "\u{fe0f}",
            "\u{feff}",
            "／",
            "．",
            "🎉",
            "\u{e0041}",
            "\u{f0000}",
            &"x".repeat(101),
        ] {
            assert!(!is_valid(bad.as_bytes()), "{bad:?}");
        }
        assert!(!is_valid(b"\xff"));
        assert!(ALLOWED.windows(2).all(|pair| pair[0].1 < pair[1].0));
        let is_acting = |code| char::from_u32(code).is_some_and(crate::text::is_acting);
        assert!(!ALLOWED.iter().any(|(first, last)| (*first..=*last).any(is_acting)));
    }

    #[test]
    fn file_names() {
        let hex = "0123456789abcdef".repeat(2);
        assert!(is_file_name(&format!("hello-world.{hex}.md")));
        assert!(is_file_name(&format!("שלום.{hex}.md")));
        for other in [
            String::new(),
            "Debian 13.iso".into(),
            format!("{hex}.md"),
            format!("../x.{hex}.md"),
            format!("x.{}.md", hex.to_uppercase()),
            format!("x.{hex}.md.exe"),
        ] {
            assert!(!is_file_name(&other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn always_valid(text: String) {
            prop_assert!(is_valid(for_title(&text).as_bytes()));
            prop_assert!(is_valid(for_comment(&text).as_bytes()));
        }
    }
}
