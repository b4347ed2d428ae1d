//! .torrent files (BEP 3). The envelope of a received one is never trusted and never passed on:
//! only its info dictionary's bytes are looked at, and ours is written anew.

use crate::{
    bencode::{Reader, put_bytes, put_field, put_int_field},
    item::SignedItem,
    limits::MAX_TORRENT,
    record::RecordError,
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

/// Writes the .torrent of an item, with an excerpt of its text for people to see in their client,
/// and the user's own trackers.
pub fn write(item: &SignedItem, excerpt: Option<&str>, trackers: &[String]) -> Vec<u8> {
    let mut out = b"d".to_vec();
    if let Some(first) = trackers.first() {
        put_field(&mut out, "announce", first.as_bytes());
        put_bytes(&mut out, b"announce-list");
        out.push(b'l');
        for tracker in trackers {
            out.push(b'l');
            put_bytes(&mut out, tracker.as_bytes());
            out.push(b'e');
        }
        out.push(b'e');
    }
    if let Some(text) = excerpt {
        put_field(&mut out, "comment", shorten(text, 200).as_bytes());
    }
    put_field(&mut out, "created by", b"Upseed");
    put_int_field(&mut out, "creation date", item.time());
    put_bytes(&mut out, b"info");
    out.extend_from_slice(item.header());
    out.push(b'e');
    out
}

/// The first `max` characters on one line.
fn shorten(text: &str, max: usize) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(max).collect()
}
