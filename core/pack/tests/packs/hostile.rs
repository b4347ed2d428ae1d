//! Each way of being wrong, refused with a reason.

use upseed_pack::{IdSet, IdSetError, PackInfo, layout::PAGE, page};

use crate::{
    forge::{Forge, read},
    oracle,
    pool::{Whole, items, make},
};

/// Says why a pack is refused; the oracle must refuse it, too.
fn refusal(forge: &Forge) -> String {
    let bytes = forge.info();
    assert_eq!(oracle::read(&bytes, &forge.file), None, "the oracle takes it");
    match PackInfo::from_bytes(&bytes) {
        Err(error) => error.to_string(),
        Ok(info) => match read(&info, &forge.file) {
            Err(error) => error.to_string(),
            Ok(_) => "it is taken".to_owned(),
        },
    }
}

/// Short items, so that several stand on a page: ascending by infohash.
fn short(count: usize) -> Vec<Whole> {
    let mut items = items(40).split_off(40 - count);
    items.sort_by_key(|(item, _)| item.infohash());
    items
}

fn record(item: &Whole) -> Vec<u8> {
    let length = (item.0.header().len() as u16).to_be_bytes();
    [&length[..], item.0.header(), &item.1].concat()
}

/// A pack with these records one after the other, however wrong, and the ids and the table of the honest ones.
fn of_records(items: &[Whole], records: &[Vec<u8>]) -> Forge {
    let mut forge = Forge::of(items);
    forge.file.truncate(PAGE);
    forge.file.extend(records.concat());
    let pages = forge.file.len().div_ceil(PAGE) - 1;
    let first = forge.table[..4].to_vec();
    forge.table = first.repeat(pages);
    forge
}

#[test]
fn info_dictionaries() {
    type Change = fn(&mut Forge);
    let cases: [(&str, Change); 37] = [
        ("\"length\" is wrong: 0,", |f| f.length = Some(0)),
        ("\"length\" is wrong: 16777217,", |f| f.length = Some(16_777_217)),
        ("\"pieces\" is wrong", |f| f.length = Some(16_777_216)),
        ("\"length\" is wrong: 9223372036854775807,", |f| f.length = Some(i64::MAX as u64)),
        ("\"piece length\" is wrong: 65536,", |f| f.piece_length = 65_536),
        ("\"piece length\" is wrong: 0,", |f| f.piece_length = 0),
        ("\"pieces\" is wrong: 0 bytes", |f| f.pieces = Some(vec![])),
        ("\"pieces\" is wrong: 20 bytes", |f| f.pieces = Some(vec![0; 20])),
        ("\"pieces\" is wrong: 39 bytes", |f| f.pieces = Some(vec![0; 39])),
        ("\"pieces\" is wrong: 60 bytes", |f| f.pieces = Some(vec![0; 60])),
        ("the bytes of page 0", |f| f.pieces = Some(vec![0; 40])),
        ("not a board name", |f| f.board = "../etc".into()),
        ("not a board name", |f| f.board = String::new()),
        ("not a board name", |f| f.board = "Films".into()),
        ("is of another board", |f| f.board = "music".into()),
        ("\"count\" is wrong: 0,", |f| f.count = 0),
        ("\"count\" is wrong: 16385,", |f| f.count = 16_385),
        ("leaves no room for records", |f| f.count = 1_025),
        ("5 records, expected 6", |f| f.count = 6),
        ("bytes that are not zero where nothing stands, at byte 128", |f| f.count = 4),
        ("(kind is packs)", |f| f.kind = "packs"),
        ("(kind is post)", |f| f.kind = "post"),
        ("(v is 2)", |f| f.v = 2),
        ("(v is 0)", |f| f.v = 0),
        ("\"pages\" is wrong: 0 bytes", |f| f.table = vec![]),
        ("\"pages\" is wrong: 8 bytes", |f| f.table = vec![0; 8]),
        ("page 1 begins with another item", |f| f.table = vec![0; 4]),
        ("it does not follow", |f| f.name = Some("films.pack".into())),
        ("it does not follow", |f| f.name = Some("../../.ssh/authorized_keys".into())),
        ("it does not follow", |f| f.name = Some("/etc/passwd".into())),
        ("it does not follow", |f| {
            f.name = Some("films.00112233445566778899aabbccddeeff.pack".into());
        }),
        ("unknown key \"files\"", |f| f.extra = Some(("files", "le"))),
        ("unknown key \"attr\"", |f| f.extra = Some(("attr", "1:l"))),
        ("unknown key \"private\"", |f| f.extra = Some(("private", "i1e"))),
        ("unknown key \"source\"", |f| f.extra = Some(("source", "1:x"))),
        ("unknown key \"file tree\"", |f| f.extra = Some(("file tree", "de"))),
        ("unknown key \"author\"", |f| f.extra_inside = Some(("author", "1:x"))),
    ];
    for (expected, change) in cases {
        let mut forge = Forge::of(&short(5));
        change(&mut forge);
        let reason = refusal(&forge);
        assert!(reason.contains(expected), "{reason:?} does not say {expected:?}");
    }
}

#[test]
fn info_dictionaries_that_are_not_canonical() {
    let good = Forge::of(&short(5)).info();
    let text = |from: &str, to: &str| {
        let at = good.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        [&good[..at], to.as_bytes(), &good[at + from.len()..]].concat()
    };
    let cases = [
        ("extra byte", [&good[..], b"e"].concat()),
        ("cut off", good[..good.len() - 1].to_vec()),
        ("leading zero", text("5:counti5e", "5:counti05e")),
        ("out of range", text("5:counti5e", "5:counti-5e")),
        ("too large", [&good[..], &[b'0'; 16_384]].concat()),
        ("missing", b"de".to_vec()),
        ("missing", text("5:counti5e", "")),
        ("expected a dictionary", b"le".to_vec()),
        ("cut off", Vec::new()),
        ("expected an integer", text("5:counti5e", "5:count1:5")),
    ];
    for (expected, bytes) in cases {
        let reason = PackInfo::from_bytes(&bytes).unwrap_err().to_string();
        assert!(reason.contains(expected), "{reason:?} does not say {expected:?}");
    }
}

#[test]
fn files_that_lie() {
    let good = short(5);
    let records: Vec<_> = good.iter().map(record).collect();
    let with = |n: usize, bytes: Vec<u8>| {
        let mut records = records.clone();
        records[n] = bytes;
        records
    };
    let changed = |n: usize, at: usize, byte: u8| {
        let mut bytes = records[n].clone();
        bytes[at] ^= byte;
        with(n, bytes)
    };
    let key = b"3:sig64:";
    let signature = records[2].windows(key.len()).position(|part| part == key).unwrap() + 20;
    let mut swapped = records.clone();
    swapped.swap(1, 2);
    let mut zeros = records.clone();
    zeros.insert(3, vec![0; PAGE - records[..3].concat().len()]);
    let mut apart = records.clone();
    apart.insert(3, vec![0; 2]);
    let cases = [
        ("another work id", swapped),
        ("does not ascend", with(2, records[1].clone())),
        ("another work id", with(0, record(&make(78, "films", 1_000)))),
        ("text does not fit", changed(2, records[2].len() - 1, 1)),
        ("the signature is wrong", changed(2, signature, 1)),
        ("not begin with a text's length", changed(2, 2, 1)),
        ("a header of", with(2, [&[0xff, 0xff][..], &records[2][2..]].concat())),
        ("4 records, expected 5", records[..4].to_vec()),
        ("4 records, expected 5", with(4, records[4][..records[4].len() - 1].to_vec())),
        ("4 records, expected 5", with(4, records[4][..50].to_vec())),
        ("1 bytes after the last record", [records.clone(), vec![vec![0]]].concat()),
        ("bytes after the last record", [records.clone(), vec![records[4].clone()]].concat()),
        ("should begin at byte", zeros),
        ("not zero where nothing stands", apart),
        ("not a canonical Upseed record", with(2, [&[0, 14][..], b"d6:lengthi1eeex"].concat())),
        ("records, expected 5", vec![vec![0; 2 * PAGE]]),
    ];
    for (expected, records) in cases {
        let reason = refusal(&of_records(&good, &records));
        assert!(reason.contains(expected), "{reason:?} does not say {expected:?}");
    }
}

#[test]
fn ids_that_lie() {
    let good = short(5);
    let forged = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut forge = Forge::of(&good);
        change(&mut forge.file);
        refusal(&forge)
    };
    let twice = forged(&|file| file.copy_within(0..32, 32));
    assert!(twice.contains("is there twice"), "{twice}");
    let swapped = forged(&|file| {
        let first: Vec<_> = file[..32].to_vec();
        file.copy_within(32..64, 0);
        file[32..64].copy_from_slice(&first);
    });
    assert!(swapped.contains("another work id"), "{swapped}");
    // In the order in which the records stand, which is not that of their infohashes.
    let records: Vec<_> = [0, 2, 1, 3, 4].iter().map(|n| record(&good[*n])).collect();
    let mut forge = of_records(&good, &records);
    let ids: Vec<u8> = [0, 2, 1].iter().flat_map(|n| *good[*n].0.work().as_bytes()).collect();
    forge.file[..96].copy_from_slice(&ids);
    let disorder = refusal(&forge);
    assert!(disorder.contains("does not ascend"), "{disorder}");
    let more = forged(&|file| file[160] = 1);
    assert!(more.contains("not zero where nothing stands, at byte 160"), "{more}");
}

#[test]
fn large_texts_where_they_must_not_be() {
    // A large text that begins behind a small one, and a small one behind a large one.
    let mut both = vec![items(1).remove(0), items(30).remove(29)];
    both.sort_by_key(|(item, _)| item.infohash());
    let records: Vec<_> = both.iter().map(record).collect();
    let reason = refusal(&of_records(&both, &records));
    assert!(reason.contains("should begin at byte"), "{reason}");
}

#[test]
fn pages_of_somebody_else_and_too_many_of_them() {
    let forge = Forge::of(&items(40));
    let info = PackInfo::from_bytes(&forge.info()).unwrap();
    let mut file = forge.file.clone();
    file[PAGE + 700] ^= 1;
    assert_eq!(
        read(&info, &file).unwrap_err().to_string(),
        "the bytes of page 1 are not the pack's"
    );
    let mut file = forge.file.clone();
    file.truncate(3 * PAGE);
    assert!(read(&info, &file).unwrap_err().to_string().contains("3 pages, expected"));
    let mut file = forge.file;
    file.resize(file.len().next_multiple_of(PAGE), 0);
    assert!(read(&info, &file).unwrap_err().to_string().contains("are not the pack's"));
    assert!(!info.is_page(info.pages(), &[]));
    assert!(!info.is_page(usize::MAX / 32_768, &[]));
}

#[test]
fn a_page_that_makes_no_sense_has_no_item() {
    let (item, _) = &items(1)[0];
    for bytes in [&[][..], &[0], &[0, 0], &[0xff; 100], &[0, 9, b'd'], &[0; PAGE]] {
        assert_eq!(page::find(bytes, &item.infohash()), Ok(page::Search::Absent));
    }
    // The item's header, with another text of the same length.
    let header = item.header();
    let length = (header.len() as u16).to_be_bytes();
    let wrong = [&length[..], header, &vec![b'x'; 65_536]].concat();
    let reason = page::find(&wrong, &item.infohash()).unwrap_err().to_string();
    assert_eq!(reason, "its text does not fit its header");
}

#[test]
fn sets_that_claim_too_much() {
    let key = items(1)[0].0.infohash();
    let of = |count, bytes: &[u8]| IdSet::from_bytes(key, count, bytes).unwrap_err();
    assert_eq!(of(0, &[]), IdSetError::Count(0));
    assert_eq!(of(16_385, &[0; 30_000]), IdSetError::Count(16_385));
    assert_eq!(of(1, &[]), IdSetError::CutOff(0));
    // Ones without end, and an entry just out of range.
    assert_eq!(of(16_384, &[0xff; 16_384]), IdSetError::Range(0));
    assert_eq!(of(1, &[0x80, 0, 0]), IdSetError::Range(0));
    assert_eq!(of(1, &[0, 0x01]), IdSetError::Trailing);
    assert_eq!(of(1, &[0, 0, 0]), IdSetError::Trailing);
    assert_eq!(of(2, &[0, 0]), IdSetError::CutOff(1));
}
