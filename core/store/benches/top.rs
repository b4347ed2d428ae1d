//! How long the first 50 posts take, of 10,000 and of 1,000,000, for each window and order.
//!
//! One board that has grown: half of the posts spread over a year, half over its last month. Votes
//! as a power law has them, so that the best are rare. Each of the 300 queries counts as the best of
//! three runs, so that p99 tells of the slowest queries and not of what else the machine does.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use upseed_model::{
    ItemDraft, Kind, SecretKey, SignedItem,
    rank::{Sort, Window},
    text::Title,
};
use upseed_store::{Store, TopQuery, bench::FakePost};

const NOW: u64 = 1_800_057_600;
const YEAR: u64 = 365 * 86_400;
const QUERIES: u32 = 300;

fn main() {
    let key = SecretKey::from_seed(&[1; 32]);
    let title = Title::from_bytes(b"An ordinary title of an ordinary post").unwrap();
    let draft = ItemDraft {
        author: key.public(),
        board: "bench".parse().unwrap(),
        kind: Kind::Post { title },
        time: NOW,
        text: b"text",
    };
    let header = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let small = measure(&folder.path().join("small.db"), &header, 10_000);
    let large = measure(&folder.path().join("large.db"), &header, 1_000_000);
    println!("top 50: milliseconds (target: p99 at most 5, and at most twice that of 10,000)");
    println!("sort  window   10,000: p50    p99   1,000,000: p50    p99   p99 ratio");
    let mut worst: (f64, f64) = (0.0, 0.0);
    for ((name, small), (_, large)) in small.into_iter().zip(large) {
        let [s50, s99, l50, l99] =
            [small.0, small.1, large.0, large.1].map(|time| time.as_secs_f64() * 1_000.0);
        println!("{name:<12}  {s50:>12.3} {s99:>6.3} {l50:>16.3} {l99:>6.3} {:>11.2}", l99 / s99);
        worst = (worst.0.max(l99), worst.1.max(l99 / s99));
    }
    println!("worst: p99 {:.3} ms, ratio {:.2}", worst.0, worst.1);
}

fn measure(path: &Path, header: &SignedItem, posts: u32) -> Vec<(String, (Duration, Duration))> {
    let mut random = 7_u64;
    let mut next = || {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random >> 16
    };
    let store = Store::open(path).unwrap();
    let start = Instant::now();
    let board = "bench".parse().unwrap();
    let mut left = posts;
    while left > 0 {
        // Several transactions, so that the WAL stays small.
        let some = left.min(50_000);
        left -= some;
        let first = posts - left - some;
        let fakes = (0..some).map(|n| {
            let mut work = [0; 32];
            work[3..11].copy_from_slice(&(next() << 20 | next() & 0xf_ffff).to_be_bytes());
            work[20..28].copy_from_slice(&(next() << 16).to_be_bytes());
            let age = if n % 2 == 0 { YEAR } else { YEAR / 12 };
            let time = NOW - age + u64::from(first + n) * age / u64::from(posts) + next() % 3_600;
            let votes = (1.0 / ((next() % 1_000_000) as f64 / 1e6 + 1e-5)) as u32 - 1;
            FakePost { work, board, time, votes, hidden: false }
        });
        store.insert_fakes(header, fakes).unwrap();
    }
    println!("{posts} posts in {:.1} s", start.elapsed().as_secs_f64());

    let mut results = Vec::new();
    for sort in Sort::ALL {
        for window in Window::ALL {
            let mut times: Vec<Duration> = (0..QUERIES)
                .map(|n| {
                    // The edge of the window is at every hour of the day.
                    let now = NOW - u64::from(n) * 7_919 % 86_400;
                    let query = TopQuery {
                        boards: vec![board],
                        window,
                        sort,
                        limit: 50,
                        now,
                        hidden: false,
                        texts: true,
                        known: None,
                    };
                    let run = |_| {
                        let start = Instant::now();
                        let rows = store.top(&query).unwrap();
                        let time = start.elapsed();
                        assert_eq!(rows.len(), 50);
                        time
                    };
                    (0..3).map(run).min().unwrap()
                })
                .collect();
            times.sort();
            let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
            results.push((format!("{:<5} {}", sort.as_str(), window), (at(0.5), at(0.99))));
        }
    }
    results
}
