//! The file name of an item: readable by people, decided by the header, safe on every disk.

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

    proptest! {
        #[test]
        fn always_valid(title: String) {
            prop_assert!(is_valid(for_title(&title, "post").as_bytes()));
        }
    }
}
