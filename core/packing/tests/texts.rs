//! Texts out of packs that our own engine seeds; `tests/tests/packs.rs` has the clients.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/engine.rs"]
mod engine;
#[path = "support/forge.rs"]
mod forge;

use std::time::Duration;

use engine::{Seed, engine};
use forge::{Forged, Whole, item, pack};
use upseed_model::Infohash;
use upseed_pack::RecordFault;
use upseed_packing::{MAX_TEXTS, PackFailure, PackFetch, ProofFailure, TextFailure, gives_page};

/// Nothing is measured by it: a failing test does not hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// For what nobody will give.
const SHORT: Duration = Duration::from_secs(2);

fn ids(items: &[Whole]) -> Vec<Infohash> {
    items.iter().map(|(item, _)| item.infohash()).collect()
}

#[test]
fn texts_of_any_length_are_read_out_of_a_pack_with_its_metadata_known_or_not() {
    let items: Vec<Whole> = [601, 65_536, 33_000, 1, 32_000, 40_000]
        .into_iter()
        .enumerate()
        .map(|(number, length)| item(number as u64, length))
        .collect();
    let forged = pack(&items, 3_000);
    let seed = Seed::of(&forged);
    let swarm = engine();
    let mut info = None;
    for (wanted, whole) in ids(&items).into_iter().zip(&items) {
        let mut fetch =
            PackFetch::new(forged.info.infohash(), vec![wanted]).peers(vec![seed.addr()]);
        if let Some(info) = info.take() {
            fetch = fetch.info(info);
        }
        let fetched = fetch.run(&swarm, PATIENCE).unwrap();
        assert_eq!(fetched.info, forged.info);
        let [(infohash, Ok(found))] = &fetched.texts[..] else { panic!("{:?}", fetched.texts) };
        assert_eq!((infohash, &found.item), (&wanted, &whole.0));
        assert!(found.text.as_bytes() == whole.1);
        info = Some(fetched.info);
    }
    // All at once, and one that is not there.
    let missing = Infohash::from_bytes([0xab; 20]);
    let wanted: Vec<Infohash> = ids(&items).into_iter().chain([missing]).collect();
    let fetch = PackFetch::new(forged.info.infohash(), wanted).peers(vec![seed.addr()]);
    let fetched = fetch.run(&swarm, PATIENCE).unwrap();
    let mut texts = fetched.texts.into_iter();
    for (whole, (infohash, found)) in items.iter().zip(texts.by_ref()) {
        assert_eq!(infohash, whole.0.infohash());
        assert!(found.unwrap().text.as_bytes() == whole.1);
    }
    assert_eq!(texts.collect::<Vec<_>>(), [(missing, Err(TextFailure::Absent))]);
}

#[test]
fn a_pack_that_nobody_gives_is_told_from_one_that_is_none() {
    let forged = pack(&[item(1, 600)], 10);
    let swarm = engine();
    let wanted = vec![Infohash::from_bytes([0xff; 20])];
    let fetch = |info: &upseed_pack::PackInfo| PackFetch::new(info.infohash(), wanted.clone());
    let nobody = fetch(&forged.info).peers(vec![([127, 0, 0, 1], 1).into()]);
    assert!(matches!(nobody.clone().run(&swarm, SHORT), Err(PackFailure::NotFound)));
    let known = nobody.info(forged.info.clone()).run(&swarm, SHORT).unwrap();
    assert_eq!(known.texts, [(wanted[0], Err(TextFailure::NotGiven))]);
    let many = PackFetch::new(forged.info.infohash(), vec![wanted[0]; MAX_TEXTS + 1]);
    assert!(matches!(many.run(&swarm, SHORT), Err(PackFailure::TooMany(65))));

    // An item is a torrent of one file, too.
    let (item, text) = item(2, 600);
    let seed = Seed::of_item(&item, &text);
    let fetch = PackFetch::new(item.infohash(), wanted.clone()).peers(vec![seed.addr()]);
    assert!(matches!(fetch.run(&swarm, PATIENCE), Err(PackFailure::Info(_))));

    let seed = Seed::of(&forged);
    let fetch = PackFetch::new(forged.info.infohash(), wanted).peers(vec![seed.addr()]);
    assert!(matches!(fetch.run(&seed.swarm, PATIENCE), Err(PackFailure::Busy)));
}

#[test]
fn a_lie_in_a_pack_is_told_as_its_makers() {
    let (real, text) = item(1, 600);
    let forged = pack(&[(real.clone(), text)], 400);
    let at = forged.file.windows(20).position(|window| window == &real.header()[40..60]).unwrap();
    let swarm = engine();
    let read = |file: Vec<u8>, wanted: Infohash| {
        let table: Vec<[u8; 4]> = table(&forged);
        let info = forge::info(&file, 400, &table);
        let seed = Seed::of(&Forged { info: info.clone(), file });
        let fetch = PackFetch::new(info.infohash(), vec![wanted]).peers(vec![seed.addr()]);
        fetch.run(&swarm, PATIENCE).unwrap().texts.remove(0).1
    };
    // Another text under its header.
    let mut file = forged.file.clone();
    file[at - 40 + real.header().len()] ^= 1;
    assert_eq!(read(file, real.infohash()), Err(TextFailure::Wrong(RecordFault::Text)));
    // Another header: the item is not there.
    let mut file = forged.file.clone();
    file[at] ^= 1;
    assert_eq!(read(file, real.infohash()), Err(TextFailure::Absent));
    // A record that says it is longer than the file.
    let mut file = forged.file.clone();
    file.truncate(at - 40 + real.header().len() + 10);
    let pages = file.len().div_ceil(32_768) - 1;
    let info = forge::info(&file, 400, &table(&forged)[..pages]);
    let seed = Seed::of(&Forged { info: info.clone(), file });
    let fetch = PackFetch::new(info.infohash(), vec![real.infohash()]).peers(vec![seed.addr()]);
    let fetched = fetch.run(&swarm, PATIENCE).unwrap();
    assert_eq!(fetched.texts[0].1, Err(TextFailure::Absent));
}

fn table(forged: &Forged) -> Vec<[u8; 4]> {
    let info = forged.info.bytes();
    let at = info.windows(7).position(|window| window == b"5:pages").unwrap() + 7;
    let colon = at + info[at..].iter().position(|byte| *byte == b':').unwrap();
    let length: usize = std::str::from_utf8(&info[at..colon]).unwrap().parse().unwrap();
    info[colon + 1..colon + 1 + length].as_chunks::<4>().0.to_vec()
}

#[test]
fn a_client_is_believed_for_a_page_that_it_gives() {
    let forged = pack(&[item(1, 600)], 400);
    let seed = Seed::of(&forged);
    let (swarm, info) = (engine(), &forged.info);
    // Any number is a page: they are asked for in turn.
    for page in [0, 1, info.pages() - 1, info.pages() * 7 + 2] {
        let given = gives_page(&swarm, info, page, vec![seed.addr()], PATIENCE);
        assert_eq!(given, Ok(()), "page {page}");
    }
    let own = gives_page(&seed.swarm, info, 0, vec![seed.addr()], PATIENCE);
    assert_eq!(own, Err(ProofFailure::Own));
    seed.swarm.unhost(*info.infohash().as_bytes());
    let not_given = gives_page(&swarm, info, 0, vec![seed.addr()], SHORT);
    assert_eq!(not_given, Err(ProofFailure::NotGiven));
}
