//! Good packs: the same as the oracle's, read whole, by the page, and in a .torrent.

use proptest::{prelude::*, sample::subsequence};
use upseed_model::torrent::info_bytes;
use upseed_pack::{
    IdSet, PackInfo, PackWriter, Plan, PlanError, Planned,
    layout::PAGE,
    page::{self, Search},
    torrent,
};

use crate::{
    forge::{Forge, read},
    oracle,
    pool::{Whole, board, items, make},
};

/// Packs items; gives what was written.
fn pack(items: &[Whole]) -> (PackInfo, Vec<u8>) {
    let plan =
        Plan::new(board(), items.iter().map(|(item, _)| Planned::of(item)).collect()).unwrap();
    let mut file = Vec::new();
    let mut writer = PackWriter::new(&plan, &mut file);
    for next in plan.items() {
        let (item, text) = items.iter().find(|(item, _)| item.work() == next.work).unwrap();
        writer.put(item, text, &mut file).unwrap();
    }
    assert_eq!(plan.length(), file.len());
    (writer.finish().unwrap(), file)
}

/// Finds an item as a reader does who has the metadata; gives how many bytes that took.
fn fetch(info: &PackInfo, file: &[u8], wanted: &Whole) -> Option<usize> {
    let (mut asked, infohash) = (0, wanted.0.infohash());
    for first in info.pages_of(&infohash) {
        let mut end = first;
        let mut bytes = Vec::new();
        loop {
            let page = &file[info.page_range(end)];
            assert!(info.is_page(end, page));
            bytes.extend_from_slice(page);
            asked += page.len();
            end += 1;
            match page::find(&bytes, &infohash).unwrap() {
                Search::Found(found) => {
                    assert_eq!((&found.item, found.text.as_bytes()), (&wanted.0, &wanted.1[..]));
                    return Some(asked);
                }
                Search::Longer(all) => assert!(all > bytes.len() && all <= 3 * PAGE),
                Search::Absent => break,
            }
        }
    }
    None
}

#[test]
fn a_pack_is_what_the_oracle_writes_and_each_text_is_found_in_it() {
    let items = items(140);
    let (info, file) = pack(&items);
    assert_eq!(info.bytes(), oracle::info(&items, "films"));
    assert_eq!(file, oracle::file(&items).0);
    assert_eq!(info.bytes(), Forge::of(&items).info(), "the forge forges nothing by itself");
    let read = read(&info, &file).unwrap();
    assert_eq!(read.len(), 140);
    assert!(read.iter().map(|packed| packed.item.infohash()).is_sorted());
    let mut pages = 0;
    for item in &items {
        let asked = fetch(&info, &file, item).unwrap();
        let record = 2 + item.0.header().len() + item.1.len();
        pages += asked.div_ceil(PAGE) - record.div_ceil(PAGE);
    }
    // What is beyond the pages that a text stands on: of those texts alone that do not begin their page.
    assert_eq!(pages, 0, "a text took more pages than it stands on");
    assert_eq!(fetch(&info, &file, &make(9_999, "films", 10)), None);
}

#[test]
fn the_same_items_have_the_same_infohash_in_any_order() {
    let mut items = items(30);
    let (first, _) = pack(&items);
    items.reverse();
    assert_eq!(pack(&items).0.infohash(), first.infohash());
    items.pop();
    assert_ne!(pack(&items).0.infohash(), first.infohash());
}

#[test]
fn a_torrent_has_the_info_dictionary_and_the_users_trackers() {
    let (info, _) = pack(&items(3));
    for trackers in [vec![], vec!["http://tracker.example/announce".to_owned()]] {
        let torrent = torrent(&info, &trackers);
        assert_eq!(info_bytes(&torrent).unwrap(), info.bytes());
        let text = String::from_utf8_lossy(&torrent);
        assert_eq!(text.contains("tracker.example"), !trackers.is_empty());
    }
    assert!(info.file_name().starts_with("films.") && info.file_name().ends_with(".pack"));
}

#[test]
fn what_cannot_be_one_pack_is_not_planned() {
    let planned = |n: u16, text| Planned {
        infohash: upseed_model::Infohash::from_bytes(
            [(n % 256) as u8; 20].map(|b| b ^ (n / 256) as u8),
        ),
        work: {
            let mut id = [0; 32];
            id[..2].copy_from_slice(&n.to_be_bytes());
            upseed_model::WorkId::from_bytes(id)
        },
        header: 500,
        text,
    };
    assert_eq!(Plan::new(board(), vec![]), Err(PlanError::Count(0)));
    let many = (0..16_385).map(|n| planned(n, 1)).collect();
    assert_eq!(Plan::new(board(), many), Err(PlanError::Count(16_385)));
    let twice = vec![planned(1, 1), planned(1, 1)];
    assert!(matches!(Plan::new(board(), twice), Err(PlanError::Double(_))));
    let large = (0..255).map(|n| planned(n, 65_536)).collect();
    assert!(matches!(Plan::new(board(), large), Err(PlanError::TooLarge(_))));
    let fits: Vec<_> = (0..170).map(|n| planned(n, 65_536)).collect();
    assert_eq!(Plan::new(board(), fits).unwrap().length(), PAGE * 508 + 2 + 500 + 65_536);
}

#[test]
fn a_set_holds_what_was_put_in_and_little_else() {
    let key = upseed_model::Infohash::from_bytes([9; 20]);
    let id = |n: u64| {
        upseed_model::WorkId::from_bytes(<[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(
            n.to_be_bytes(),
        )))
    };
    let ids: Vec<_> = (0..10_000).map(id).collect();
    let set = IdSet::new(key, &ids).unwrap();
    assert!(set.bytes().len() < 14_700, "{} bytes", set.bytes().len());
    assert!(set.may_hold_of(&ids).into_iter().all(|held| held));
    assert!(ids[..50].iter().all(|id| set.may_hold(id)));
    let foreign: Vec<_> = (10_000..110_000).map(id).collect();
    let false_hits = set.may_hold_of(&foreign).into_iter().filter(|held| *held).count();
    // 97.6 are to be expected.
    assert!((60..150).contains(&false_hits), "{false_hits}");
    assert!(
        foreign[..300]
            .iter()
            .zip(set.may_hold_of(&foreign[..300]))
            .all(|(id, held)| set.may_hold(id) == held)
    );
    // What seems to be in one pack does not seem to be in another.
    let other = IdSet::new(upseed_model::Infohash::from_bytes([8; 20]), &ids).unwrap();
    let both = foreign.iter().zip(set.may_hold_of(&foreign)).zip(other.may_hold_of(&foreign));
    assert!(both.filter(|((_, one), two)| *one && *two).count() < 5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_set_of_items_is_packed_as_the_oracle_does(items in subsequence(items(140), 1..60)) {
        let (info, file) = pack(&items);
        prop_assert_eq!(info.bytes(), oracle::info(&items, "films"));
        let back = read(&info, &file).unwrap();
        let oracles = oracle::read(info.bytes(), &file).unwrap();
        prop_assert_eq!(back.len(), oracles.len());
        for (packed, (item, text)) in back.iter().zip(&oracles) {
            prop_assert_eq!((&packed.item, packed.text.as_bytes()), (item, &text[..]));
        }
        for item in items.iter().take(5) {
            prop_assert!(fetch(&info, &file, item).is_some());
        }
    }

    /// A byte changed and every hash made to fit again: what one of both takes, the other takes, too.
    #[test]
    fn a_changed_pack_is_refused_by_both(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), in_file in any::<bool>(),
    ) {
        let mut forge = Forge::of(&items(24)[9..]);
        let part = if in_file { &mut forge.file } else { &mut forge.table };
        let at = at.index(part.len());
        part[at] = byte;
        let bytes = forge.info();
        let ours = PackInfo::from_bytes(&bytes).ok().and_then(|info| read(&info, &forge.file).ok());
        prop_assert_eq!(ours.is_some(), oracle::read(&bytes, &forge.file).is_some());
    }

    #[test]
    fn a_set_has_one_encoding(numbers in prop::collection::vec(any::<[u8; 32]>(), 1..200), flip in any::<prop::sample::Index>()) {
        let key = upseed_model::Infohash::from_bytes([3; 20]);
        let ids: Vec<_> = numbers.into_iter().map(upseed_model::WorkId::from_bytes).collect();
        let set = IdSet::new(key, &ids).unwrap();
        let back = IdSet::from_bytes(key, ids.len(), set.bytes()).unwrap();
        prop_assert_eq!(&back, &set);
        prop_assert!(back.may_hold_of(&ids).into_iter().all(|held| held));
        // Cut, extended, with another count: refused. A flipped bit is another set, or none.
        prop_assert!(IdSet::from_bytes(key, ids.len(), &set.bytes()[..set.bytes().len() - 1]).is_err());
        prop_assert!(IdSet::from_bytes(key, ids.len(), &[set.bytes(), &[0]].concat()).is_err());
        prop_assert!(IdSet::from_bytes(key, ids.len() + 2, set.bytes()).is_err());
        let mut flipped = set.bytes().to_vec();
        let at = flip.index(flipped.len() * 8);
        flipped[at / 8] ^= 1 << (at % 8);
        if let Ok(other) = IdSet::from_bytes(key, ids.len(), &flipped) {
            prop_assert_ne!(other.bytes(), set.bytes());
        }
    }
}
