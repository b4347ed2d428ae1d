//! Every bad input to every command: a message that names what is wrong, an exit code, in little
//! time and memory, and nothing half-done afterwards.
#![allow(clippy::unwrap_used)]

mod disk;
mod files;
mod links;
mod records;
mod starting;
mod texts;
mod words;

/// Makers of wrong records.
#[path = "../../../core/model/tests/support/mod.rs"]
mod support;

use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, torrent};
use upseed_tests::Person;

/// An infohash that nothing has.
const UNKNOWN: &str = "0123456789012345678901234567890123456789";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// An item by somebody else, right in itself.
fn forged(board: &str, kind: Kind, time: u64, text: &str) -> SignedItem {
    let key = SecretKey::from_seed(&[77; 32]);
    let board: BoardName = board.parse().unwrap();
    let draft = ItemDraft { author: key.public(), board, kind, time, text: text.as_bytes() };
    SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap()
}

fn post_kind(title: &str) -> Kind {
    Kind::Post { title: title.parse().unwrap() }
}

/// Puts a file into the person's scratch folder.
fn file(person: &Person, name: &str, bytes: &[u8]) -> PathBuf {
    let path = person.scratch().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn torrent_file(person: &Person, name: &str, item: &SignedItem) -> PathBuf {
    file(person, name, &torrent::write(item, None, &[]))
}

/// The header of a known item.
fn exported(person: &Person, id: &str) -> SignedItem {
    torrent::read(&person.run(&["export", id, "-o", "-"]).ok().stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
