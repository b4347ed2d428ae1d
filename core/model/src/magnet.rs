//! Magnet links (BEP 9, with `x.pe` from BEP 9's extension list).

use std::{borrow::Cow, fmt, net::SocketAddr, str::FromStr};

use data_encoding::BASE32;

use crate::{SignedItem, id::Infohash, limits::MAX_MAGNET, text::check_line};

/// A magnet link to an item. What else such links may carry (`ws`, `xs`, `as`, `so`, …) is dropped
/// when it is read: it would make a client fetch addresses of a stranger's choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Magnet {
    /// The item.
    pub infohash: Infohash,
    /// `dn`: a name for people, not to be trusted.
    pub name: Option<String>,
    /// `tr`: trackers. Whether to use a stranger's is the caller's decision.
    pub trackers: Vec<String>,
    /// `x.pe`: peers by address. Names are not looked up.
    pub peers: Vec<SocketAddr>,
}

/// Why a text is not a magnet link to an item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MagnetError {
    /// It does not begin with `magnet:?`.
    #[error("not a magnet link: it does not begin with \"magnet:?\"")]
    Scheme,
    /// Longer than any sensible link.
    #[error("the magnet link has {0} bytes; at most {MAX_MAGNET} are looked at")]
    TooLong(usize),
    /// No `xt=urn:btih:…`.
    #[error("the magnet link names no torrent (no \"xt=urn:btih:…\")")]
    NoTopic,
    /// Two different ones.
    #[error("the magnet link names two different torrents")]
    TwoTopics,
    /// Neither 40 hex digits nor 32 letters of base32.
    #[error("{0:?} is not an infohash: expected 40 hex digits or 32 letters of base32")]
    Topic(String),
    /// In `xt`: `%` without two hex digits, or bytes that are not UTF-8.
    #[error("the magnet link has a broken percent sign in {0:?}")]
    Percent(String),
}

/// At most this many of `tr` and of `x.pe` are kept.
const MAX_EACH: usize = 16;

impl FromStr for Magnet {
    type Err = MagnetError;

    fn from_str(link: &str) -> Result<Self, MagnetError> {
        if link.len() > MAX_MAGNET {
            return Err(MagnetError::TooLong(link.len()));
        }
        let link = as_sent(link);
        let query = query(&link).ok_or(MagnetError::Scheme)?;
        let mut infohash = None;
        let (mut name, mut trackers, mut peers) = (None, Vec::new(), Vec::new());
        for pair in query.split('&') {
            // A link out of the source of a page has its "&" escaped.
            let pair = ESCAPED.iter().find_map(|rest| pair.strip_prefix(rest)).unwrap_or(pair);
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            // "xt.1", "tr.2" and "x.pe.3" are the numbered forms of the same keys.
            let key = key.to_ascii_lowercase();
            let is_number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
            let plain = match key.rsplit_once('.') {
                Some((plain, number)) if is_number(number) => plain,
                _ => &key,
            };
            match plain {
                "xt" => {
                    let topic = decode(value)?;
                    let btih = topic.get(..9).filter(|p| p.eq_ignore_ascii_case("urn:btih:"));
                    if btih.is_none() {
                        continue;
                    }
                    let found = parse_infohash(&topic[9..])?;
                    if infohash.replace(found).is_some_and(|other| other != found) {
                        return Err(MagnetError::TwoTopics);
                    }
                }
                // People write these, and old programs in other encodings: what cannot be read of
                // them is left out, and the item is found all the same.
                "dn" => {
                    let text = decode(value).ok();
                    let usable =
                        text.filter(|text| check_line("name", text.as_bytes(), MAX_MAGNET).is_ok());
                    name = usable.or(name);
                }
                "tr" if trackers.len() < MAX_EACH => trackers.extend(decode(value)),
                "x.pe" if peers.len() < MAX_EACH => {
                    peers.extend(
                        decode(value).ok().and_then(|addr| addr.parse::<SocketAddr>().ok()),
                    );
                }
                _ => {}
            }
        }
        Ok(Self { infohash: infohash.ok_or(MagnetError::NoTopic)?, name, trackers, peers })
    }
}

/// What follows "&" where it is written "&amp;", "&#38;" or "&#x26;".
const ESCAPED: [&str; 4] = ["amp;", "#38;", "#x26;", "#X26;"];

/// Whether a text is meant as a magnet link, right or wrong.
pub fn is_magnet(text: &str) -> bool {
    let text = trimmed(text);
    ["magnet:", "magnet%3a"]
        .iter()
        .any(|start| text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start)))
}

/// Without what stands around a link in a mail or a chat.
fn trimmed(link: &str) -> &str {
    link.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '\u{feff}')
    })
}

/// The link as its writer meant it: desktops and pages hand some on that are percent-encoded as a whole.
fn as_sent(link: &str) -> Cow<'_, str> {
    let link = trimmed(link);
    let encoded = link.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("magnet%3a"))
        || is_magnet(link) && link.get(7..).is_some_and(|rest| !rest.contains(['=', '?']));
    match encoded.then(|| decode(&link.replace('+', "%2B"))) {
        Some(Ok(decoded)) => Cow::Owned(decoded),
        _ => Cow::Borrowed(link),
    }
}

/// What stands behind "magnet:?", where the question mark may be encoded and slashes may have crept in.
fn query(link: &str) -> Option<&str> {
    let (scheme, rest) = link.split_at_checked(7)?;
    let rest = rest.trim_start_matches('/');
    let mark = if rest.get(..3).is_some_and(|it| it.eq_ignore_ascii_case("%3f")) { 3 } else { 1 };
    let begins = scheme.eq_ignore_ascii_case("magnet:") && (mark == 3 || rest.starts_with('?'));
    begins.then(|| &rest[mark..])
}

/// An infohash as people paste it: 40 hex digits or 32 letters of base32.
pub fn parse_infohash(text: &str) -> Result<Infohash, MagnetError> {
    if let Ok(infohash) = text.parse() {
        return Ok(infohash);
    }
    let bytes = BASE32.decode(text.to_ascii_uppercase().as_bytes()).ok();
    bytes
        .and_then(|bytes| Infohash::from_slice(&bytes))
        .ok_or_else(|| MagnetError::Topic(text.chars().take(60).collect()))
}

fn decode(value: &str) -> Result<String, MagnetError> {
    let broken = || MagnetError::Percent(value.chars().take(60).collect());
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|d| d.map(char::from));
                match digits.map(|d| d.and_then(|d| d.to_digit(16))) {
                    [Some(high), Some(low)] => (high * 16 + low) as u8,
                    _ => return Err(broken()),
                }
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

fn encode(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                write!(f, "{}", char::from(byte))?;
            }
            _ => write!(f, "%{byte:02X}")?,
        }
    }
    Ok(())
}

impl Magnet {
    /// The link to an item. Its `dn` is the item's file name: clients call a torrent so until they
    /// have its header, and some for ever, and by that name it is known as an item.
    pub fn of(item: &SignedItem) -> Self {
        let name = Some(item.file_name().to_owned());
        Self { infohash: item.infohash(), name, trackers: Vec::new(), peers: Vec::new() }
    }
}

impl fmt::Display for Magnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "magnet:?xt=urn:btih:{}", self.infohash)?;
        if let Some(name) = &self.name {
            f.write_str("&dn=")?;
            encode(name, f)?;
        }
        for tracker in &self.trackers {
            f.write_str("&tr=")?;
            encode(tracker, f)?;
        }
        for peer in &self.peers {
            f.write_str("&x.pe=")?;
            encode(&peer.to_string(), f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEX: &str = "00112233445566778899aabbccddeeff00112233";

    #[test]
    fn hex_base32_and_the_rest() {
        let link = format!(
            "magnet:?xt=urn:btih:{HEX}&dn=a+b%C3%A9&tr=http%3A%2F%2Fx%2Fa&x.pe=127.0.0.1:80&ws=http://y"
        );
        let magnet: Magnet = link.parse().unwrap();
        assert_eq!(magnet.infohash.to_string(), HEX);
        assert_eq!(magnet.name.as_deref(), Some("a bé"));
        assert_eq!(magnet.trackers, ["http://x/a"]);
        assert_eq!(magnet.peers, ["127.0.0.1:80".parse().unwrap()]);
        assert!(!magnet.to_string().contains("ws="));
        let base32 = BASE32.encode(magnet.infohash.as_bytes()).to_lowercase();
        let short: Magnet = format!("MAGNET:?XT=urn:btih:{base32}").parse().unwrap();
        assert_eq!(short.infohash, magnet.infohash);
    }

    #[test]
    fn what_cannot_be_read_beside_the_topic_is_left_out() {
        for name in ["100%25%", "100% real", "caf%E9", "%zz", "a%0Ab"] {
            let link =
                format!("magnet:?dn={name}&tr={name}&xt=urn:btih:{HEX}&x.pe={name}&tr=http://x");
            let magnet: Magnet = link.parse().unwrap();
            assert_eq!(
                (magnet.infohash.to_string(), magnet.name),
                (HEX.to_owned(), None),
                "{link}"
            );
            assert!(magnet.trackers.contains(&"http://x".to_owned()) && magnet.peers.is_empty());
        }
        let twice = format!("magnet:?xt=urn:btih:{HEX}&dn=good&dn=caf%E9&tr=%E9");
        let magnet: Magnet = twice.parse().unwrap();
        assert_eq!((magnet.name.as_deref(), magnet.trackers), (Some("good"), vec![]));
    }

    #[test]
    fn links_are_taken_as_they_arrive() {
        let hash = HEX;
        for link in [
            format!("magnet:%3Fxt=urn:btih:{hash}"),
            format!("magnet:%3fxt=urn:btih:{hash}&dn=a"),
            format!("MAGNET:?dn=a&amp;xt=urn:btih:{hash}"),
            format!("magnet:?dn=a&#38;xt=urn:btih:{hash}&#x26;tr=http://x"),
            format!("magnet://?xt=urn:btih:{hash}"),
            format!("magnet:/?xt=urn:btih:{hash}"),
            format!("magnet%3A%3Fxt%3Durn%3Abtih%3A{hash}%26dn%3Da%2520b"),
            format!("magnet:%3Fxt%3Durn%3Abtih%3A{hash}"),
            format!("  <magnet:?xt=urn:btih:{hash}>\n"),
            format!("\u{feff}\"magnet:?xt=urn:btih:{hash}\""),
            format!("magnet:?xt=urn%3Abtih%3A{hash}"),
        ] {
            assert!(is_magnet(&link), "{link}");
            let magnet = link.parse::<Magnet>().unwrap_or_else(|error| panic!("{link}: {error}"));
            assert_eq!(magnet.infohash.to_string(), hash, "{link}");
        }
        let name = |link: &str| link.parse::<Magnet>().unwrap().name;
        let whole = format!("magnet%3A%3Fxt%3Durn%3Abtih%3A{hash}%26dn%3Da%2520b%2Bc");
        assert_eq!(name(&whole).as_deref(), Some("a b c"));
        for wrong in
            ["magnet", "magnet:", "magnet:%3", "magnet:xt=urn:btih:1", "magnet%3A", "%", "magnét:?"]
        {
            assert!(wrong.parse::<Magnet>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbered_keys_are_the_same_keys() {
        let link = format!(
            "magnet:?xt.1=urn:btih:{HEX}&tr.1=http://x&tr.2=http://y&x.pe.1=192.0.2.1:80&x.pe.2=[2001:db8::1]:80&tr.=http://z"
        );
        let magnet: Magnet = link.parse().unwrap();
        assert_eq!(magnet.trackers, ["http://x", "http://y"]);
        assert_eq!(magnet.peers.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |link: &str| link.parse::<Magnet>().unwrap_err().to_string();
        assert!(message("http://x").contains("magnet:?"));
        assert!(message("magnet:?dn=x").contains("names no torrent"));
        assert!(message("magnet:?xt=urn:btih:123").contains("\"123\" is not an infohash"));
        assert!(message("magnet:?xt=urn:btih:%zz").contains("percent"));
        assert!(message(&format!("magnet:?{}", "a".repeat(MAX_MAGNET))).contains("8200 bytes"));
        let two = format!("magnet:?xt=urn:btih:{HEX}&xt=urn:btih:{}", HEX.replace('3', "4"));
        assert!(message(&two).contains("two different"));
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text: String) {
            for start in ["", "magnet:", "magnet:?", "magnet%3A"] {
                let _ = format!("{start}{text}").parse::<Magnet>();
            }
        }

        #[test]
        fn written_links_read_back(bytes: [u8; 20], name in "[^\\p{C}\\p{Z}]{1,20}") {
            let infohash = Infohash::from_bytes(bytes);
            let magnet = Magnet { infohash, name: Some(name), trackers: vec![], peers: vec![] };
            prop_assert_eq!(magnet.to_string().parse::<Magnet>().unwrap(), magnet);
        }
    }
}
