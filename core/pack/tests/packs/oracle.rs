//! The dumbest writer and reader of packs: the words of docs/protocol.md one after the other, nothing shared with the
//! code, everything in memory.

use std::collections::HashMap;

use serde_bencode::value::Value;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use upseed_model::{SignedItem, item::TextMatch};

use crate::pool::Whole;

const PAGE: usize = 32_768;

/// The file of a pack and its page table.
pub fn file(items: &[Whole]) -> (Vec<u8>, Vec<u8>) {
    let mut items = items.to_vec();
    items.sort_by_key(|(item, _)| item.infohash());
    let mut file: Vec<u8> = items.iter().flat_map(|(item, _)| *item.work().as_bytes()).collect();
    while !file.len().is_multiple_of(PAGE) {
        file.push(0);
    }
    let first = file.len();
    let mut firsts: HashMap<usize, Vec<u8>> = HashMap::new();
    let mut last_was_large = false;
    for (item, text) in &items {
        let length = (item.header().len() as u16).to_be_bytes();
        let record = [&length[..], item.header(), text].concat();
        let same_page = file.len() / PAGE == (file.len() + record.len() - 1) / PAGE;
        if !same_page || last_was_large {
            while !file.len().is_multiple_of(PAGE) {
                file.push(0);
            }
        }
        last_was_large = record.len() > PAGE;
        for byte in record {
            let page = (file.len() - first) / PAGE;
            firsts.entry(page).or_insert_with(|| item.infohash().as_bytes()[..4].to_vec());
            file.push(byte);
        }
    }
    let table = (0..firsts.len()).flat_map(|page| firsts[&page].clone()).collect();
    (file, table)
}

/// The bytes of the info dictionary.
pub fn info(items: &[Whole], board: &str) -> Vec<u8> {
    let (file, table) = file(items);
    let pieces: Vec<u8> = file.chunks(PAGE).flat_map(Sha1::digest).collect();
    let string = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    let upseed = HashMap::from([
        (b"board".to_vec(), string(board.as_bytes())),
        (b"count".to_vec(), Value::Int(items.len() as i64)),
        (b"kind".to_vec(), string(b"pack")),
        (b"pages".to_vec(), string(&table)),
        (b"v".to_vec(), Value::Int(1)),
    ]);
    let mut info = HashMap::from([
        (b"length".to_vec(), Value::Int(file.len() as i64)),
        (b"piece length".to_vec(), Value::Int(PAGE as i64)),
        (b"pieces".to_vec(), string(&pieces)),
        (b"upseed".to_vec(), Value::Dict(upseed)),
    ]);
    let nameless = serde_bencode::to_bytes(&Value::Dict(info.clone())).unwrap();
    let hash = Sha256::digest([&b"upseed:1:pack\0"[..], &nameless].concat());
    let name = format!("{board}.{}.pack", data_encoding::HEXLOWER.encode(&hash[..16]));
    info.insert(b"name".to_vec(), string(name.as_bytes()));
    serde_bencode::to_bytes(&Value::Dict(info)).unwrap()
}

/// The items of a pack, if it is one: they are read as they come, and packed anew to see whether the same bytes come out.
pub fn read(given: &[u8], bytes: &[u8]) -> Option<Vec<Whole>> {
    let Ok(Value::Dict(dict)) = serde_bencode::from_bytes(given) else { return None };
    let Some(Value::Dict(upseed)) = dict.get(&b"upseed"[..]) else { return None };
    let Some(Value::Int(count)) = upseed.get(&b"count"[..]) else { return None };
    let Some(Value::Bytes(board)) = upseed.get(&b"board"[..]) else { return None };
    let board = String::from_utf8(board.clone()).ok()?;
    let count = usize::try_from(*count).ok().filter(|count| (1..=16_384).contains(count))?;
    let mut at = (count * 32).div_ceil(PAGE) * PAGE;
    let mut items: Vec<Whole> = Vec::new();
    while items.len() < count {
        let length =
            bytes.get(at..at + 2).map_or(0, |two| usize::from(two[0]) << 8 | usize::from(two[1]));
        if length == 0 || PAGE - at % PAGE < 2 {
            at = (at / PAGE + 1) * PAGE;
            if at >= bytes.len() {
                return None;
            }
            continue;
        }
        let item = SignedItem::from_bytes(bytes.get(at + 2..at + 2 + length)?).ok()?;
        let start = at + 2 + length;
        let text = bytes.get(start..start + item.length() as usize)?;
        if !matches!(item.check_text(text), TextMatch::Good(_)) || item.board().as_str() != board {
            return None;
        }
        at = start + text.len();
        items.push((item, text.to_vec()));
    }
    let works: std::collections::HashSet<_> = items.iter().map(|(item, _)| item.work()).collect();
    (works.len() == count && info(&items, &board) == given && file(&items).0 == bytes)
        .then_some(items)
}
