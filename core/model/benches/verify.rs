//! How much of the time of verifying headers is not spent in ed25519-zebra. Each line ends with a
//! ratio to a floor that is measured in the same run: 1.00 would be zebra alone.
//!
//!     cargo bench -p upseed-model --bench verify
//!
//! The records (1,024 comments of 200 authors) are mined once and kept in target/bench-fixtures.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::{fs, hint::black_box, path::PathBuf, thread, time::Instant};

use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes, batch};
use upseed_model::{
    BoardName, Infohash, ItemDraft, Kind, Link, Record, SecretKey, SignedItem, WorkId,
};

const RECORDS: usize = 1_024;
const AUTHORS: usize = 200;

fn main() {
    let headers = fixtures();
    let messages: Vec<([u8; 32], [u8; 64], Vec<u8>)> = headers.iter().map(|h| parts(h)).collect();
    // `cargo test --benches` only wants to see that it works.
    let runs = if std::env::args().any(|arg| arg == "--bench") { 61 } else { 1 };

    // Keys are decoded each time: a node sees an author's next record minutes later.
    let single_floor = || {
        for (key, signature, message) in &messages[..256] {
            let key = VerificationKey::try_from(*key).unwrap();
            key.verify(&Signature::from_bytes(signature), message).unwrap();
        }
    };
    let single = || {
        for header in &headers[..256] {
            black_box(SignedItem::from_bytes(header).unwrap());
        }
    };
    report("one at a time", 256, runs, single_floor, single);

    let batch_floor = || {
        let mut verifier = batch::Verifier::new();
        for (key, signature, message) in &messages {
            let key = VerificationKeyBytes::from(*key);
            verifier.queue((key, Signature::from_bytes(signature), message));
        }
        verifier.verify(rand::rng()).unwrap();
    };
    let batch = || {
        assert!(black_box(Record::from_many(&headers)).iter().all(Result::is_ok));
    };
    report("in batches of 1,024", RECORDS, runs, batch_floor, batch);
}

/// Runs both in turns and prints the medians; and the ratio of the quickest runs, which says more
/// while other programs disturb.
fn report(name: &str, count: usize, runs: usize, floor: impl Fn(), ours: impl Fn()) {
    let time = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    floor();
    ours();
    let (mut floors, mut times) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        floors.push(time(&floor));
        times.push(time(&ours));
    }
    floors.sort_by(f64::total_cmp);
    times.sort_by(f64::total_cmp);
    let rates = |at: usize| (count as f64 / floors[at], count as f64 / times[at]);
    let ((floor, ours), (best_floor, best_ours)) = (rates(runs / 2), rates(0));
    println!(
        "headers to items, {name}: {ours:.0}/s; ed25519-zebra alone: {floor:.0}/s; ratio {:.2}, of the quickest runs {:.2} (at least 0.85)",
        ours / floor,
        best_ours / best_floor,
    );
}

/// Key, signature and signed bytes.
fn parts(header: &[u8]) -> ([u8; 32], [u8; 64], Vec<u8>) {
    let find = |what: &[u8]| header.windows(what.len()).position(|w| w == what).unwrap();
    let author = find(b"6:author32:") + 11;
    let sig = find(b"3:sig64:");
    let message = [b"upseed:1:item\0", &header[..sig], &header[sig + 72..]].concat();
    let signature = header[sig + 8..sig + 72].try_into().unwrap();
    (header[author..author + 32].try_into().unwrap(), signature, message)
}

fn fixtures() -> Vec<Vec<u8>> {
    let path = PathBuf::from(
        std::env::var_os("CARGO_TARGET_DIR")
            .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target").into()),
    )
    .join("bench-fixtures/comments-1");
    if let Ok(file) = fs::read(&path) {
        let mut rest = &file[..];
        let mut headers = Vec::new();
        while let Some((length, tail)) = rest.split_at_checked(2) {
            let (header, tail) =
                tail.split_at(usize::from(u16::from_be_bytes([length[0], length[1]])));
            headers.push(header.to_vec());
            rest = tail;
        }
        return headers;
    }
    println!("mining {RECORDS} comments, once");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let chunks: Vec<usize> = (0..RECORDS).collect();
    let headers: Vec<Vec<u8>> = thread::scope(|scope| {
        let mine = |numbers: &[usize]| numbers.iter().map(|n| comment(*n)).collect::<Vec<_>>();
        let threads: Vec<_> = chunks
            .chunks(RECORDS.div_ceil(cores))
            .map(|numbers| scope.spawn(move || mine(numbers)))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let file: Vec<u8> = headers
        .iter()
        .flat_map(|header| [&(header.len() as u16).to_be_bytes()[..], header].concat())
        .collect();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, file).unwrap();
    headers
}

fn comment(n: usize) -> Vec<u8> {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&((n % AUTHORS) as u64).to_be_bytes());
    let key = SecretKey::from_seed(&seed);
    let root = Link { infohash: Infohash::from_bytes([1; 20]), work: WorkId::from_bytes([2; 32]) };
    let text = format!("Comment number {n}.\n");
    let draft = ItemDraft {
        author: key.public(),
        board: BoardName::upseed(),
        kind: Kind::Comment { parent: root, root },
        time: 1_790_000_000 + n as u64,
        text: text.as_bytes(),
    };
    draft.puzzle(0).unwrap().solve(&key)
}
