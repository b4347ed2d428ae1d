use super::*;

fn info(keys: &str) -> Vec<u8> {
    format!("d4:infod{keys}ee").into_bytes()
}

const ONE: &str = "6:lengthi5e4:name5:a.iso12:piece lengthi16384e6:pieces20:01234567890123456789";

#[test]
fn one_file() {
    let torrent = [b"d8:announce10:http://t/a7:comment2:hi4:infod", ONE.as_bytes(), b"ee"].concat();
    let read = read(&torrent).unwrap();
    let infohash = Infohash::from_bytes(Sha1::digest(["d", ONE, "e"].concat()).into());
    assert_eq!(
        read,
        Metainfo {
            name: "a.iso".into(),
            version: Version::V1 { infohash },
            files: vec![TorrentFile { path: vec!["a.iso".into()], length: 5 }],
            size: 5,
            piece_length: 16_384,
            pieces: 1,
            trackers: vec!["http://t/a".into()],
            is_private: false,
            comment: Some("hi".into()),
            is_canonical: true,
        }
    );
}

#[test]
fn the_infohash_is_that_of_the_bytes_as_they_are() {
    // Unsorted, with a leading zero, trackers after it, and an empty line.
    let raw = "d4:name5:a.iso6:lengthi0005e12:piece lengthi16384e6:pieces20:01234567890123456789e";
    let torrent = format!("d4:info{raw}13:announce-listl1:al1:b1:aee8:announce1:ae\n");
    let read = read(torrent.as_bytes()).unwrap();
    let infohash = Infohash::from_bytes(Sha1::digest(raw).into());
    assert_eq!((read.version, read.size), (Version::V1 { infohash }, 5));
    assert_eq!(read.trackers, ["a", "b"]);
    assert!(!read.is_canonical);
}

#[test]
fn several_files() {
    let read = read(&info(
        "5:filesld6:lengthi3e4:pathl1:a1:beed4:attr1:p6:lengthi16381e4:pathl4:.pad5:16381ee\
         d6:lengthi7e4:pathl1:\u{7f}eee4:name1:x12:piece lengthi16384e6:pieces40:\
         01234567890123456789012345678901234567897:privatei1e",
    ));
    let read = read.unwrap();
    let files: Vec<_> = read.files.iter().map(|file| (file.path.join("/"), file.length)).collect();
    assert_eq!(files, [("a/b".into(), 3), ("\u{7f}".into(), 7)], "padding is no file");
    assert_eq!((read.size, read.pieces, read.is_private), (10, 2, true));
}

const TREE: &str = "9:file treed1:bd0:d6:lengthi16385eee1:ad1:cd0:d6:lengthi1eeeee";

#[test]
fn version_2_and_hybrids() {
    let keys = format!("{TREE}12:meta versioni2e4:name1:x12:piece lengthi16384e");
    let v2 = read(&info(&keys)).unwrap();
    let infohash: [u8; 32] = Sha256::digest(format!("d{keys}e")).into();
    assert_eq!(v2.version, Version::V2 { infohash });
    let files: Vec<_> = v2.files.iter().map(|file| (file.path.join("/"), file.length)).collect();
    assert_eq!(files, [("a/c".into(), 1), ("b".into(), 16_385)]);
    assert_eq!((v2.size, v2.pieces), (16_386, 3));

    let keys = format!("{TREE}{ONE}12:meta versioni2e");
    let hybrid = read(&info(&keys)).unwrap();
    let raw = format!("d{keys}e");
    assert_eq!(hybrid.version.v1(), Some(&Infohash::from_bytes(Sha1::digest(&raw).into())));
    assert_eq!(hybrid.version.v2(), Some(&Sha256::digest(&raw).into()));
    assert!(matches!(hybrid.version, Version::Hybrid { .. }));
}

#[test]
fn paths_that_lead_elsewhere_are_known_as_such() {
    let file = |path: &[&str]| TorrentFile {
        path: path.iter().map(|&name| name.to_owned()).collect(),
        length: 1,
    };
    assert!(file(&["a", "..b", "c.d"]).is_safe());
    for path in
        [&["..", "a"][..], &["a/../../b"], &["/etc", "a"], &["a", ""], &["."], &["a\\b"], &[]]
    {
        assert!(!file(path).is_safe(), "{path:?}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let deep = [b"d1:a", &vec![b'l'; 100_000][..]].concat();
    let long_tree = {
        let leaf = "d0:d6:lengthi1eee";
        let leaves: String = (0..2_000).map(|n| format!("4:{n:04}{leaf}")).collect();
        let name = "n".repeat(100_000);
        info(&format!(
            "9:file treed100000:{name}d{leaves}ee12:meta versioni2e4:name1:x12:piece lengthi16384e"
        ))
    };
    let cases: [(&[u8], &str); 21] = [
        (b"", "not a torrent file: cut off at byte 0"),
        (b"le", "not a torrent file: expected a dictionary at byte 0"),
        (b"de", "not a torrent file: key \"info\" is missing"),
        (b"d4:infode4:infodee", "not a torrent file: duplicate key \"info\" at byte 9"),
        (b"d4:info99999999999999999999:", "not a torrent file: cut off at byte 28"),
        (b"d4:info4294967296:x", "not a torrent file: cut off at byte 19"),
        (b"d4:info999999999999999999999999:", "expected a string length at byte 28"),
        (b"d4:infoi--1ee", "not a torrent file: not a 64-bit integer at byte 8"),
        (b"d4:infoi9223372036854775808ee", "not a 64-bit integer at byte 8"),
        (b"d4:infoi5", "not a torrent file: cut off at byte 9"),
        (b"di1ei1ee", "not a torrent file: expected a string at byte 1"),
        (&deep, "not a torrent file: nested more than 100 levels deep at byte 103"),
        (b"d4:infoi1ee", "not a usable torrent: "),
        (b"d4:infodee", "not a usable torrent: key \"name\" is missing"),
        (b"d4:infod4:name1:aee", "not a usable torrent: key \"piece length\" is missing"),
        (b"d4:infod4:name1:a12:piece lengthi0eee", "its piece length is 0"),
        (b"d4:infod4:name1:a12:piece lengthi-9eee", "its piece length is -9"),
        (
            b"d4:infod6:lengthi-5e4:name1:a12:piece lengthi1e6:pieces0:ee",
            "not a usable torrent: its file length is -5",
        ),
        (
            b"d4:infod6:lengthi5e4:name1:a12:piece lengthi1e6:pieces20:01234567890123456789ee",
            "20 bytes of piece hashes, and 5 pieces need 20 each",
        ),
        (b"d4:infod12:meta versioni3e4:name1:a12:piece lengthi1eee", "a torrent of version 3"),
        (&long_tree, "the paths of its files are too long together"),
    ];
    for (bytes, message) in cases {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let error = read(bytes).expect_err(&start).to_string();
        assert!(error.contains(message), "{start}: {error}");
    }
    let item = info(&format!("{ONE}6:upseedde"));
    assert_eq!(read(&item), Err(MetainfoError::Upseed));
    let large = vec![b'l'; MAX_METAINFO + 1];
    assert_eq!(read(&large), Err(MetainfoError::TooLarge(10_000_001)));
    let huge = "d6:lengthi9223372036854775807e4:pathl1:aee".repeat(3);
    let keys = format!("5:filesl{huge}e4:name1:a12:piece lengthi1e6:pieces0:");
    assert_eq!(read(&info(&keys)), Err(MetainfoError::Size));
}

/// serde_bencode recurses: whatever passes the walk must fit any thread's stack.
#[test]
fn the_deepest_that_passes_fits_a_small_stack() {
    let depth = error::MAX_DEPTH - 1;
    let deep = format!("{}{}", "l".repeat(depth), "e".repeat(depth));
    let tree = format!("{}{}", "d1:a".repeat(depth - 2), "e".repeat(depth - 2));
    let keys = format!("9:file tree{tree}12:meta versioni2e4:name1:x12:piece lengthi16384e");
    for torrent in [
        format!("d13:announce-list{deep}4:infod{ONE}ee").into_bytes(),
        format!("d1:x{deep}4:infod{ONE}ee").into_bytes(),
        info(&keys),
    ] {
        let small = std::thread::Builder::new().stack_size(512 << 10);
        let done = small.spawn(move || read(&torrent).map(|_| ())).unwrap().join();
        assert!(done.is_ok());
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(0u8.., 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn bytes_like_bencode_give_an_answer(text in "d4:info[dlei0-9:a-]{0,80}") {
        let _ = read(text.as_bytes());
    }
}
