//! The file name of an item: readable by people, decided by the header, safe on every disk.

use data_encoding::HEXLOWER;

use crate::limits::MAX_SLUG;

/// The readable part for a title: its ASCII letters and digits in lower case, joined by "-", or
/// `fallback` where it has none.
pub fn for_title(title: &str, fallback: &str) -> String {
    let mut slug = String::with_capacity(MAX_SLUG);
    for word in title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
        if slug.len() >= MAX_SLUG {
            break;
        }
    }
    slug.truncate(MAX_SLUG);
    let trimmed = slug.trim_end_matches('-').len();
    slug.truncate(trimmed);
    if slug.is_empty() { fallback.to_owned() } else { slug }
}

/// Whether `slug` has the form `[a-z0-9-]{1,60}`.
pub fn is_valid(slug: &[u8]) -> bool {
    (1..=MAX_SLUG).contains(&slug.len())
        && slug.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
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
    #[error("its first part is not 1 to {MAX_SLUG} of a-z, 0-9 and \"-\"")]
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
    fn readable() {
        assert_eq!(for_title("Hello, World!", "post"), "hello-world");
        assert_eq!(for_title("日本語", "post"), "post");
        assert_eq!(for_title("../../etc/passwd", "post"), "etc-passwd");
        assert_eq!(for_title(&"ab ".repeat(40), "post").len(), 59);
    }

    #[test]
    fn file_names() {
        let hex = "0123456789abcdef".repeat(2);
        assert!(is_file_name(&format!("hello-world.{hex}.md")));
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
        fn always_valid(title: String) {
            prop_assert!(is_valid(for_title(&title, "post").as_bytes()));
        }
    }
}
