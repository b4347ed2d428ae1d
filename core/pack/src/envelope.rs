//! The .torrent of a pack.

use serde::Serialize;
use upseed_model::bencode::put_bytes;

use crate::info::PackInfo;

/// What stands before the info dictionary. Each key sorts before "info".
#[derive(Serialize)]
struct Envelope<'a> {
    announce: Option<&'a str>,
    /// One tier for each tracker (BEP 12).
    #[serde(rename = "announce-list")]
    announce_list: Option<Vec<[&'a str; 1]>>,
    #[serde(rename = "created by")]
    created_by: &'static str,
}

/// Writes the .torrent of a pack, with the user's own trackers. One is read as
/// [`upseed_model::torrent::info_bytes`] does: nothing but its info dictionary is looked at.
pub fn torrent(info: &PackInfo, trackers: &[String]) -> Vec<u8> {
    let tiers = || trackers.iter().map(|tracker| [tracker.as_str()]).collect();
    let envelope = Envelope {
        announce: trackers.first().map(String::as_str),
        announce_list: (!trackers.is_empty()).then(tiers),
        created_by: "Upseed",
    };
    let mut out = match serde_bencode::to_bytes(&envelope) {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("strings are bencode: {error}"),
    };
    out.truncate(out.len() - 1);
    put_bytes(&mut out, b"info");
    out.extend_from_slice(info.bytes());
    out.push(b'e');
    out
}
