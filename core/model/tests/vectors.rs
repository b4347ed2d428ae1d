//! docs/vectors and docs/protocol.md against the code: the files are what the generator gives, what
//! stands in them is what the code says, and the table of limits is `limits.rs`.

// Helpers outside of test functions, too.
#![allow(clippy::unwrap_used)]

#[path = "../examples/vectors/generate.rs"]
mod generate;
mod support;
#[path = "../examples/vectors/wire.rs"]
mod wire;

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use upseed_model::{
    BoardName, ItemDraft, Kind, Link, PublicKey, Record, SecretKey, SignedItem, WorkId,
    item::TextMatch,
    limits,
    magnet::Magnet,
    pow, slug,
    sync::{DayDigest, Frame},
    torrent,
};

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn file(name: &str) -> Value {
    let path = root().join("docs/vectors").join(name);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn bytes(value: &Value, key: &str) -> Vec<u8> {
    unhex(text(value, key))
}

fn unhex(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

#[test]
fn the_generator_gives_the_files_that_are_there() {
    let hint = "run `cargo run -p upseed-model --example vectors`";
    for (name, new) in generate::vectors() {
        // As values: the order of keys in JSON is a matter of serde_json's features.
        assert!(file(&name) == serde_json::from_slice::<Value>(&new).unwrap(), "{name}: {hint}");
    }
    for (name, new) in generate::seeds() {
        let old = fs::read(root().join("fuzz/seeds").join(&name)).unwrap_or_default();
        assert!(old == new, "fuzz/seeds/{name}: {hint}");
    }
}

#[test]
fn keys_and_rendezvous() {
    for case in list(&file("keys.json"), "keys") {
        let seed = bytes(case, "seed").try_into().unwrap();
        let key = SecretKey::from_seed(&seed);
        let public = key.public();
        assert_eq!(SecretKey::from_phrase(text(case, "phrase")).unwrap().public(), public);
        assert_eq!(*key.phrase(), text(case, "phrase"));
        assert_eq!(text(case, "public").parse(), Ok(public));
        assert_eq!(text(case, "for_people").parse(), Ok(public));
        assert_eq!(public.to_string(), text(case, "for_people"));
        assert_eq!(public.rendezvous().to_string(), text(case, "rendezvous"));
    }
    for case in list(&file("keys.json"), "refused") {
        assert!(text(case, "key").parse::<PublicKey>().is_err(), "{case}");
    }
    let rendezvous = file("rendezvous.json");
    for case in list(&rendezvous, "boards") {
        let board: BoardName = text(case, "board").parse().unwrap();
        let hash = Sha256::digest(format!("upseed:1:board:{board}"));
        assert_eq!(board.rendezvous().as_bytes()[..], hash[..20]);
        assert_eq!(board.rendezvous().to_string(), text(case, "infohash"));
    }
    for name in list(&rendezvous, "refused") {
        assert!(name.as_str().unwrap().parse::<BoardName>().is_err());
    }
}

/// The id of a record by its signed bytes: their hash without the nonce.
fn id(signed: &[u8], nonce: u64) -> WorkId {
    let proof = signed.windows(7).position(|window| window == b"3:powli").unwrap();
    let nonce = format!("ei{nonce}e");
    let at = signed[proof..].windows(nonce.len()).position(|window| window == nonce.as_bytes());
    let at = proof + at.unwrap() + 1;
    let without = [&signed[..at], &signed[at + nonce.len() - 1..]].concat();
    WorkId::from_bytes(Sha256::digest(without).into())
}

#[test]
fn items_from_their_fields_and_from_their_bytes() {
    for case in list(&file("items.json"), "items") {
        let link = |key| Link::from_slice(&bytes(case, key)).unwrap();
        let kind = match text(case, "kind") {
            "post" => Kind::Post { title: text(case, "title").parse().unwrap() },
            _ => Kind::Comment { parent: link("parent"), root: link("root") },
        };
        let key = SecretKey::from_seed(&[case["person"].as_u64().unwrap() as u8; 32]);
        let body = text(case, "text");
        let draft = ItemDraft {
            author: key.public(),
            board: text(case, "board").parse().unwrap(),
            kind: kind.clone(),
            time: case["time"].as_u64().unwrap(),
            text: body.as_bytes(),
        };
        let header = bytes(case, "header");
        let puzzle = draft.puzzle(0).unwrap();
        assert_eq!(puzzle.sign(case["nonce"].as_u64().unwrap(), &key), header);

        let item = SignedItem::from_bytes(&header).unwrap();
        assert_eq!(item.author().to_hex(), text(case, "author"));
        assert_eq!(item.kind(), &kind);
        assert_eq!(item.file_name(), text(case, "name"));
        assert_eq!(u64::from(item.proof().bits), case["bits"].as_u64().unwrap());
        assert_eq!(item.infohash().to_string(), text(case, "infohash"));
        assert_eq!(item.work().to_string(), text(case, "work"));
        assert_eq!(item.link(), link("link"));
        assert_eq!(item.check_text(body.as_bytes()), TextMatch::Good(body));
        let message = bytes(case, "signed_bytes");
        assert_eq!(id(&message, case["nonce"].as_u64().unwrap()), item.work());
        let field = [b"3:sig64:", &bytes(case, "signature")[..]].concat();
        let at = header.windows(field.len()).position(|window| window == field).unwrap();
        let unsigned = [&header[..at], &header[at + field.len()..]].concat();
        assert_eq!([b"upseed:1:item\0", &unsigned[..]].concat(), message);

        let torrent = bytes(case, "torrent");
        assert_eq!(torrent::read(&torrent).unwrap(), item);
        let trackers: Vec<String> =
            list(case, "trackers").iter().map(|t| t.as_str().unwrap().into()).collect();
        assert_eq!(torrent::write(&item, Some(text(case, "excerpt")), &trackers), torrent);
        let magnet: Magnet = text(case, "magnet").parse().unwrap();
        assert_eq!(magnet.to_string(), text(case, "magnet"));
        assert_eq!((magnet.infohash, magnet.trackers), (item.infohash(), trackers));
    }
}

#[test]
fn work() {
    let file = file("work.json");
    for case in list(&file, "puzzles") {
        let nonce = case["nonce"].as_u64().unwrap();
        let message = [bytes(case, "before_nonce"), bytes(case, "after_nonce")].concat();
        let id = WorkId::from_bytes(Sha256::digest(message).into());
        assert_eq!(id.to_string(), text(case, "id"));
        let hashed = [&id.as_bytes()[..], &bytes(case, "nonce_bytes")].concat();
        assert_eq!(Sha256::digest(hashed)[..], bytes(case, "hash"));
        let shown = u64::from(pow::shown_bits(&id, nonce));
        assert_eq!(shown, case["leading_zero_bits"].as_u64().unwrap());
        assert!(shown >= case["bits"].as_u64().unwrap());
        let least = (0..nonce)
            .all(|less| u64::from(pow::shown_bits(&id, less)) < case["bits"].as_u64().unwrap());
        assert!(least, "the least nonce");
    }
    for case in list(&file, "required_bits") {
        let size = case["bytes"].as_u64().unwrap() as usize;
        assert_eq!(u64::from(pow::required_bits(size, true)), case["post"].as_u64().unwrap());
        let other = case["comment_or_statement"].as_u64().unwrap();
        assert_eq!(u64::from(pow::required_bits(size, false)), other);
    }
}

#[test]
fn statements() {
    for case in list(&file("statements.json"), "statements") {
        let Record::Statement(statement) = Record::from_bytes(&bytes(case, "bytes")).unwrap()
        else {
            panic!("not a statement")
        };
        assert_eq!(statement.work().to_string(), text(case, "work"));
        assert_eq!(statement.author().to_hex(), text(case, "author"));
        assert_eq!(statement.content().kind().as_str(), text(case, "kind"));
        assert_eq!(statement.time(), case["time"].as_u64().unwrap());
        let boards: Vec<String> = statement.boards().iter().map(BoardName::to_string).collect();
        assert_eq!(Value::from(boards), case["boards"]);
        let nonce = case["nonce"].as_u64().unwrap();
        assert_eq!(id(&bytes(case, "signed_bytes"), nonce), statement.work());
    }
}

#[test]
fn texts_are_good_wrong_or_dead() {
    for case in list(&file("texts.json"), "texts") {
        let item = SignedItem::from_bytes(&bytes(case, "header")).unwrap();
        let is = match item.check_text(&bytes(case, "text")) {
            TextMatch::Good(_) => "good",
            TextMatch::Wrong => "wrong",
            TextMatch::Dead(_) => "dead",
        };
        assert_eq!(is, text(case, "is"));
    }
}

#[test]
fn invalid_records_and_crafted_signatures() {
    let file_invalid = file("invalid.json");
    let cases = list(&file_invalid, "records");
    assert!(cases.len() > 80);
    for case in cases {
        let record = match case["record"].as_str() {
            Some(hex) => unhex(hex),
            None => unhex(text(&case["record"], "repeat"))
                .repeat(case["record"]["times"].as_u64().unwrap() as usize),
        };
        let error = Record::from_bytes(&record).unwrap_err();
        assert_eq!(error.to_string(), text(case, "why"), "{}", text(case, "name"));
        assert_eq!(error.is_unsupported(), case["unsupported"].as_bool().unwrap());
    }
    let file = file("signatures.json");
    let cases = list(&file, "signatures");
    let records: Vec<Vec<u8>> = cases.iter().map(|case| bytes(case, "record")).collect();
    for (case, result) in cases.iter().zip(Record::from_many(&records)) {
        assert_eq!(result.is_ok(), case["valid"].as_bool().unwrap(), "{}", text(case, "name"));
        assert_eq!(Record::from_bytes(&bytes(case, "record")), result);
    }
}

#[test]
fn digests_and_the_conversation() {
    let file_digests = file("digests.json");
    let mut digest = DayDigest::empty(file_digests["day"].as_u64().unwrap());
    for step in list(&file_digests, "steps") {
        if step["insert"].is_string() {
            digest.insert(&text(step, "insert").parse().unwrap());
            assert_eq!(digest.sum[..], bytes(step, "sum"));
        }
        assert_eq!(digest.count, step["count"].as_u64().unwrap());
        assert_eq!(digest.fingerprint()[..], bytes(step, "fingerprint"));
    }
    let file = file("sync.json");
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for case in list(&file, "frames") {
        let frame = bytes(case, "frame");
        assert_eq!(Frame::from_bytes(&frame).unwrap().to_bytes(), frame);
        *seen.entry(text(case, "m")).or_default() += 1;
    }
    // Every message of the protocol is shown.
    assert_eq!(
        seen.into_keys().collect::<Vec<_>>(),
        [
            "differ",
            "digests",
            "done",
            "gone",
            "have",
            "hello",
            "no-text",
            "open",
            "peers",
            "punch",
            "reconcile",
            "records",
            "relayed",
            "texts",
            "want",
            "want-text"
        ]
    );
}

fn protocol() -> String {
    fs::read_to_string(root().join("docs/protocol.md")).unwrap()
}

#[test]
fn the_table_of_limits_is_that_of_the_code() {
    let table: BTreeMap<String, u64> = protocol()
        .lines()
        .take_while(|line| *line != "## 13. Packs")
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|');
            let name = cells.next()?.trim().strip_suffix('`')?.to_owned();
            if name.contains(|c: char| c.is_ascii_lowercase()) {
                return None;
            }
            let number = cells.next()?.trim().replace(',', "").parse().ok()?;
            Some((name, number))
        })
        .collect();
    macro_rules! same {
        ($($name:ident)*) => {{
            $(assert_eq!(table.get(stringify!($name)), Some(&(limits::$name as u64)), stringify!($name));)*
            [$(stringify!($name)),*]
        }};
    }
    let known = same!(
        MAX_TEXT PIECE_LENGTH MAX_HEADER MAX_STATEMENT MAX_TITLE MAX_SLUG MAX_BOARD MAX_BOARDS
        MAX_TARGETS MAX_LABELS MAX_LABEL_VALUE MAX_LABEL_REASON MAX_NAME MAX_ABOUT
        MAX_PROFILE_BOARDS MAX_RETRACTED MAX_SUCCESSIONS MIN_TIME MAX_TIME MAX_AHEAD MAX_BITS BASE_BITS POST_BITS
        MAX_INTEGER MAX_DEPTH MAX_TORRENT MAX_MAGNET MAX_THREAD_DEPTH HORIZON_DAYS DEFAULT_DAYS
        MAX_DAY_BYTES MAX_FRAME MAX_RECONCILE MAX_ROUNDS MAX_OPEN_DAYS MAX_IDS MAX_ASKED
        SERVE_SECONDS MAX_SERVE_SECONDS MAX_QUEUED MAX_PEERS MIN_PUNCH HELLO_SECONDS COMPARE_SECONDS
        WITHDRAWN_SECONDS COMPARISONS COMPARISON_SECONDS UNASKED UNASKED_BYTES
        UNASKED_PER_SECOND
    );
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/limits.rs")).unwrap();
    let constants: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split(':').next())
        .collect();
    for name in &constants {
        assert!(known.contains(name), "{name} is missing here and in docs/protocol.md");
    }
    assert_eq!(table.len(), constants.len(), "docs/protocol.md lists a limit that does not exist");
}

/// Each code point in turn.
#[test]
fn the_table_of_slug_characters_is_that_of_the_code() {
    let protocol = protocol();
    let rows = protocol.lines().filter_map(|line| line.strip_prefix("| U+")?.split_once('|'));
    let ranges = |cell: &str| -> Vec<(u32, u32)> {
        let list =
            cell.trim().trim_start_matches("without").trim_end_matches('|').replace("U+", "");
        let code = |hex: &str| u32::from_str_radix(hex, 16).unwrap();
        let range = |range: &str| match range.split_once(" … ") {
            Some((first, last)) => (code(first), code(last)),
            None => (code(range), code(range)),
        };
        list.split(',').map(str::trim).filter(|part| !part.is_empty()).map(range).collect()
    };
    let rows: Vec<_> = rows.map(|(of, without)| (ranges(of), ranges(without))).collect();
    assert!(rows.len() >= 5);
    let within =
        |ranges: &[(u32, u32)], code| ranges.iter().any(|(a, b)| (*a..=*b).contains(&code));
    for character in ('\u{80}'..=char::MAX).filter(|c| u32::from(*c) < 0x4_1000) {
        let code = character.into();
        let listed = rows.iter().any(|(of, without)| within(of, code) && !within(without, code));
        let slug = character.to_string();
        assert_eq!(slug::is_valid(slug.as_bytes()), listed, "U+{code:04X}");
    }
}

/// The ids in the text of the specification are those of the vectors.
#[test]
fn the_specification_quotes_the_vectors() {
    let all: String = ["items.json", "keys.json", "rendezvous.json"]
        .iter()
        .map(|name| file(name).to_string())
        .collect();
    let protocol = protocol();
    let words = protocol.split(|c: char| !c.is_ascii_hexdigit());
    let ids: Vec<&str> = words.filter(|word| [40, 64].contains(&word.len())).collect();
    assert!(ids.len() >= 4);
    for id in ids {
        assert!(all.contains(id), "{id} stands in docs/protocol.md and in no vector");
    }
}
