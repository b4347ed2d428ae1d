//! A pack of as many texts as wanted, of which few are real: proofs of work for 10,000 would take ten minutes. Who reads one text
//! sees no difference.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use upseed_model::{
    Infohash, ItemDraft, Kind, Link, SecretKey, SignedItem, WorkId,
    bencode::{put_bytes, put_field, put_int_field},
};
use upseed_pack::{PackInfo, layout::PAGE};

/// An item and its text.
pub type Whole = (SignedItem, Vec<u8>);

/// A pack's metadata and its file.
#[derive(Clone)]
pub struct Forged {
    pub info: PackInfo,
    pub file: Vec<u8>,
}

impl Forged {
    /// What clients take.
    pub fn torrent(&self) -> Vec<u8> {
        upseed_pack::torrent(&self.info, &[])
    }
}

/// An item with its proof of work, and a text of so many bytes.
pub fn item(number: u64, length: usize) -> Whole {
    let key = SecretKey::from_seed(&[7; 32]);
    let link = Link { infohash: Infohash::from_bytes([1; 20]), work: WorkId::from_bytes([2; 32]) };
    let text: Vec<u8> = format!("{number} sow peas. ").bytes().cycle().take(length).collect();
    let draft = ItemDraft {
        author: key.public(),
        board: "films".parse().unwrap(),
        kind: Kind::Comment { parent: link, root: link },
        time: 1_790_000_000 + number,
        text: &text,
    };
    let header = draft.puzzle(0).unwrap().solve(&key);
    (SignedItem::from_bytes(&header).unwrap(), text)
}

/// These items among so many others, of 600 bytes in the median.
pub fn pack(items: &[Whole], count: usize) -> Forged {
    let mut records: Vec<(Infohash, [u8; 32], Vec<u8>)> = items
        .iter()
        .map(|(item, text)| (item.infohash(), *item.work().as_bytes(), record(item.header(), text)))
        .collect();
    for number in records.len()..count {
        let length = 200 + number * 7919 % 800;
        let head = format!("d6:lengthi{length}e4:name{number:0450}e");
        let infohash = Infohash::from_bytes(Sha1::digest(&head).into());
        let text: Vec<u8> = Sha256::digest(&head).into_iter().cycle().take(length).collect();
        records.push((infohash, Sha256::digest(&text).into(), record(head.as_bytes(), &text)));
    }
    records.sort();
    let mut file: Vec<u8> = records.iter().flat_map(|record| record.1).collect();
    file.resize(file.len().next_multiple_of(PAGE), 0);
    let ids = file.len() / PAGE;
    let mut table: Vec<[u8; 4]> = Vec::new();
    let mut is_page_over = true;
    for (infohash, _, record) in &records {
        let left = file.len().next_multiple_of(PAGE) - file.len();
        if is_page_over || record.len() > left {
            file.resize(file.len() + left, 0);
        }
        file.extend_from_slice(record);
        is_page_over = record.len() > PAGE;
        let prefix = infohash.as_bytes()[..4].try_into().unwrap();
        table.resize((file.len().div_ceil(PAGE) - ids).max(table.len()), prefix);
    }
    Forged { info: info(&file, count, &table), file }
}

fn record(header: &[u8], text: &[u8]) -> Vec<u8> {
    [&(header.len() as u16).to_be_bytes()[..], header, text].concat()
}

/// What follows from the file, however wrong that is.
pub fn info(file: &[u8], count: usize, table: &[[u8; 4]]) -> PackInfo {
    let pieces: Vec<u8> = file.chunks(PAGE).flat_map(Sha1::digest).collect();
    let mut before = b"d".to_vec();
    put_int_field(&mut before, "length", file.len() as u64);
    let mut after = Vec::new();
    put_int_field(&mut after, "piece length", PAGE as u64);
    put_field(&mut after, "pieces", &pieces);
    put_bytes(&mut after, b"upseed");
    after.push(b'd');
    put_field(&mut after, "board", b"films");
    put_int_field(&mut after, "count", count as u64);
    put_field(&mut after, "kind", b"pack");
    put_field(&mut after, "pages", table.as_flattened());
    put_int_field(&mut after, "v", 1);
    after.extend_from_slice(b"ee");
    let hash = Sha256::digest([&b"upseed:1:pack\0"[..], &before, &after].concat());
    let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    put_field(&mut before, "name", format!("films.{digits}.pack").as_bytes());
    PackInfo::from_bytes(&[before, after].concat()).unwrap()
}
