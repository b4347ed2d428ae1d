//! A pack of the items in docs/vectors/items.json, and a set of their ids.

use std::{fs, path::Path};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use upseed_model::{BoardName, Infohash, SignedItem, WorkId};
use upseed_pack::{IdSet, PackInfo, PackWriter, Plan, Planned, layout::PAGE};

/// Each file below the project's folder.
pub fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let (info, file, items) = pack(root);
    let texts = items.iter().map(|(item, text)| {
        json!({
            "infohash": item.infohash(), "work": item.work(),
            "page": info.pages_of(&item.infohash()).next(), "text": text,
        })
    });
    let ids: Vec<WorkId> = items.iter().map(|(item, _)| item.work()).collect();
    let many: Vec<WorkId> =
        (0..20_u8).map(|n| WorkId::from_bytes(Sha256::digest([n]).into())).collect();
    let set = |key: Infohash, ids: &[WorkId]| {
        let set = IdSet::new(key, ids).unwrap();
        json!({ "infohash": key, "ids": ids, "set": HEXLOWER.encode(set.bytes()) })
    };
    let all = json!({
        "about": "A pack of the items in items.json, in the order in which they stand in it, and sets of work ids. `records` is the file from byte 32,768 on; before are the ids and zeros.",
        "pack": {
            "info": HEXLOWER.encode(info.bytes()), "infohash": info.infohash(), "name": info.file_name(),
            "length": info.length(), "sha256": HEXLOWER.encode(&Sha256::digest(&file)),
            "records": HEXLOWER.encode(&file[PAGE..]), "items": texts.collect::<Vec<Value>>(),
        },
        "sets": [set(info.infohash(), &ids), set(Infohash::from_bytes([7; 20]), &many)],
    });
    let seed = [&(info.bytes().len() as u16).to_be_bytes()[..], info.bytes(), &file].concat();
    let one = IdSet::new(Infohash::from_bytes([0; 20]), &many).unwrap();
    vec![
        ("docs/vectors/packs.json".into(), serde_json::to_vec_pretty(&all).unwrap()),
        ("fuzz/seeds/pack/three".into(), seed),
        ("fuzz/seeds/id-set/twenty".into(), [&[0, 20], one.bytes()].concat()),
    ]
}

/// The pack, its file, and its items in their order.
fn pack(root: &Path) -> (PackInfo, Vec<u8>, Vec<(SignedItem, String)>) {
    let items = fs::read(root.join("docs/vectors/items.json")).unwrap();
    let items: Value = serde_json::from_slice(&items).unwrap();
    let mut items: Vec<(SignedItem, String)> = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let header = HEXLOWER.decode(item["header"].as_str().unwrap().as_bytes()).unwrap();
            (SignedItem::from_bytes(&header).unwrap(), item["text"].as_str().unwrap().to_owned())
        })
        .collect();
    items.sort_by_key(|(item, _)| item.infohash());
    let planned = items.iter().map(|(item, _)| Planned::of(item)).collect();
    let plan = Plan::new(BoardName::upseed(), planned).unwrap();
    let mut file = Vec::new();
    let mut writer = PackWriter::new(&plan, &mut file);
    for (item, text) in &items {
        writer.put(item, text.as_bytes(), &mut file).unwrap();
    }
    (writer.finish().unwrap(), file, items)
}
