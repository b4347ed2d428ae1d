//! Bundles: written and read again, cut anywhere, and made to do harm.

// Helpers outside of test functions, too.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use upseed_model::BoardName;
use upseed_pack::bundle::{
    BundleError, Chunk, ChunkError, ChunkWriter, Chunks, FIRST_LINE, MAX_CHUNK, MAX_CHUNK_RECORDS,
};

type Entry = (Vec<u8>, Option<Vec<u8>>);

/// Items and statements of any bytes: a bundle does not verify them.
fn entries(count: usize) -> Vec<Entry> {
    (0..count)
        .map(|n| {
            let body: Vec<u8> = (0..n % 700).map(|at| (at * n) as u8).collect();
            if n % 3 == 0 {
                ([b"d6:author", &body[..]].concat(), None)
            } else {
                let text = (n % 5 != 0).then(|| vec![b'a' + (n % 26) as u8; 1 + n % 9_000]);
                ([b"d6:length", &body[..]].concat(), text)
            }
        })
        .collect()
}

fn bundle(entries: &[Entry]) -> Vec<u8> {
    let mut out = FIRST_LINE.to_vec();
    let mut writer = ChunkWriter::new(BoardName::upseed());
    for (record, text) in entries {
        writer.add(record.clone(), text.clone(), &mut out).unwrap();
    }
    writer.finish(&mut out).unwrap();
    out
}

/// What a bundle gives before it is over or wrong, and how many chunks that is.
fn read(bytes: &[u8]) -> (Vec<Entry>, Option<BundleError>) {
    let mut all = Vec::new();
    let chunks = match Chunks::new(bytes) {
        Ok(chunks) => chunks,
        Err(error) => return (all, Some(error)),
    };
    for chunk in chunks {
        match chunk {
            Ok(packed) => all.extend(Chunk::from_bytes(&packed).unwrap().records),
            Err(error) => return (all, Some(error)),
        }
    }
    (all, None)
}

#[test]
fn a_bundle_gives_what_was_put_in() {
    for count in [0, 1, 2, 1_500] {
        let entries = entries(count);
        let (back, error) = read(&bundle(&entries));
        assert!(back == entries && error.is_none(), "{count}: {error:?}");
    }
}

#[test]
fn a_bundle_cut_at_any_byte_gives_what_stands_before() {
    let entries = entries(1_500);
    let whole = bundle(&entries);
    let mut last = 0;
    // 100 cuts all over it, and each one around the borders of its first chunk.
    let first = 20 + u32::from_be_bytes(whole[16..20].try_into().unwrap()) as usize;
    let step = whole.len() / 100;
    let cuts =
        (0..=whole.len()).filter(|cut| *cut < 30 || cut.abs_diff(first) < 6 || cut % step == 0);
    for cut in cuts {
        let (back, error) = read(&whole[..cut]);
        assert!(entries.starts_with(&back) && back.len() >= last, "{cut}");
        last = back.len();
        match error {
            Some(BundleError::FirstLine) => assert!(cut < 16),
            Some(BundleError::CutOff(_)) => assert!(cut > 16),
            None => assert!(cut == 16 || cut == first || cut == whole.len(), "{cut}"),
            other => panic!("{cut}: {other:?}"),
        }
    }
    assert!(last > 0);
}

fn plain(records: &[&[u8]], texts: &[&[u8]]) -> Vec<u8> {
    let list = |list: &[&[u8]]| {
        list.iter()
            .flat_map(|bytes| [format!("{}:", bytes.len()).as_bytes(), bytes].concat())
            .collect::<Vec<u8>>()
    };
    let (records, texts) = (list(records), list(texts));
    [b"d5:board5:films7:recordsl", &records[..], b"e5:textsl", &texts, b"ee"].concat()
}

#[test]
fn a_chunk_of_another_form_is_refused() {
    let texts = |texts, items| ChunkError::Texts { texts, items };
    assert_eq!(Chunk::read(&plain(&[b"d6:length"], &[])), Err(texts(0, 1)));
    assert_eq!(Chunk::read(&plain(&[b"d6:author"], &[b"text"])), Err(texts(1, 0)));
    assert_eq!(Chunk::read(&plain(&[b"x", b"y"], &[b"", b"", b""])), Err(texts(3, 2)));
    let many = vec![&b""[..]; MAX_CHUNK_RECORDS + 1];
    assert_eq!(Chunk::read(&plain(&many, &[])), Err(ChunkError::Records));
    for (expected, bytes) in [
        ("cut off", &b"d5:board5:films7:recordsl"[..]),
        ("cut off", b""),
        ("missing", b"d5:board5:filmse"),
        ("unknown key \"zz\"", b"d5:board5:films7:recordsle5:textsle2:zzi1ee"),
        ("extra byte", b"d5:board5:films7:recordsle5:textsleee"),
        ("board name", b"d5:board3:../7:recordsle5:textslee"),
        ("expected a string", b"d5:board5:films7:recordsli1ee5:textslee"),
        ("cut off", b"d5:board5:films7:recordsl99999999999:x"),
    ] {
        let error = Chunk::read(bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    // 256 MiB of zeros are some 8 kB; and one with a true form that is just too large.
    let bomb = zstd::bulk::compress(&vec![0; 256 << 20], 3).unwrap();
    assert!(bomb.len() < 100_000);
    assert_eq!(Chunk::from_bytes(&bomb), Err(ChunkError::Packing));
    let large = plain(&[b"x"], &[&vec![b'a'; MAX_CHUNK]]);
    let large = zstd::bulk::compress(&large, 3).unwrap();
    assert_eq!(Chunk::from_bytes(&large), Err(ChunkError::Packing));
    assert_eq!(Chunk::from_bytes(b"no zstd"), Err(ChunkError::Packing));
    assert_eq!(Chunk::from_bytes(&bomb[..bomb.len() / 2]), Err(ChunkError::Packing));
    let huge = [&FIRST_LINE[..], &[0xff; 4], &[0; 100]].concat();
    assert!(matches!(read(&huge).1, Some(BundleError::Length(1))));
    assert!(matches!(read(b"d8:announce").1, Some(BundleError::FirstLine)));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Chunk::read(&bytes);
        let _ = Chunk::from_bytes(&bytes);
        let _ = read(&[&FIRST_LINE[..], &bytes[..bytes.len().min(3)]].concat());
    }
}
