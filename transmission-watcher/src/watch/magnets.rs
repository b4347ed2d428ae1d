//! A .magnet file: links, a line each, as people and programs write them.

use upseed_model::{limits::MAX_MAGNET, magnet::Magnet};

/// Bytes of the largest file that is read, and links in it.
pub(super) const MAX_FILE: usize = 65_536;
const MAX_LINKS: usize = 64;

const MARK: &[u8] = b"\xef\xbb\xbf";
const BEGINNING: &str = "magnet:?xt=urn:btih:";

/// What such a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// Links, at least one.
    All(Vec<Magnet>),
    /// The beginning of a link, perhaps.
    Begun,
    /// Nothing that could be used, and why.
    Bad(String),
}

/// Reads the links; editors put a mark before them and carriage returns after them.
pub(super) fn read(bytes: &[u8]) -> Links {
    if bytes.len() > MAX_FILE {
        return Links::Bad(format!(
            "{} bytes are too many for a file of magnet links",
            bytes.len()
        ));
    }
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Links::Bad("not a magnet link: the file is not text".into());
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let Some(last) = lines.last() else { return Links::Begun };
    if lines.len() > MAX_LINKS {
        return Links::Bad(format!("{} links are too many; at most {MAX_LINKS}", lines.len()));
    }
    let mut links = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        match line.parse::<Magnet>() {
            Ok(link) => links.push(link),
            Err(_) if number + 1 == lines.len() && !text.ends_with('\n') && is_begun(last) => {
                return Links::Begun;
            }
            Err(error) if lines.len() == 1 => return Links::Bad(error.to_string()),
            Err(error) => return Links::Bad(format!("line {}: {error}", number + 1)),
        }
    }
    Links::All(links)
}

/// Whether a link ends within its infohash or before it.
fn is_begun(link: &str) -> bool {
    let link = link.to_ascii_lowercase();
    link.len() <= MAX_MAGNET
        && (BEGINNING.starts_with(&link)
            || link.rsplit_once("xt=urn:btih:").is_some_and(|(_, hash)| {
                hash.len() < 40 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "magnet:?xt=urn:btih:00112233445566778899aabbccddeeff00112233";

    fn count(text: &str) -> usize {
        match read(text.as_bytes()) {
            Links::All(links) => links.len(),
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn links_as_they_are_written() {
        for text in [LINK.into(), format!("{LINK}\n"), format!("\u{feff}{LINK}\r\n\r\n")] {
            assert_eq!(count(&text), 1);
        }
        let other = LINK.replace("0011", "2200");
        assert_eq!(count(&format!("{LINK}\r\n{other}&dn=x\r\n")), 2);
    }

    #[test]
    fn one_that_is_cut_off_may_grow_and_others_do_not() {
        for end in 0..LINK.len() {
            let is_base32 = end == "magnet:?xt=urn:btih:".len() + 32;
            assert!(is_base32 || read(&LINK.as_bytes()[..end]) == Links::Begun, "{end}");
        }
        for bad in [
            &b"magnet:?dn=x"[..],
            &[0xff; 9],
            &[b'a'; 9_000],
            b"magnet:?xt=urn:btih:0011\n",
            b"hello",
            &[b'\n'; MAX_FILE + 1],
        ] {
            assert!(matches!(read(bad), Links::Bad(_)), "{bad:?}");
        }
        let two = format!("{LINK}\nhello\n");
        assert!(matches!(read(two.as_bytes()), Links::Bad(why) if why.starts_with("line 2")));
    }
}
