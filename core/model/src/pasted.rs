//! What people paste to name something: a link by itself, or a whole message with one in it.

use std::str::FromStr;

use crate::{
    PublicKey,
    id::Infohash,
    magnet::{Magnet, MagnetError, is_magnet, parse_infohash},
};

/// What a pasted text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pasted {
    /// An item.
    Item(Magnet),
    /// A person.
    Person(PublicKey),
}

/// Where the view shows one thing, and what follows is its name.
const PAGES: [&str; 6] =
    ["/upseed/t/", "/upseed/why/", "/upseed/reply/", "/upseed/share/", "/upseed/p/", "upseed:"];

impl Pasted {
    /// What a text names: a magnet link, an infohash, `upseed:` with either or with a key, an address of the
    /// view, or a message with one magnet link in it. `None` if these are ordinary words.
    ///
    /// Errors: why it is no link, if it is one link alone.
    pub fn find(text: &str) -> Option<Result<Self, MagnetError>> {
        let text = text.trim().trim_matches(['<', '>', '"', '\'', '\u{feff}']).trim();
        if is_magnet(text) && !text.contains(char::is_whitespace) {
            return Some(text.parse().map(Self::Item));
        }
        if let Ok(infohash) = parse_infohash(text) {
            return Some(Ok(Self::item(infohash)));
        }
        if let Ok(key) = text.parse() {
            return Some(Ok(Self::Person(key)));
        }
        let within =
            || words(text).filter_map(link).find_map(|link| link.parse().ok().map(Self::Item));
        let named = || words(text).find_map(Self::page);
        within().or_else(named).map(Ok)
    }

    fn item(infohash: Infohash) -> Self {
        let (name, trackers, peers) = (None, Vec::new(), Vec::new());
        Self::Item(Magnet { infohash, name, trackers, peers })
    }

    /// An address of the view, wherever it is served.
    fn page(word: &str) -> Option<Self> {
        let (start, at) =
            PAGES.iter().find_map(|start| Some((*start, word.find(start)? + start.len())))?;
        let name = word[at..].split(|c: char| !c.is_ascii_alphanumeric()).next()?;
        if let Ok(infohash) = parse_infohash(name) {
            return Some(Self::item(infohash));
        }
        let is_person = matches!(start, "/upseed/p/" | "upseed:");
        let key = || format!("upseed:{name}").parse().or_else(|_| name.parse()).ok();
        if is_person { key().map(Self::Person) } else { None }
    }
}

impl FromStr for Pasted {
    type Err = MagnetError;

    /// [`Pasted::find`] of what must name something.
    fn from_str(text: &str) -> Result<Self, MagnetError> {
        Self::find(text).unwrap_or_else(|| {
            Err(parse_infohash(text.trim()).err().unwrap_or(MagnetError::Scheme))
        })
    }
}

/// The part of a word that may be a link: pasted into one line, a link may come right behind what stood above it.
fn link(word: &str) -> Option<&str> {
    let at = word.to_ascii_lowercase().find("magnet:")?;
    word.get(at..)
}

/// The words of a text, each without the brackets and the quotes around it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let around = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '“' | '”');
    text.split(around).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "00112233445566778899aabbccddeeff00112233";
    const KEY: [u8; 32] = [9; 32];

    fn item(text: &str) -> Option<String> {
        match Pasted::find(text)?.ok()? {
            Pasted::Item(magnet) => Some(magnet.infohash.to_string()),
            Pasted::Person(_) => None,
        }
    }

    #[test]
    fn an_item_is_found_in_whatever_names_it() {
        for text in [
            HASH.to_owned(),
            format!("  {}\n", HASH.to_uppercase()),
            "AAISEM2EKVTHPCEZVK54ZXPO74ABCIRT".to_owned(),
            format!("magnet:?xt=urn:btih:{HASH}&dn=a"),
            format!("magnet:%3Fxt=urn:btih:{HASH}"),
            format!("magnet:?dn=a&amp;xt=urn:btih:{HASH}"),
            format!("<magnet:?xt=urn:btih:{HASH}>"),
            format!("Title\n\nmagnet:?xt=urn:btih:{HASH}&tr=http%3A%2F%2Fx\n\nPaste it."),
            format!("Titlemagnet:?xt=urn:btih:{HASH}&tr=http%3A%2F%2Fx Paste it."),
            format!("look at (this): \"magnet:?xt=urn:btih:{HASH}\""),
            format!("upseed:{HASH}"),
            format!("http://127.0.0.1:7667/upseed/t/{HASH}?after=3#i{HASH}"),
            format!("http://nas.local:9091/upseed/why/{HASH}"),
            format!("/upseed/t/{HASH}"),
        ] {
            assert_eq!(item(&text).as_deref(), Some(HASH), "{text}");
        }
    }

    #[test]
    fn a_person_is_found_by_each_form_of_a_key() {
        let secret = crate::SecretKey::from_seed(&KEY);
        let key = secret.public();
        let letters = key.to_string();
        let letters = letters.trim_start_matches("upseed:");
        for text in [
            key.to_string(),
            key.to_hex(),
            format!("http://127.0.0.1:7667/upseed/p/{letters}?show=comments"),
        ] {
            assert_eq!(Pasted::find(&text), Some(Ok(Pasted::Person(key))), "{text}");
        }
    }

    #[test]
    fn ordinary_words_name_nothing() {
        for text in [
            "",
            " ",
            "sieve",
            "what is a magnet link",
            "magnet: how it works",
            "upseed:",
            "/upseed/t/x",
            "a upseed:b c",
        ] {
            assert_eq!(Pasted::find(text), None, "{text}");
        }
        assert!(matches!(Pasted::find("magnet:?dn=x"), Some(Err(MagnetError::NoTopic))));
        assert!(
            "sieve"
                .parse::<Pasted>()
                .unwrap_err()
                .to_string()
                .contains("\"sieve\" is not an infohash")
        );
    }
}
