//! What the benches of this crate share: items of the usual size, stock clients, and how a figure is told.
#![allow(dead_code, clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod figures;
#[path = "../../tests/support/here.rs"]
mod here;
#[path = "../../tests/support/stock.rs"]
mod stock;

use sha1::{Digest, Sha1};
use upseed_swarm::Infohash;

pub use self::{figures::*, here::*, stock::*};

#[derive(Clone)]
pub struct Item {
    pub name: String,
    pub infohash: Infohash,
    pub info: Vec<u8>,
    pub text: Vec<u8>,
}

/// A text with a dictionary as long as an item's, about 500 bytes.
pub fn item(number: usize, length: usize) -> Item {
    let text: Vec<u8> =
        (0..length).map(|i| b'a' + ((i * 7 + i / 26 + number) % 26) as u8).collect();
    let name = format!("post.{number:032x}.md");
    let mut info =
        format!("d6:lengthi{length}e4:name{}:{name}12:piece lengthi65536e6:pieces20:", name.len())
            .into_bytes();
    info.extend(Sha1::digest(&text));
    info.extend(
        format!("6:upseedd3:key32:{number:032x}3:sig64:{number:064x}4:text32:{number:032x}5:title120:{number:0120}ee")
            .into_bytes(),
    );
    let infohash = Sha1::digest(&info).into();
    Item { name, infohash, info, text }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
