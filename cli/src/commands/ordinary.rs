//! What `upseed inspect` says of a torrent that is not Upseed's.

use data_encoding::HEXLOWER;
use serde::Serialize;
use upseed_model::{
    Infohash,
    metainfo::{Metainfo, TorrentFile, Version, is_safe},
};

use crate::print;

/// Files that a person is shown; `--json` lists all.
const SHOWN: usize = 200;

/// Shows it. That it could be read is all that is known: nothing in it is signed.
pub(super) fn say(metainfo: &Metainfo, json: bool) {
    if json {
        print::json(&Described::from(metainfo));
    } else {
        for line in lines(metainfo) {
            print::out(&line);
        }
    }
}

/// The same for scripts. An item has another `kind`.
#[derive(Serialize)]
struct Described<'a> {
    kind: &'static str,
    /// BEP 3's infohash; null of a version 2 torrent.
    id: Option<Infohash>,
    /// BEP 52's infohash; null of a version 1 torrent.
    id_v2: Option<String>,
    name: &'a str,
    size: u64,
    piece_length: u64,
    pieces: u64,
    private: bool,
    comment: Option<&'a str>,
    trackers: &'a [String],
    canonical: bool,
    files: Vec<DescribedFile<'a>>,
}

#[derive(Serialize)]
struct DescribedFile<'a> {
    /// The names of its folders, and its own.
    path: &'a [String],
    length: u64,
    /// False if it would lead out of the torrent's folder.
    safe: bool,
}

impl<'a> From<&'a Metainfo> for Described<'a> {
    fn from(metainfo: &'a Metainfo) -> Self {
        let file = |file: &'a TorrentFile| DescribedFile {
            path: &file.path,
            length: file.length,
            safe: file.is_safe(),
        };
        Self {
            kind: "torrent",
            id: metainfo.version.v1().copied(),
            id_v2: metainfo.version.v2().map(|id| HEXLOWER.encode(id)),
            name: &metainfo.name,
            size: metainfo.size,
            piece_length: metainfo.piece_length,
            pieces: metainfo.pieces,
            private: metainfo.is_private,
            comment: metainfo.comment.as_deref(),
            trackers: &metainfo.trackers,
            canonical: metainfo.is_canonical,
            files: metainfo.files.iter().map(file).collect(),
        }
    }
}

fn lines(metainfo: &Metainfo) -> Vec<String> {
    let kind = match metainfo.version {
        Version::V1 { .. } => "version 1",
        Version::V2 { .. } => "version 2",
        Version::Hybrid { .. } => "hybrid, versions 1 and 2",
    };
    let mut lines = vec![format!("torrent   ordinary, not an Upseed item ({kind})")];
    if let Some(id) = metainfo.version.v1() {
        lines.push(format!("infohash  {id}"));
    }
    if let Some(id) = metainfo.version.v2() {
        lines.push(format!("v2 hash   {}", HEXLOWER.encode(id)));
    }
    lines.push(format!("name      {}", escaped(&metainfo.name)));
    let files = match metainfo.files.len() {
        1 => "1 file".into(),
        count => format!("{count} files"),
    };
    lines.push(format!("size      {} bytes in {files}", metainfo.size));
    lines.push(format!("pieces    {} of {} bytes", metainfo.pieces, metainfo.piece_length));
    if metainfo.is_private {
        lines.push("private   peers only from its trackers".into());
    }
    lines.extend(metainfo.trackers.iter().map(|url| format!("tracker   {}", escaped(url))));
    lines.extend(metainfo.comment.iter().map(|text| format!("comment   {}", escaped(text))));
    for file in metainfo.files.iter().take(SHOWN) {
        let path: Vec<_> = file.path.iter().map(|name| escaped(name)).collect();
        lines.push(format!("file      {} ({} bytes)", path.join("/"), file.length));
    }
    if let Some(more) = metainfo.files.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("          and {more} more; --json lists all"));
    }
    let unsafe_names = metainfo.files.iter().filter(|file| !file.is_safe()).count()
        + usize::from(!is_safe(&metainfo.name));
    if unsafe_names > 0 {
        lines.push(format!("warning   {unsafe_names} name(s) lead out of the torrent's folder"));
    }
    if !metainfo.is_canonical {
        lines.push("warning   not canonical bencode; some clients refuse it".into());
    }
    lines.push("Nothing in it is signed, so nothing was verified. Upseed does not host it.".into());
    lines
}

/// On one line, with whatever a terminal could obey written out as `\u{...}`.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\\' || print::is_hostile(c) || matches!(c, '\n' | '\t') {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(keys: &str) -> Metainfo {
        let torrent = format!("d8:announce10:http://t/\n4:infod{keys}ee");
        upseed_model::metainfo::read(torrent.as_bytes()).unwrap()
    }

    const REST: &str = "12:piece lengthi16384e6:pieces20:01234567890123456789";

    #[test]
    fn a_hostile_one_commands_no_terminal_and_is_warned_of() {
        let name = "..\u{202e}\x1b[2J";
        let path = "d6:lengthi5e4:pathl2:..6:passwdee";
        let hostile = read(&format!("5:filesl{path}e4:name{}:{name}{REST}", name.len()));
        let lines = lines(&hostile);
        assert!(lines.contains(&r"name      ..\u{202e}\u{1b}[2J".into()), "{lines:?}");
        assert!(lines.contains(&"file      ../passwd (5 bytes)".into()), "{lines:?}");
        assert!(lines.contains(&r"tracker   http://t/\n".into()), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("warning   1 name(s) lead")), "{lines:?}");
        assert!(!lines.concat().contains(print::is_hostile));
        let json = serde_json::to_value(Described::from(&hostile)).unwrap();
        assert_eq!(
            json["files"][0],
            serde_json::json!({ "path": ["..", "passwd"], "length": 5, "safe": false })
        );
    }

    #[test]
    fn a_long_list_is_cut_for_people_alone() {
        let files = "d6:lengthi0e4:pathl1:aee".repeat(300) + "d6:lengthi5e4:pathl1:bee";
        let long = read(&format!("5:filesl{files}e4:name1:x{REST}"));
        let lines = lines(&long);
        assert_eq!(lines.iter().filter(|line| line.starts_with("file ")).count(), SHOWN);
        assert!(lines.contains(&"          and 101 more; --json lists all".into()));
        assert_eq!(Described::from(&long).files.len(), 301);
    }
}
