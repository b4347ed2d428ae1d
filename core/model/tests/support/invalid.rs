//! Records that are wrong in exactly one way (only the largest are not mined besides), each with a
//! part of the message that says so.

use upseed_model::{SignedItem, Statement, statement::Slot};

use super::*;

/// A record that must be refused.
pub struct Invalid {
    /// What was done to it.
    pub name: &'static str,
    /// A part of the message.
    pub message: &'static str,
    /// The record.
    pub bytes: Vec<u8>,
}

/// Person 1's ballot for the post.
pub fn ballot() -> SignedStatement {
    let slot = Slot { device: [1, 2, 3, 4], number: 0 };
    statement(1, TIME + 120, Statement::Ballot { slot, targets: vec![post().work()] })
}

const NO_SLUG: &str = "its first part is not 1 to 100 bytes of";

/// All of them. A second's work: nearly each is mined.
pub fn all() -> Vec<Invalid> {
    let mut all = items();
    all.extend(statements());
    all.extend(forms());
    all
}

fn comment_with(change: impl FnOnce(Raw) -> Raw) -> Vec<u8> {
    change(Raw::item(comment(), 2)).finish()
}

fn post_with(change: impl FnOnce(Raw) -> Raw) -> Vec<u8> {
    change(Raw::item(post(), 1)).finish()
}

fn items() -> Vec<Invalid> {
    let name = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let file_name = comment().file_name().to_owned();
    let (_, suffix) = file_name.split_once('.').unwrap();
    let with_name = |slug: &str, rest: &str| {
        let name = format!("{slug}{rest}");
        comment_with(|raw| raw.info("name", &name[..]).keep_name())
    };
    let hash_only = name(suffix.trim_end_matches(".md").into());
    let wrong_signature = {
        let mut bytes = comment().header().to_vec();
        let at = bytes.windows(8).position(|w| w == b"3:sig64:").unwrap() + 8;
        bytes[at] ^= 1;
        bytes
    };
    let other_signer = {
        let raw = Raw { person: 3, ..Raw::item(comment(), 2) };
        raw.finish()
    };
    let changed_title = replace(post().header(), b"Hello, World!", b"Hello, Wurld!");
    let changed_length = replace(comment().header(), b"6:lengthi13e", b"6:lengthi12e");
    let false_work = {
        // A nonce that shows fewer bits than the record commits to.
        let raw = Raw::item(comment(), 2);
        let honest = raw.finish();
        let nonce = honest.windows(9).position(|w| w == b"3:powli17").unwrap() + 11;
        let end = nonce + honest[nonce..].iter().position(|b| *b == b'e').unwrap();
        [&honest[..nonce], b"7", &honest[end..]].concat()
    };
    let title = |bytes: &[u8]| post_with(|raw| raw.set("title", bytes));
    let oversized = {
        let raw = Raw::item(comment(), 2).set("zzz", &"z".repeat(1_600)[..]);
        raw.claim(20).finish()
    };
    let cases: Vec<(&'static str, &'static str, Vec<u8>)> = vec![
        ("a flipped bit in the signature", "the signature is wrong", wrong_signature),
        ("signed by somebody else", "the signature is wrong", other_signer),
        ("a changed title", "does not follow from the header", changed_title),
        ("a changed length", "too little proof of work", changed_length),
        (
            "a nonce that shows too little",
            "too little proof of work: it commits to 17 bits, but its hash has only",
            false_work,
        ),
        (
            "commits to fewer bits than its size asks for",
            "too little proof of work: it commits to 16 bits, its size requires 17",
            comment_with(|raw| raw.bits(16)),
        ),
        (
            "a post with a comment's bits",
            "too little proof of work: it commits to 17 bits, its size requires 18",
            post_with(|raw| raw.bits(17)),
        ),
        ("65 bits", "65 bits, at most 64", {
            let raw = Raw::item(comment(), 2);
            replace(&raw.finish(), b"3:powli17e", b"3:powli65e")
        }),
        (
            "length 0",
            "\"length\" is wrong: 0, expected 1 to 65536",
            comment_with(|raw| raw.info("length", 0)),
        ),
        (
            "length 65,537",
            "\"length\" is wrong: 65537",
            comment_with(|raw| raw.info("length", 65_537)),
        ),
        (
            "piece length 32,768",
            "\"piece length\" is wrong: 32768",
            comment_with(|raw| raw.info("piece length", 32_768)),
        ),
        (
            "two pieces",
            "\"pieces\" is wrong: 40 bytes, expected 20",
            comment_with(|raw| raw.info("pieces", &[0; 40][..])),
        ),
        ("a private flag", "private flag", comment_with(|raw| raw.info("private", 1))),
        (
            "a source key in the info dictionary",
            "unknown key \"source\"",
            comment_with(|raw| raw.info("source", "x")),
        ),
        (
            "two files",
            "several files",
            comment_with(|raw| {
                raw.info("files", Exactly("ld6:lengthi6e4:pathl1:aeed6:lengthi7e4:pathl1:beee"))
            }),
        ),
        (
            "a name that climbs out",
            "climb out of its folder",
            with_name("../comment", &format!(".{suffix}")),
        ),
        (
            "a name with a backslash",
            "climb out of its folder",
            with_name("a\\comment", &format!(".{suffix}")),
        ),
        ("a hidden name", "climb out of its folder", with_name("", &format!(".{suffix}"))),
        ("a name in capitals", NO_SLUG, with_name("Comment", &format!(".{suffix}"))),
        ("a name of 101 letters", NO_SLUG, with_name(&"a".repeat(101), &format!(".{suffix}"))),
        (
            "a name of 34 letters of 3 bytes",
            NO_SLUG,
            with_name(&"本".repeat(34), &format!(".{suffix}")),
        ),
        ("a name with a space", NO_SLUG, with_name("a b", &format!(".{suffix}"))),
        (
            "a name with a right-to-left mark",
            NO_SLUG,
            with_name("a\u{200f}", &format!(".{suffix}")),
        ),
        ("a name with a full-width slash", NO_SLUG, with_name("a／b", &format!(".{suffix}"))),
        ("a name with an emoji", NO_SLUG, with_name("🎉", &format!(".{suffix}"))),
        ("a name with an invisible letter", NO_SLUG, with_name("a\u{3164}", &format!(".{suffix}"))),
        ("a name of a device", NO_SLUG, with_name("nul", &format!(".{suffix}"))),
        ("a name of a numbered device", NO_SLUG, with_name("com1", &format!(".{suffix}"))),
        ("a name without its hash", "does not follow from the header", with_name("comment", ".md")),
        (
            "a name with another ending",
            "does not follow from the header",
            with_name("comment", &format!(".{hash_only}.exe")),
        ),
        (
            "a name with another hash",
            "does not follow from the header",
            with_name("comment", ".00112233445566778899aabbccddeeff.md"),
        ),
        (
            "a short author",
            "\"author\" is wrong: 31 bytes, expected 32",
            comment_with(|raw| raw.set("author", &[7; 31][..])),
        ),
        (
            "a board in capitals",
            "is not a board name",
            comment_with(|raw| raw.set("board", "Upseed")),
        ),
        (
            "a board that begins with a hyphen",
            "is not a board name",
            comment_with(|raw| raw.set("board", "-upseed")),
        ),
        (
            "a board of 41 letters",
            "is not a board name",
            comment_with(|raw| raw.set("board", &"x".repeat(41)[..])),
        ),
        ("an unknown kind", "kind is poem", comment_with(|raw| raw.set("kind", "poem"))),
        ("version 2", "v is 2", comment_with(|raw| raw.set("v", 2))),
        ("version 0", "v is 0", comment_with(|raw| raw.set("v", 0))),
        (
            "version 2 and an unknown kind",
            "v is 2",
            comment_with(|raw| raw.set("v", 2).set("kind", "poem")),
        ),
        (
            "version 2 with other keys and no work, name or signature that fits",
            "v is 2",
            comment_with(|raw| {
                raw.set("v", 2).set("edited", 1).without("title").bits(0).keep_name()
            }),
        ),
        ("version 2, 3,000 bytes", "v is 2", {
            Raw::item(comment(), 2)
                .set("v", 2)
                .set("note", &"z".repeat(2_600)[..])
                .claim(20)
                .finish()
        }),
        ("version 2 with another first key", "v is 2", b"d4:flagi1e6:upseedd1:vi2eee".to_vec()),
        (
            "version 2, not canonical",
            "not in ascending order",
            b"d6:upseedd1:vi2ee4:flagi1ee".to_vec(),
        ),
        (
            "a version that is a string",
            "expected an integer",
            comment_with(|raw| raw.set("v", "2")),
        ),
        (
            "an unknown kind with other keys",
            "kind is poem",
            comment_with(|raw| {
                raw.set("kind", "poem").set("verses", 4).without("root").keep_name()
            }),
        ),
        ("an unknown kind without a version", "\"kind\" is wrong", {
            comment_with(|raw| raw.set("kind", "poem").without("v"))
        }),
        (
            "an item of a statement's kind",
            "kind is ballot",
            comment_with(|raw| raw.set("kind", "ballot")),
        ),
        ("a kind that is a number", "expected a string", comment_with(|raw| raw.set("kind", 1))),
        ("no version", "key \"v\" is missing", comment_with(|raw| raw.without("v"))),
        (
            "a comment without a parent",
            "key \"parent\" is missing",
            comment_with(|raw| raw.without("parent")),
        ),
        (
            "a comment without a root",
            "key \"root\" is missing",
            comment_with(|raw| raw.without("root")),
        ),
        (
            "a parent of 20 bytes",
            "\"parent\" is wrong: 20 bytes, expected 52",
            comment_with(|raw| raw.set("parent", &[1; 20][..])),
        ),
        (
            "a comment with a title",
            "unknown key \"title\"",
            comment_with(|raw| raw.set("title", "x")),
        ),
        (
            "a post with a parent",
            "unknown key \"parent\"",
            post_with(|raw| raw.set("parent", &[1; 52][..])),
        ),
        (
            "a post without a title",
            "key \"title\" is missing",
            post_with(|raw| raw.without("title")),
        ),
        ("an added key", "unknown key \"edited\"", comment_with(|raw| raw.set("edited", 1))),
        ("no sha256", "key \"sha256\" is missing", comment_with(|raw| raw.without("sha256"))),
        (
            "a sha256 of 31 bytes",
            "\"sha256\" is wrong: 31 bytes",
            comment_with(|raw| raw.set("sha256", &[1; 31][..])),
        ),
        ("an empty title", "the title is empty", title(b"")),
        ("a title of 301 bytes", "the title has 301 bytes; at most 300", title(&[b'x'; 301])),
        ("a title that is not UTF-8", "the title is not UTF-8 text (byte 1)", title(b"a\xff")),
        ("a title with a line feed", "character U+000A", title(b"a\nb")),
        (
            "a title with a right-to-left override",
            "character U+202E",
            title("a\u{202e}b".as_bytes()),
        ),
        ("a title that begins with a space", "begins or ends with a space", title(b" a")),
        ("a title that ends with a space", "begins or ends with a space", title(b"a ")),
        (
            "a time before 2023-11-14",
            "the time 1699999999 is outside",
            comment_with(|raw| raw.set("time", 1_699_999_999)),
        ),
        (
            "a time after 2^40",
            "the time 1099511627777 is outside",
            comment_with(|raw| raw.set("time", (1 << 40) + 1)),
        ),
        (
            "a header of more than 2,048 bytes",
            "too many for an item's header; at most 2048",
            oversized,
        ),
    ];
    cases.into_iter().map(|(name, message, bytes)| Invalid { name, message, bytes }).collect()
}

fn statements() -> Vec<Invalid> {
    let ballot = ballot();
    let with = |change: &dyn Fn(Raw) -> Raw| change(Raw::statement(&ballot, 1)).finish();
    let targets = |n: usize| -> Vec<u8> {
        (0..n).flat_map(|n| std::iter::repeat_n((n / 256) as u8, 31).chain([n as u8])).collect()
    };
    let slot = Slot { device: [1, 2, 3, 4], number: 0 };
    let labels = statement(1, TIME, Statement::Labels { slot, labels: vec![] });
    let label = |text: &str| Raw::statement(&labels, 1).set("labels", Exactly(text)).finish();
    let id = "32:0123456789abcdef0123456789abcdef";
    let profile = statement(
        1,
        TIME,
        Statement::Profile { name: "Ann".into(), about: String::new(), active: vec![], next: None },
    );
    let profile_with = |change: &dyn Fn(Raw) -> Raw| change(Raw::statement(&profile, 1)).finish();
    let follows = statement(1, TIME, Statement::Follows { slot, name: None, targets: vec![] });
    let follows_with = |change: &dyn Fn(Raw) -> Raw| change(Raw::statement(&follows, 1)).finish();
    let retraction = statement(1, TIME, Statement::Retraction { targets: vec![post().work()] });
    let retracts = |n: usize| {
        Raw::statement(&retraction, 1).set("targets", &targets(n)[..]).claim(20).finish()
    };
    let succession = succession(1, 2, TIME);
    let succession_with =
        |change: &dyn Fn(Raw) -> Raw| change(Raw::statement(&succession, 1).second(2)).finish();
    let revocation = statement(1, TIME, Statement::Succession { next: None });
    let nine = list(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
    let cases: Vec<(&'static str, &'static str, Vec<u8>)> = vec![
        (
            "a ballot of 257 targets",
            "\"targets\" is wrong",
            with(&|raw| raw.set("targets", &targets(257)[..]).claim(22)),
        ),
        (
            "targets that descend",
            "\"targets\" is wrong: not strictly ascending",
            with(&|raw| raw.set("targets", &[[2; 32], [1; 32]].concat()[..]).bits(17)),
        ),
        (
            "a target twice",
            "\"targets\" is wrong: not strictly ascending",
            with(&|raw| raw.set("targets", &[1; 64][..]).bits(17)),
        ),
        (
            "targets of 33 bytes",
            "whole number of 32-byte ids",
            with(&|raw| raw.set("targets", &[1; 33][..]).bits(17)),
        ),
        (
            "a ballot for two boards",
            "exactly one board",
            with(&|raw| raw.set("boards", Encoded(list(["a", "b"])))),
        ),
        ("no board", "fewer than 1 boards", with(&|raw| raw.set("boards", Encoded(list([]))))),
        (
            "nine boards",
            "more than 8 boards",
            profile_with(&|raw| raw.set("boards", Encoded(nine.clone()))),
        ),
        (
            "boards that descend",
            "\"boards\" is wrong: not strictly ascending",
            profile_with(&|raw| raw.set("boards", Encoded(list(["b", "a"])))),
        ),
        (
            "a board twice",
            "\"boards\" is wrong: not strictly ascending",
            profile_with(&|raw| raw.set("boards", Encoded(list(["a", "a"])))),
        ),
        (
            "boards of a profile that descend",
            "\"where\" is wrong: not strictly ascending",
            profile_with(&|raw| raw.set("where", Encoded(list(["b", "a"])))),
        ),
        (
            "a board of a profile twice",
            "\"where\" is wrong: not strictly ascending",
            profile_with(&|raw| raw.set("where", Encoded(list(["a", "a"])))),
        ),
        (
            "a profile whose next has 31 bytes",
            "\"next\" is wrong: 31 bytes, expected 32",
            profile_with(&|raw| raw.set("next", &[7; 31][..]).bits(17)),
        ),
        (
            "a profile with a text of 1,025 bytes",
            "the about text has 1025 bytes; at most 1024",
            profile_with(&|raw| raw.set("text", &"x".repeat(1_025)[..]).bits(19)),
        ),
        (
            "a profile without a text",
            "key \"text\" is missing",
            profile_with(&|raw| raw.without("text")),
        ),
        ("a name that ends with a space", "begins or ends with a space", {
            profile_with(&|raw| raw.set("name", "Ann "))
        }),
        ("slot 256", "\"slot\" is wrong: expected 0 to 255", with(&|raw| raw.set("slot", 256))),
        (
            "a device of 3 bytes",
            "\"device\" is wrong: 3 bytes, expected 4",
            with(&|raw| raw.set("device", "abc")),
        ),
        ("a ballot without a slot", "key \"slot\" is missing", with(&|raw| raw.without("slot"))),
        (
            "a ballot with labels",
            "unknown key \"labels\"",
            with(&|raw| raw.set("labels", Exactly("le"))),
        ),
        ("an added key in a statement", "unknown key \"note\"", with(&|raw| raw.set("note", "x"))),
        ("a statement of an unknown kind", "kind is wish", with(&|raw| raw.set("kind", "wish"))),
        ("a statement of version 2", "v is 2", with(&|raw| raw.set("v", 2))),
        ("a statement of version 0", "v is 0", with(&|raw| raw.set("v", 0))),
        ("a statement of version 2 and an unknown kind", "v is 2", {
            with(&|raw| raw.set("v", 2).set("kind", "wish"))
        }),
        ("a statement of version 2 with a short author and other keys", "v is 2", {
            with(&|raw| raw.set("v", 2).set("author", "short").set("zone", 1).without("time"))
        }),
        ("a statement of version 2, 20,000 bytes", "v is 2", {
            with(&|raw| raw.set("v", 2).set("targets", &[1; 20_000][..]).claim(23))
        }),
        ("a statement of version 2, and nothing else", "v is 2", b"d6:author0:1:vi2ee".to_vec()),
        ("a statement of an unknown kind with other keys", "kind is wish", {
            with(&|raw| raw.set("kind", "wish").set("note", "x").without("slot").bits(0))
        }),
        ("a statement of an unknown kind, 20,000 bytes", "kind is wish", {
            with(&|raw| raw.set("kind", "wish").set("targets", &[1; 20_000][..]).claim(23))
        }),
        ("a statement of an unknown kind without a version", "key \"v\" is missing", {
            with(&|raw| raw.set("kind", "wish").without("v"))
        }),
        ("a statement of an item's kind", "kind is post", with(&|raw| raw.set("kind", "post"))),
        (
            "a statement whose version is a string",
            "expected an integer",
            with(&|raw| raw.set("v", "2")),
        ),
        ("a statement of version 2, not canonical", "not in ascending order", {
            b"d6:author0:1:vi2e1:ai1ee".to_vec()
        }),
        (
            "a statement with too few bits",
            "commits to 15 bits, its size requires",
            with(&|raw| raw.bits(15)),
        ),
        ("a retraction of nothing", "\"targets\" is wrong", retracts(0)),
        ("a retraction of 65 items", "\"targets\" is wrong", retracts(65)),
        ("a follow of a key of small order", "of small order", {
            follows_with(&|raw| raw.set("targets", &[0; 32][..]).bits(17))
        }),
        (
            "a starter list with an empty name",
            "the list's name is empty",
            follows_with(&|raw| raw.set("name", "")),
        ),
        (
            "a starter list with a name of 65 bytes",
            "the list's name has 65 bytes; at most 64",
            follows_with(&|raw| raw.set("name", &"x".repeat(65)[..]).bits(17)),
        ),
        (
            "a starter list with a line feed in its name",
            "character U+000A",
            follows_with(&|raw| raw.set("name", "a\nb")),
        ),
        ("a ballot with a name", "unknown key \"name\"", with(&|raw| raw.set("name", "x"))),
        (
            "a label about something else",
            "a target is \"i\" (item) or \"k\" (key)",
            label(&format!("ll1:x{id}4:spam0:ee")),
        ),
        ("a label without a value", "an empty value", label(&format!("ll1:i{id}0:0:ee"))),
        (
            "a label of 33 bytes",
            "the label has 33 bytes; at most 32",
            label(&format!("ll1:i{id}33:{}0:ee", "x".repeat(33))),
        ),
        (
            "a reason of 201 bytes",
            "the reason has 201 bytes; at most 200",
            Raw::statement(&labels, 1)
                .set("labels", Exactly(&format!("ll1:i{id}4:spam201:{}ee", "x".repeat(201))))
                .bits(17)
                .finish(),
        ),
        (
            "a label twice with different reasons",
            "not strictly ascending by target and value",
            Raw::statement(&labels, 1)
                .set("labels", Exactly(&format!("ll1:i{id}4:spam0:el1:i{id}4:spam1:xee")))
                .bits(17)
                .finish(),
        ),
        (
            "labels of a key before those of an item",
            "not strictly ascending by target and value",
            {
                Raw::statement(&labels, 1)
                    .set("labels", Exactly(&format!("ll1:k{id}4:spam0:el1:i{id}4:spam0:ee")))
                    .bits(17)
                    .finish()
            },
        ),
        ("a label about a key of small order", "of small order", {
            Raw::statement(&labels, 1)
                .set("labels", Encoded([&b"ll1:k32:"[..], &[0; 32], b"4:spam0:ee"].concat()))
                .finish()
        }),
        ("a label about a key that is not canonical", "not a canonical ed25519 key", {
            let key = [&[0xee][..], &[0xff; 30], &[0x7f]].concat();
            Raw::statement(&labels, 1)
                .set("labels", Encoded([&b"ll1:k32:"[..], &key, b"4:spam0:ee"].concat()))
                .finish()
        }),
        ("a label about 31 bytes", "31 bytes, expected 32", {
            label(&format!("ll1:i31:{}4:spam0:ee", "x".repeat(31)))
        }),
        ("a label without a reason", "expected a string", label(&format!("ll1:i{id}4:spamee"))),
        ("65 labels", "more than 64 labels", {
            let labels_of = (0..65).map(|n| format!("l1:i{id}3:a{n:02}0:e")).collect::<String>();
            Raw::statement(&labels, 1)
                .set("labels", Exactly(&format!("l{labels_of}e")))
                .bits(20)
                .finish()
        }),
        ("labels in the wrong order", "not strictly ascending by target and value", {
            Raw::statement(&labels, 1)
                .set("labels", Exactly(&format!("ll1:i{id}4:spam0:el1:i{id}3:nah0:ee")))
                .bits(17)
                .finish()
        }),
        (
            "a label with five fields",
            "expected the end of a list",
            label(&format!("ll1:i{id}4:spam0:0:ee")),
        ),
        (
            "a profile with a name of 65 bytes",
            "the name has 65 bytes; at most 64",
            profile_with(&|raw| raw.set("name", &"x".repeat(65)[..]).bits(17)),
        ),
        ("a profile with 33 boards", "more than 32 boards", {
            let names: Vec<String> = (0..33).map(|n| format!("b{n:02}")).collect();
            profile_with(&|raw| {
                raw.set("where", Encoded(list(names.iter().map(String::as_str)))).bits(17)
            })
        }),
        (
            "a profile with targets",
            "unknown key \"targets\"",
            profile_with(&|raw| raw.set("targets", &[1; 32][..]).bits(17)),
        ),
        (
            "a succession whose second signature is another key's",
            "the signature is wrong",
            succession_with(&|raw| raw.second(3)),
        ),
        (
            "a succession whose first signature is another key's",
            "the signature is wrong",
            succession_with(&|raw| Raw { person: 2, ..raw }),
        ),
        (
            "a succession without a second signature",
            "key \"sig2\" is missing",
            succession_with(&|raw| Raw { second: None, ..raw.without("sig2") }),
        ),
        (
            "a succession of a key by itself",
            "a key cannot succeed itself",
            succession_with(&|raw| raw.set("next", &key(1).public().as_bytes()[..]).second(1)),
        ),
        (
            "a succession by a key of small order",
            "of small order",
            succession_with(&|raw| raw.set("next", &[0; 32][..])),
        ),
        (
            "a revocation with a second signature",
            "unknown key \"sig2\"",
            Raw::statement(&revocation, 1).set("sig2", "").second(2).bits(17).finish(),
        ),
        (
            "a succession with targets",
            "unknown key \"targets\"",
            succession_with(&|raw| raw.set("targets", &[1; 32][..])),
        ),
        (
            "a ballot with a second signature",
            "unknown key \"sig2\"",
            with(&|raw| raw.set("sig2", "").second(2).bits(17)),
        ),
        (
            "a statement of more than 16,384 bytes",
            "too many for a statement; at most 16384",
            with(&|raw| raw.set("targets", &[1; 16_384][..]).claim(23)),
        ),
    ];
    cases.into_iter().map(|(name, message, bytes)| Invalid { name, message, bytes }).collect()
}

/// What is wrong with the bytes themselves. Signatures do not matter here.
fn forms() -> Vec<Invalid> {
    let header = comment().header();
    let swapped = {
        let mut raw = Raw::item(comment(), 2);
        raw.record.swap(0, 1);
        raw.finish()
    };
    let twice = {
        let mut raw = Raw::item(comment(), 2);
        let board = raw.record[1].clone();
        raw.record.insert(1, board);
        raw.finish()
    };
    let ordinary =
        b"d6:lengthi5e4:name5:a.iso12:piece lengthi16384e6:pieces20:01234567890123456789e";
    let cases: Vec<(&'static str, &'static str, Vec<u8>)> = vec![
        ("nothing", "cut off at byte 0", vec![]),
        (
            "an ordinary torrent's info dictionary",
            "an ordinary torrent, not an Upseed item",
            ordinary.to_vec(),
        ),
        ("keys that are not sorted", "not in ascending order: \"author\"", swapped),
        ("a key twice", "duplicate key \"board\"", twice),
        (
            "a leading zero in a number",
            "leading zero",
            replace(header, b"6:lengthi13e", b"6:lengthi013e"),
        ),
        (
            "a leading zero in a string's length",
            "leading zero",
            replace(header, b"6:length", b"06:length"),
        ),
        (
            "a negative number",
            "integer out of range",
            replace(header, b"6:lengthi13e", b"6:lengthi-1e"),
        ),
        ("a byte after the end", "1 extra byte(s) after the end", [header, b"e"].concat()),
        ("cut off", "cut off at byte", header[..header.len() - 1].to_vec()),
        ("100,000 nested lists", "nested more than 16 levels deep", vec![b'l'; 100_000]),
        ("a string in place of a dictionary", "expected a dictionary", b"5:hello".to_vec()),
    ];
    cases.into_iter().map(|(name, message, bytes)| Invalid { name, message, bytes }).collect()
}

/// Replaces the only occurrence of `from`.
pub fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places = bytes.windows(from.len()).filter(|window| *window == from).count();
    assert_eq!(places, 1, "{}", String::from_utf8_lossy(from));
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// The item of which most of them are made.
pub fn valid() -> &'static SignedItem {
    comment()
}
