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

/// Whether a file's name has the form of an item's: slug, 32 hex digits, `.md`. A client's list
/// shows by this which torrents may be items.
pub fn is_file_name(name: &str) -> bool {
    let mut parts = name.split('.');
    let (slug, hex, end) = (parts.next(), parts.next(), parts.next());
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    slug.is_some_and(|slug| is_valid(slug.as_bytes()))
        && hex.is_some_and(|hex| hex.len() == 32 && hex.bytes().all(lower_hex))
        && end == Some("md")
        && parts.next().is_none()
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
