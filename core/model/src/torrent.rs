//! .torrent files (BEP 3). The envelope of a received one is never trusted and never passed on:
//! only its info dictionary's bytes are looked at, and ours is written anew.

use serde::Serialize;

use crate::{
    bencode::{self, Reader, put_bytes},
    item::SignedItem,
    limits::MAX_TORRENT,
    metainfo::{self, Metainfo, MetainfoError},
    signed::RecordError,
    text::is_acting,
};

/// Why bytes are not a .torrent of an item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TorrentError {
    /// More than any item's .torrent has.
    #[error("not an Upseed .torrent: it has {0} bytes, an item's .torrent at most {MAX_TORRENT}")]
    TooLarge(u64),
    /// Not bencode, or not canonical.
    #[error("not a torrent file: {0}")]
    Bencode(#[from] crate::bencode::Error),
    /// The info dictionary is not an item's.
    #[error("{0}")]
    Record(#[from] RecordError),
}

/// The bytes of the info dictionary in a .torrent; of an ordinary torrent too.
pub fn info_bytes(torrent: &[u8]) -> Result<&[u8], TorrentError> {
    if torrent.len() > MAX_TORRENT {
        return Err(TorrentError::TooLarge(torrent.len() as u64));
    }
    let mut reader = Reader::new(torrent);
    let mut keys = reader.dict()?;
    bencode::scan(torrent)?;
    let mut info = None;
    while let Some(key) = keys.next(&mut reader)? {
        let value = reader.skip()?;
        if key == b"info" {
            info = Some(value);
        }
    }
    reader.finish()?;
    Ok(info.ok_or(crate::bencode::Error::Missing { key: "info" })?)
}

/// Checks the item in a .torrent.
pub fn read(torrent: &[u8]) -> Result<SignedItem, TorrentError> {
    Ok(SignedItem::from_bytes(info_bytes(torrent)?)?)
}

/// What a .torrent turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inspected {
    /// An item, verified.
    Item(Box<SignedItem>),
    /// A torrent that is not Upseed's. Nothing in it is signed, so nothing is verified.
    Ordinary(Box<Metainfo>),
}

/// Why bytes are no .torrent of any kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// It is an item's, and not a valid one; or no torrent at all.
    #[error("{0}")]
    Item(#[from] TorrentError),
    /// It is an ordinary one, and not a usable one.
    #[error("{0}")]
    Ordinary(#[from] MetainfoError),
}

/// Looks into any .torrent: strictly for an item, and leniently for an ordinary torrent.
///
/// # Errors
/// What keeps it from being either: of the two, the one that it comes nearer to.
pub fn inspect(torrent: &[u8]) -> Result<Inspected, InspectError> {
    let strict = match read(torrent) {
        Ok(item) => return Ok(Inspected::Item(Box::new(item))),
        // Only an ordinary torrent is large, or by a program that does not sort its keys.
        Err(
            error @ (TorrentError::TooLarge(_)
            | TorrentError::Bencode(_)
            | TorrentError::Record(RecordError::Ordinary)),
        ) => error,
        Err(error) => return Err(error.into()),
    };
    Err(match (metainfo::read(torrent), strict) {
        (Ok(metainfo), _) => return Ok(Inspected::Ordinary(Box::new(metainfo))),
        (Err(MetainfoError::Upseed), strict) => strict.into(),
        // Read strictly, it is said where it goes wrong first.
        (
            Err(MetainfoError::Bencode(_) | MetainfoError::TooDeep { .. }),
            strict @ TorrentError::Bencode(_),
        ) => strict.into(),
        (Err(error), _) => error.into(),
    })
}

/// What stands before the info dictionary in a .torrent of ours. Each key sorts before "info".
#[derive(Serialize)]
struct Envelope<'a> {
    announce: Option<&'a str>,
    /// One tier for each tracker (BEP 12).
    #[serde(rename = "announce-list")]
    announce_list: Option<Vec<[&'a str; 1]>>,
    comment: Option<String>,
    #[serde(rename = "created by")]
    created_by: &'static str,
    #[serde(rename = "creation date")]
    creation_date: u64,
}

/// Writes the .torrent of an item, with an excerpt of its text for people to see in their client,
/// and the user's own trackers.
pub fn write(item: &SignedItem, excerpt: Option<&str>, trackers: &[String]) -> Vec<u8> {
    let tiers = || trackers.iter().map(|tracker| [tracker.as_str()]).collect();
    let envelope = Envelope {
        announce: trackers.first().map(String::as_str),
        announce_list: (!trackers.is_empty()).then(tiers),
        comment: excerpt.map(|text| shorten(text, 200)).filter(|comment| !comment.is_empty()),
        created_by: "Upseed",
        creation_date: item.time(),
    };
    let mut out = match serde_bencode::to_bytes(&envelope) {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("strings and an integer are bencode: {error}"),
    };
    // The header goes in as it was signed: it is never encoded anew.
    out.truncate(out.len() - 1);
    put_bytes(&mut out, b"info");
    out.extend_from_slice(item.header());
    out.push(b'e');
    out
}

/// The first `max` characters on one line, without a space at either end, none of which does anything to a terminal or a
/// client's window.
fn shorten(text: &str, max: usize) -> String {
    let plain: String = text.chars().map(|c| if is_acting(c) { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.char_indices().nth(max).map_or(line.len(), |(at, _)| at);
    line[..end].trim_end().into()
}
