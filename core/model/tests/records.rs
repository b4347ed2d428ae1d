//! Items and statements from the outside: what is written reads back, what is changed is refused,
//! and each refusal says why.

// Helpers outside of test functions, too.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::LazyLock;

use proptest::prelude::*;
use support::{
    Exactly, Raw, TEXT, TIME, board, comment, invalid,
    invalid::{Invalid, ballot, replace},
    key, post, reply, statement,
    torsion::{Craft, Fault},
};
use upseed_model::{
    BoardName, Infohash, ItemDraft, Kind, Link, Record, RecordError, SecretKey, SignedItem,
    SignedStatement, Statement, StatementDraft, WorkId,
    bencode::{put_bytes, put_field},
    item::TextMatch,
    limits::{MAX_HEADER, MAX_STATEMENT, MAX_TARGETS, MAX_TEXT},
    statement::{Label, LabelTarget, Slot},
    text::{TextError, check_body},
    torrent::{self, Inspected},
};

static INVALID: LazyLock<Vec<Invalid>> = LazyLock::new(invalid::all);

const SLOT: Slot = Slot { device: [9, 8, 7, 6], number: 255 };

#[test]
fn each_bad_record_gets_its_message() {
    for case in INVALID.iter() {
        let error = Record::from_bytes(&case.bytes).unwrap_err().to_string();
        assert!(error.contains(case.message), "{}: {error}", case.name);
        if case.bytes.starts_with(b"d6:author") {
            assert_eq!(SignedStatement::from_bytes(&case.bytes).unwrap_err().to_string(), error);
        } else {
            assert_eq!(SignedItem::from_bytes(&case.bytes).unwrap_err().to_string(), error);
        }
    }
}

#[test]
fn only_what_a_later_version_may_mean_is_unsupported() {
    for case in INVALID.iter() {
        let unsupported = Record::from_bytes(&case.bytes).unwrap_err().is_unsupported();
        assert_eq!(
            unsupported,
            case.message.starts_with("v is") || case.message.starts_with("kind is")
        );
    }
}

#[test]
fn a_batch_says_of_each_what_it_is_alone() {
    let good = [post().header(), comment().header(), reply().header(), ballot().bytes()]
        .map(<[u8]>::to_vec);
    let mut many: Vec<Vec<u8>> = Vec::new();
    for case in INVALID.iter() {
        many.push(case.bytes.clone());
        many.push(good[many.len() % good.len()].clone());
    }
    let alone: Vec<_> = many.iter().map(|bytes| Record::from_bytes(bytes)).collect();
    assert_eq!(Record::from_many(&many), alone);
}

#[test]
fn a_batch_of_1024_rejects_exactly_the_bad_one() {
    let ballot = ballot();
    let good = [post().header(), comment().header(), reply().header(), ballot.bytes()];
    let mut many: Vec<_> = (0..1_024).map(|n| good[n % 4].to_vec()).collect();
    many[777] = INVALID[1].bytes.clone();
    let results = Record::from_many(&many);
    for (n, result) in results.iter().enumerate() {
        match n {
            777 => assert_eq!(result, &Err(RecordError::Signature)),
            _ => assert_eq!(result.as_ref().unwrap().bytes(), many[n]),
        }
    }
}

#[test]
fn every_changed_byte_is_refused() {
    for (record, step) in [(post().header(), 1), (comment().header(), 1), (ballot().bytes(), 1)] {
        for at in (0..record.len()).step_by(step) {
            for change in [1, 0x20, 0x80] {
                let mut changed = record.to_vec();
                changed[at] ^= change;
                let result = Record::from_bytes(&changed);
                assert!(result.is_err(), "byte {at} of {}", String::from_utf8_lossy(record));
            }
        }
        for at in 0..record.len() {
            assert!(Record::from_bytes(&record[..at]).is_err());
        }
    }
}

#[test]
fn crafted_keys_and_signatures_are_judged_alike_alone_and_in_a_batch() {
    let crafts = [
        Craft::HONEST,
        Craft { a: 1, ..Craft::HONEST },
        Craft { r: 5, ..Craft::HONEST },
        Craft { a: 3, r: 7, ..Craft::HONEST },
        Craft { small_r: true, ..Craft::HONEST },
        Craft { small_r: true, r: 4, a: 6, ..Craft::HONEST },
        Craft { small_r: true, fault: Fault::UnreducedR, ..Craft::HONEST },
        Craft { small_a: true, ..Craft::HONEST },
        Craft { small_a: true, a: 1, r: 3, ..Craft::HONEST },
        Craft { small_a: true, fault: Fault::UnreducedA, ..Craft::HONEST },
        Craft { fault: Fault::LargeS, ..Craft::HONEST },
        Craft { fault: Fault::OtherS, ..Craft::HONEST },
        Craft { fault: Fault::NoR, ..Craft::HONEST },
        Craft { fault: Fault::NoA, ..Craft::HONEST },
    ];
    let retraction = statement(1, TIME, Statement::Retraction { targets: vec![post().work()] });
    let records = crafts.map(|craft| {
        let (public, sign) = craft.key(1);
        Raw::statement(&retraction, 1).set("author", &public[..]).finish_with(sign)
    });
    let together = Record::from_many(&records);
    for (index, craft) in crafts.iter().enumerate() {
        let alone = Record::from_bytes(&records[index]);
        assert_eq!(alone.is_ok(), craft.is_valid(), "{craft:?}: {alone:?}");
        assert_eq!(alone, together[index]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn posts_read_back(
        seed: [u8; 32],
        title in "[^\\p{C}\\p{Z}]{1,40}( [a-zA-Z]{1,9}){0,3}",
        name in "[a-z0-9][a-z0-9-]{0,39}",
        time in TIME..TIME + 1_000_000,
        text in "[^\0]{1,200}",
    ) {
        let (key, board) = (SecretKey::from_seed(&seed), name.parse::<BoardName>().unwrap());
        let kind = Kind::Post { title: title.parse().unwrap() };
        let draft = ItemDraft { author: key.public(), board, kind: kind.clone(), time, text: text.as_bytes() };
        let item = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
        prop_assert_eq!(item.author(), key.public());
        prop_assert_eq!(item.board(), board);
        prop_assert_eq!(item.kind(), &kind);
        prop_assert_eq!(item.time(), time);
        prop_assert_eq!(item.length() as usize, text.len());
        prop_assert_eq!(item.check_text(text.as_bytes()), TextMatch::Good(&text));
        prop_assert_eq!(torrent::read(&torrent::write(&item, Some(&text), &["http://t/a".into()])).unwrap(), item);
    }

    #[test]
    fn comments_read_back(parent: [u8; 20], work: [u8; 32], root: ([u8; 20], [u8; 32]), bits in 0..19u8) {
        let link = |infohash, work| Link { infohash: Infohash::from_bytes(infohash), work: WorkId::from_bytes(work) };
        let kind = Kind::Comment { parent: link(parent, work), root: link(root.0, root.1) };
        let key = key(4);
        let draft = ItemDraft { author: key.public(), board: board(), kind: kind.clone(), time: TIME, text: b"x" };
        let item = SignedItem::from_bytes(&draft.puzzle(bits).unwrap().solve(&key)).unwrap();
        prop_assert_eq!(item.kind(), &kind);
        prop_assert!(item.proof().bits >= bits.max(17));
    }

    #[test]
    fn ballots_read_back(targets in proptest::collection::btree_set(any::<[u8; 32]>(), 0..8), device: [u8; 4], number: u8) {
        let targets = targets.into_iter().map(WorkId::from_bytes).collect();
        let content = Statement::Ballot { slot: Slot { device, number }, targets };
        let ballot = statement(5, TIME, content.clone());
        prop_assert_eq!(ballot.content(), &content);
        prop_assert_eq!(&Record::from_bytes(ballot.bytes()).unwrap(), &Record::Statement(ballot));
    }

    #[test]
    fn labels_read_back(labels in proptest::collection::btree_map(([any::<[u8; 32]>().boxed(), Just([1; 32]).boxed()].prop_map(|[a, _]| a), "[a-z]{1,32}"), "[a-z ,.]{0,60}", 0..6)) {
        let labels = labels.into_iter().map(|((id, value), reason)| {
            let target = LabelTarget::Item(WorkId::from_bytes(id));
            Label { target, value, reason: reason.trim().into() }
        }).collect();
        let content = Statement::Labels { slot: SLOT, labels };
        let signed = statement(5, TIME, content.clone());
        prop_assert_eq!(signed.content(), &content);
    }

    #[test]
    fn profiles_read_back(name in "[^\\p{C}\\p{Z}]{0,10}", about in "[^\\p{C}\\p{Z}]{0,90}", next: Option<[u8; 32]>) {
        let content = Statement::Profile { name, about, active: vec![board()], next };
        let signed = statement(5, TIME, content.clone());
        prop_assert_eq!(signed.content(), &content);
    }
}

#[test]
fn follows_and_retractions_read_back() {
    let mut targets: Vec<_> = (10..20).map(|n| key(n).public()).collect();
    targets.sort_unstable();
    for content in [
        Statement::Follows { slot: SLOT, name: None, targets: targets.clone() },
        Statement::Follows { slot: SLOT, name: "Gardeners".parse().ok(), targets },
        Statement::Follows { slot: SLOT, name: None, targets: vec![] },
        Statement::Retraction { targets: vec![post().work()] },
        Statement::Succession { next: None },
    ] {
        assert_eq!(statement(5, TIME, content.clone()).content(), &content);
    }
}

#[test]
fn a_succession_is_signed_by_both_keys_over_the_same_bytes() {
    let signed = support::succession(1, 2, TIME);
    assert_eq!(signed.content(), &Statement::Succession { next: Some(key(2).public()) });
    let other = support::succession(1, 3, TIME);
    assert_ne!(signed.slot_key(), other.slot_key(), "rivals stand side by side");
    // Each signature alone, exchanged or left out, is not enough; alone and in a batch.
    let at = |name: &[u8]| signed.bytes().windows(name.len()).position(|w| w == name).unwrap();
    let (first, second) = (at(b"3:sig64:") + 8, at(b"4:sig264:") + 9);
    let mut exchanged = signed.bytes().to_vec();
    exchanged[first..first + 64].copy_from_slice(&signed.bytes()[second..second + 64]);
    exchanged[second..second + 64].copy_from_slice(&signed.bytes()[first..first + 64]);
    let mut flipped = signed.bytes().to_vec();
    flipped[second] ^= 1;
    let batch = [signed.bytes().to_vec(), exchanged, flipped, other.bytes().to_vec()];
    let valid = [true, false, false, true];
    assert_eq!(Record::from_many(&batch).iter().map(Result::is_ok).collect::<Vec<_>>(), valid);
    assert_eq!(batch.map(|bytes| Record::from_bytes(&bytes).is_ok()), valid);
    // The work id is of what was signed, whatever the signatures.
    let resigned = Raw::statement(&signed, 1).second(2).finish();
    assert_eq!(Record::from_bytes(&resigned).unwrap().work(), signed.work());
}

#[test]
fn a_full_ballot_and_a_statement_for_eight_boards_fit() {
    let ids = |n: usize| {
        (0..n as u64).map(|n| {
            let mut id = [0xff; 32];
            id[..8].copy_from_slice(&n.to_be_bytes());
            WorkId::from_bytes(id)
        })
    };
    let content = Statement::Ballot { slot: SLOT, targets: ids(MAX_TARGETS).collect() };
    let draft =
        StatementDraft { author: key(1).public(), boards: vec![board()], time: TIME, content };
    let puzzle = draft.puzzle(0);
    // 8,192 / 256 = 32 blocks and a bit more: 16 + 6. To mine it takes half a minute, so here
    // only its work is wrong.
    assert_eq!(puzzle.bits(), 22);
    let full = puzzle.sign(0, &key(1));
    assert!(full.len() < MAX_STATEMENT / 3 * 2);
    let error = SignedStatement::from_bytes(&full).unwrap_err();
    assert!(matches!(error, RecordError::FalseWork { committed: 22, .. }), "{error}");

    let boards: Vec<BoardName> =
        "abcdefgh".chars().map(|c| c.to_string().parse().unwrap()).collect();
    let key = key(1);
    let content =
        Statement::Profile { name: "Ann".into(), about: "".into(), active: vec![], next: None };
    let draft =
        StatementDraft { author: key.public(), boards: boards.clone(), time: TIME, content };
    let signed = SignedStatement::from_bytes(&draft.puzzle(0).solve(&key)).unwrap();
    assert_eq!(signed.boards(), boards);
}

#[test]
fn the_newest_of_a_slot_replaces_the_older_and_ties_have_a_winner() {
    let content = Statement::Ballot { slot: SLOT, targets: vec![] };
    let older = statement(1, TIME, Statement::Ballot { slot: SLOT, targets: vec![post().work()] });
    let newer = statement(1, TIME + 1, content.clone());
    let tie =
        statement(1, TIME + 1, Statement::Ballot { slot: SLOT, targets: vec![post().work()] });
    assert_eq!(older.slot_key(), newer.slot_key());
    assert!(newer.replaces(&older) && !older.replaces(&newer) && !newer.replaces(&newer));
    assert_ne!(newer.replaces(&tie), tie.replaces(&newer));
    assert_eq!(newer.replaces(&tie), newer.work() > tie.work());

    let other_slot = Statement::Ballot { slot: Slot { number: 1, ..SLOT }, targets: vec![] };
    let other_device = Statement::Ballot { slot: Slot { device: [0; 4], ..SLOT }, targets: vec![] };
    let follows = Statement::Follows { slot: SLOT, name: None, targets: vec![] };
    for other in [other_slot, other_device, follows] {
        assert_ne!(statement(1, TIME, other).slot_key(), newer.slot_key());
    }
    assert_ne!(statement(2, TIME, content).slot_key(), newer.slot_key());
    let retraction = |n| Statement::Retraction { targets: vec![WorkId::from_bytes([n; 32])] };
    assert_ne!(
        statement(1, TIME, retraction(1)).slot_key(),
        statement(1, TIME, retraction(2)).slot_key()
    );
}

#[test]
fn the_largest_header_is_as_long_as_limits_says() {
    let (key, board) = (key(1), "x".repeat(40).parse().unwrap());
    let text = vec![b'x'; MAX_TEXT];
    let link = Link { infohash: Infohash::from_bytes([1; 20]), work: WorkId::from_bytes([2; 32]) };
    let kinds = [
        Kind::Post { title: "x".repeat(300).parse().unwrap() },
        Kind::Comment { parent: link, root: link },
    ];
    let sizes = kinds.map(|kind| {
        let draft = ItemDraft { author: key.public(), board, kind, time: 1 << 40, text: &text };
        let puzzle = draft.puzzle(0).unwrap();
        let item = puzzle.sign(i64::MAX as u64, &key);
        // No such nonce was found: only the size is of interest.
        item.len()
    });
    // The sum stands at `MAX_HEADER`. (A comment's slug may have 100 bytes, too; ours has 24.)
    assert_eq!(sizes, [816, 555]);
    assert!(sizes[0] * 2 < MAX_HEADER);
}

#[test]
fn a_text_is_good_wrong_or_dead() {
    let item = post();
    assert_eq!(item.check_text(TEXT.as_bytes()), TextMatch::Good(TEXT));
    assert_eq!(item.check_text(b""), TextMatch::Wrong);
    assert_eq!(item.check_text(&[TEXT.as_bytes(), b"x"].concat()), TextMatch::Wrong);
    assert_eq!(item.check_text(&TEXT.as_bytes()[1..]), TextMatch::Wrong);

    let parse = |raw: Raw| SignedItem::from_bytes(&raw.finish()).unwrap();
    let raw = Raw::item(item, 1);
    let dead = TextMatch::Dead(TextError::Mismatch);
    assert_eq!(parse(raw.clone().set("sha256", &[0; 32][..])).check_text(TEXT.as_bytes()), dead);
    assert_eq!(parse(raw.clone().info("pieces", &[0; 20][..])).check_text(TEXT.as_bytes()), dead);
    assert_eq!(parse(raw.clone().info("length", 5)).check_text(TEXT.as_bytes()), dead);

    use sha2::Digest as _;
    for (bytes, error) in [
        (&b"a\xffb"[..], "the text is not UTF-8 text (byte 1)"),
        (b"\x89PNG\r\n\x1a\n", "the text is not UTF-8 text (byte 0)"),
        (b"a\0b", "the text contains a NUL character (byte 1)"),
    ] {
        let raw = raw.clone().info("length", bytes.len() as u64);
        let raw = raw.info("pieces", &sha1::Sha1::digest(bytes)[..]);
        let item = parse(raw.set("sha256", &sha2::Sha256::digest(bytes)[..]));
        match item.check_text(bytes) {
            TextMatch::Dead(found) => assert_eq!(found.to_string(), error),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn bad_drafts_are_refused_with_the_reason() {
    let key = key(1);
    let kind = Kind::Post { title: "x".parse().unwrap() };
    let draft = |text: &[u8], time| {
        let draft =
            ItemDraft { author: key.public(), board: board(), kind: kind.clone(), time, text };
        draft.puzzle(0).unwrap_err().to_string()
    };
    assert_eq!(draft(b"", TIME), "the text is empty");
    assert_eq!(draft(b"\xff", TIME), "the text is not UTF-8 text (byte 0)");
    assert_eq!(draft(b"\xff\xfe", TIME), "the text is UTF-16: save it as UTF-8");
    assert_eq!(draft(b"a\0", TIME), "the text contains a NUL character (byte 1)");
    assert!(draft(&vec![b'a'; MAX_TEXT + 1], TIME).contains("the text has 65537 bytes"));
    assert!(draft(b"a", 0).contains("the time 0 is outside"));
    assert!(check_body(&vec![b'a'; MAX_TEXT]).is_ok());
}

#[test]
fn torrents_that_are_none_of_ours_are_named() {
    let message = |bytes: &[u8]| torrent::read(bytes).unwrap_err().to_string();
    assert!(message(b"<html>").contains("not a torrent file"), "{}", message(b"<html>"));
    assert!(message(b"").contains("not a torrent file: cut off"));
    assert!(message(b"de").contains("key \"info\" is missing"));
    assert!(message(&vec![b'l'; 100_000]).contains("it has 100000 bytes"));
    assert!(
        message(&[b"d1:a", &[b'l'; 60_000][..]].concat()).contains("nested more than 16 levels")
    );
    let ordinary = b"d8:announce10:http://t/a4:infod6:lengthi5e4:name5:a.iso12:piece lengthi16384e6:pieces20:01234567890123456789ee";
    assert!(message(ordinary).contains("an ordinary torrent, not an Upseed item"));
    let several = b"d4:infod5:filesld6:lengthi5e4:pathl1:aeee4:name1:a12:piece lengthi16384e6:pieces20:01234567890123456789ee";
    assert!(message(several).contains("an ordinary torrent"));

    let good = torrent::write(post(), None, &[]);
    assert!(message(&[&good[..], b"x"].concat()).contains("1 extra byte"));
    let unsorted = {
        let mut bytes = b"d".to_vec();
        put_bytes(&mut bytes, b"info");
        bytes.extend_from_slice(post().header());
        put_field(&mut bytes, "announce", b"http://t/a");
        bytes.push(b'e');
        bytes
    };
    assert!(message(&unsorted).contains("not in ascending order: \"announce\""));
    for case in INVALID.iter().filter(|case| !case.bytes.starts_with(b"d6:author")) {
        if upseed_model::bencode::scan(&case.bytes).is_ok() && case.bytes.starts_with(b"d") {
            let torrent = [b"d4:info", &case.bytes[..], b"e"].concat();
            assert!(
                message(&torrent).contains(case.message),
                "{}: {}",
                case.name,
                message(&torrent)
            );
        }
    }
}

#[test]
fn nothing_of_a_strangers_envelope_survives() {
    let mut bytes = b"d".to_vec();
    put_field(&mut bytes, "announce", b"http://evil/announce");
    bytes.extend_from_slice(b"13:announce-listll15:http://evil/tieee");
    put_field(&mut bytes, "comment", b"evil");
    bytes.extend_from_slice(b"9:httpseedsl11:http://evile");
    put_bytes(&mut bytes, b"info");
    bytes.extend_from_slice(post().header());
    bytes.extend_from_slice(b"5:nodesll9:127.0.0.1i22eee");
    put_field(&mut bytes, "url-list", b"http://127.0.0.1/evil");
    bytes.push(b'e');
    let item = torrent::read(&bytes).unwrap();
    assert_eq!(&item, post());
    // What a terminal or a window would obey is not shown there either.
    let excerpt = "Two\n \u{1b} \u{202e}lines";
    let written = torrent::write(&item, Some(excerpt), &["http://mine/a".into()]);
    assert!(!written.windows(4).any(|window| window == b"evil"));
    let head = "d8:announce13:http://mine/a13:announce-listll13:http://mine/aee7:comment9:Two lines\
                10:created by6:Upseed13:creation datei1790000000e4:info";
    assert!(written.starts_with(head.as_bytes()), "{}", String::from_utf8_lossy(&written));
    assert_eq!(torrent::info_bytes(&written).unwrap(), post().header());
}

/// Clients keep these files: the same item gives the same bytes in every version.
#[test]
fn an_envelope_is_these_bytes() {
    let golden = |head: &str| [head.as_bytes(), b"4:info", post().header(), b"e"].concat();
    let bare = "d10:created by6:Upseed13:creation datei1790000000e";
    assert_eq!(torrent::write(post(), None, &[]), golden(bare));
    let full = "d8:announce13:http://mine/a13:announce-listll13:http://mine/ael10:udp://t:69ee\
                7:comment9:Two lines10:created by6:Upseed13:creation datei1790000000e";
    let trackers = ["http://mine/a".to_owned(), "udp://t:69".to_owned()];
    assert_eq!(torrent::write(post(), Some("Two\n  lines"), &trackers), golden(full));
    assert_eq!(torrent::write(post(), Some(" \n\u{feff}"), &[]), golden(bare));
}

#[test]
fn a_torrent_is_an_item_or_an_ordinary_one_or_says_why_not() {
    let message = |bytes: &[u8]| torrent::inspect(bytes).unwrap_err().to_string();
    let good = torrent::write(post(), None, &[]);
    assert_eq!(torrent::inspect(&good), Ok(Inspected::Item(Box::new(post().clone()))));
    let ordinary = "6:lengthi5e4:name5:a.iso12:piece lengthi16384e6:pieces20:01234567890123456789";
    for torrent in [
        format!("d8:announce1:a4:infod{ordinary}ee").into_bytes(),
        format!("d4:infod{ordinary}e8:announce1:ae").into_bytes(),
        format!("d7:comment{0}:{1}4:infod{ordinary}ee", 100_000, "x".repeat(100_000)).into_bytes(),
    ] {
        assert!(matches!(torrent::inspect(&torrent), Ok(Inspected::Ordinary(_))));
    }
    // An item is never read leniently.
    let unsorted = [b"d4:info", post().header(), b"8:announce1:ae"].concat();
    assert!(message(&unsorted).contains("not in ascending order: \"announce\""));
    let zeros = [b"d1:ai01e4:info", post().header(), b"e"].concat();
    assert!(message(&zeros).contains("leading zero"));
    let large = [b"d1:a70000:", &[b'x'; 70_000][..], b"4:info", post().header(), b"e"].concat();
    assert!(message(&large).contains("an item's .torrent at most 65536"));
    assert!(message(b"d4:infod6:upseedd1:vi9eeee").contains("v"), "a later version");
    assert_eq!(message(b"<html>"), "not a torrent file: expected a dictionary at byte 0");
    let negative = format!("d4:infod{}ee", ordinary.replace("i5e", "i-5e"));
    assert_eq!(message(negative.as_bytes()), "not a usable torrent: its file length is -5");
}

#[test]
fn links_are_of_the_right_kind() {
    assert_eq!(comment().parent(), Some(post().link()));
    assert_eq!(reply().parent(), Some(comment().link()));
    assert_eq!(reply().root(), Some(post().link()));
    assert_eq!((post().parent(), post().root()), (None, None));
}

#[test]
fn a_second_signature_over_the_same_bytes_has_the_same_work_id() {
    let (public, sign) = Craft::HONEST.key(7);
    let (_, other) = Craft { r: 1, ..Craft::HONEST }.key(7);
    let raw = Raw::statement(&ballot(), 1).set("author", &public[..]);
    let first = SignedStatement::from_bytes(&raw.finish_with(sign)).unwrap();
    let second = SignedStatement::from_bytes(&raw.finish_with(other)).unwrap();
    assert_ne!(first.bytes(), second.bytes());
    assert_eq!(first.work(), second.work());
}

#[test]
fn work_beyond_the_least_counts() {
    let raw = Raw::statement(&ballot(), 1);
    let needed = raw.bits;
    for bits in needed..needed + 3 {
        let statement = SignedStatement::from_bytes(&raw.clone().bits(bits).finish()).unwrap();
        assert_eq!(statement.proof().bits, bits);
    }
    let honest = ballot();
    let changed = replace(honest.bytes(), b"3:powli", b"3:powlli");
    assert!(SignedStatement::from_bytes(&changed).is_err());
    assert!(
        Record::from_bytes(&Raw::statement(&honest, 1).set("slot", Exactly("l")).finish()).is_err()
    );
}
