//! .torrents that are wrong in exactly one way, and comments that cannot stand where they want to.

use upseed_model::{Infohash, Kind, Link, WorkId};
use upseed_tests::{
    Person, http,
    refusal::{Trace, bad},
};

use crate::{exported, file, forged, now, post_kind, support, text, torrent_file};

/// Every wrong record of core/model's own tests that can stand in a .torrent.
#[test]
fn every_wrong_header_is_named_and_not_taken() {
    let ann = Person::named("Ann").start();
    let cases: Vec<_> = support::invalid::all()
        .into_iter()
        .filter(|case| case.bytes.starts_with(b"d") && !case.bytes.starts_with(b"d6:author"))
        .map(|case| {
            // Bytes that are no bencode are not an info dictionary either: then the offset counts
            // from the file's beginning, and only the kind of fault is the same.
            let whole = upseed_model::bencode::scan(&case.bytes).is_ok();
            let message = match whole {
                true => case.message,
                false => case.message.split(": ").next().unwrap(),
            };
            let torrent = [b"d4:info", &case.bytes[..], b"e"].concat();
            (file(&ann, &format!("{}.torrent", case.name), &torrent), case.name, message, torrent)
        })
        .collect();
    assert!(cases.len() > 50, "{}", cases.len());
    let before = Trace::of(&ann);
    let bearer = format!("Bearer {}", ann.token());
    for (path, name, message, torrent) in &cases {
        let message = match *name {
            // The envelope's end closes it, and the envelope itself is cut off.
            "cut off" => "cut off at byte",
            "a byte after the end" => "extra byte",
            _ => message,
        };
        let words = [text(path), message];
        // What any other .torrent says of itself is told, and is still not taken.
        if *name != "an ordinary torrent's info dictionary" {
            bad(&ann, &["inspect", text(path)]).user(&words);
        }
        bad(&ann, &["import", text(path)]).user(&words);
        // The command looks first; the node must not rely on it.
        let headers = [("Authorization", bearer.as_str())];
        let answer = http::request(ann.api(), "POST", "/upseed/api/v1/torrents", &headers, torrent);
        assert_eq!(answer.status, 422, "{name}: {answer:?}");
        let told = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(told.contains(message), "{name}: {told}");
    }
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn an_item_of_the_future_waits_for_its_time() {
    let ann = Person::named("Ann").start();
    let item = forged("upseed", post_kind("Tomorrow"), now() + 86_400, "Too early.\n");
    let path = torrent_file(&ann, "future.torrent", &item);
    let before = Trace::of(&ann);
    let words = ["lies in the future", "this machine's clock"];
    bad(&ann, &["inspect", text(&path)]).user(&words);
    bad(&ann, &["import", text(&path)]).user(&words);
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn an_item_that_boards_have_forgotten_is_not_taken() {
    let ann = Person::named("Ann").start();
    let time = now() - 401 * 86_400;
    let item = forged("upseed", post_kind("Long ago"), time, "Old.\n");
    let path = torrent_file(&ann, "old.torrent", &item);
    let before = Trace::of(&ann);
    bad(&ann, &["import", text(&path)]).user(&["older than 400 days"]);
    assert_eq!(Trace::of(&ann), before);
}

#[test]
fn a_comment_that_cannot_stand_where_it_says_is_not_taken() {
    let ann = Person::named("Ann").start();
    let post = exported(&ann, &ann.post("upseed", "A post", "Text.\n"));
    let other = exported(&ann, &ann.post("upseed", "Another post", "Text.\n"));
    let comment = exported(&ann, &ann.comment(&post.infohash().to_string(), "A comment.\n"));
    let nowhere =
        Link { infohash: Infohash::from_bytes([9; 20]), work: WorkId::from_bytes([9; 32]) };
    let half = |infohash: Link, work: Link| Link { infohash: infohash.infohash, work: work.work };
    let link = post.link();
    let cases = [
        ("parent missing", "upseed", nowhere, nowhere, "its parent is not known here"),
        ("board", "elsewhere", link, link, "its parent is in another board"),
        ("root", "upseed", link, other.link(), "belongs to another thread"),
        ("no root", "upseed", link, nowhere, "belongs to another thread"),
        ("its own root", "upseed", comment.link(), comment.link(), "belongs to another thread"),
        ("work half", "upseed", half(link, other.link()), link, "two halves of its link"),
        ("hash half", "upseed", half(nowhere, link), link, "its parent is not known here"),
        ("root half", "upseed", link, half(link, other.link()), "belongs to another thread"),
    ];
    let paths = cases.map(|(name, board, parent, root, message)| {
        let item = forged(board, Kind::Comment { parent, root }, now(), name);
        (torrent_file(&ann, &format!("{name}.torrent"), &item), message)
    });
    let before = Trace::of(&ann);
    for (path, message) in &paths {
        // Nothing is wrong with the item itself.
        ann.run(&["inspect", text(path)]).ok();
        bad(&ann, &["import", text(path)]).user(&["cannot be placed", message]);
    }
    assert_eq!(Trace::of(&ann), before);
    let thread = ann.json(&["thread", &post.infohash().to_string()]);
    assert_eq!(thread["replies"].as_array().unwrap().len(), 1);
}

/// What the command would never send.
#[test]
fn the_node_itself_bears_everything() {
    let ann = Person::named("Ann").start();
    let before = Trace::of(&ann);
    let bearer = format!("Bearer {}", ann.token());
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let nested = "[".repeat(100_000);
    let huge = vec![b'd'; 8 << 20];
    let long = format!(r#"{{"board":"upseed","title":"T","text":"{}"}}"#, "x".repeat(65_537));
    let nul = r#"{"board":"upseed","title":"T","text":"a\u0000b"}"#;
    let many = format!(r#"{{"up":true,"ids":[{}"x"]}}"#, "\"x\",".repeat(1_000));
    let cases: [(&str, &[u8], u16); 12] = [
        ("/posts", b"", 400),
        ("/posts", b"{", 400),
        ("/posts", b"\xff\xfe", 400),
        ("/posts", nested.as_bytes(), 422),
        ("/posts", br#"{"board":"Up","title":"T","text":"x"}"#, 422),
        ("/posts", br#"{"board":"upseed","title":"","text":"x"}"#, 422),
        ("/posts", long.as_bytes(), 422),
        ("/posts", nul.as_bytes(), 422),
        ("/posts", &huge, 413),
        ("/torrents", &huge, 413),
        ("/comments", br#"{"parent":"zzz","text":"x"}"#, 422),
        ("/votes", many.as_bytes(), 400),
    ];
    for (path, body, status) in cases {
        let path = format!("/upseed/api/v1{path}");
        let answer = http::request(ann.api(), "POST", &path, &headers, body);
        let start = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(answer.status, status, "{path} {start}: {answer:?}");
        assert!(answer.json()["error"].is_string(), "{path} {start}: {answer:?}");
    }
    for (method, path) in
        [("GET", "/torrents/zzz"), ("POST", "/boards/Up/leave"), ("GET", "/nothing")]
    {
        let path = format!("/upseed/api/v1{path}");
        let answer = http::request(ann.api(), method, &path, &headers, b"null");
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
        assert!(answer.json()["error"].is_string(), "{path}: {answer:?}");
    }
    assert_eq!(Trace::of(&ann), before);
    let most = ann.peak_memory();
    assert!(most < 150_000, "{most} KiB");
    assert!(!ann.log().contains("panicked"), "{}", ann.log());
}
