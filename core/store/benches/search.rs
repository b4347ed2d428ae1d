//! How long a search takes among 1,000,000 posts: rare and common words, several of them, beginnings of
//! words, parts of Chinese texts, an emoji; on all boards and on a small one.
//!
//! Words as natural languages have them: the n-th most common stands in a text about 1/n times as often as
//! the first. One post of ten is Chinese. Each search counts as the best of three runs, so that it tells of
//! the search and not of what else the machine does.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_store::{Store, bench::FakePost};

const NOW: u64 = 1_800_057_600;
const POSTS: u32 = 1_000_000;
const WORDS: u64 = 100_000;
const HAN: u64 = 3_500;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 16
    }

    /// One of so many, the first ones most often.
    fn rank(&mut self, count: u64) -> u64 {
        let part = (self.next() % (1 << 40)) as f64 / (1_u64 << 40) as f64;
        (count as f64).powf(part) as u64 - 1
    }
}

/// The n-th most common word: the more common, the shorter.
fn word(mut n: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "in", "ter", "con", "pro", "a", "de", "re", "ka", "mu", "sic", "lo", "tion", "er", "st",
        "ra", "ve",
    ];
    let mut word = String::new();
    n += 1;
    while n > 0 {
        word += SYLLABLES[(n % 16) as usize];
        n /= 16;
    }
    word
}

fn han(n: u64) -> char {
    char::from_u32(0x4e00 + n as u32).unwrap()
}

fn text(random: &mut Random, chinese: bool, words: u64) -> String {
    if chinese {
        return (0..2 * words).map(|_| han(random.rank(HAN))).collect();
    }
    let mut text = String::new();
    for _ in 0..words {
        text += &word(random.rank(WORDS));
        text += if random.next().is_multiple_of(400) { " 🎉 " } else { " " };
    }
    text
}

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = Store::open(&folder.path().join("search.db")).unwrap();
    let small: BoardName = "small".parse().unwrap();
    fill(&store, small);

    let (first, common, rare) = (word(0), word(40), word(60_000));
    let searches = [
        ("the most common word", first.clone(), None),
        ("a common word", common.clone(), None),
        ("a rare word", rare.clone(), None),
        ("common and rare", format!("{first} {rare}"), None),
        ("three common words", format!("{first} {common} {}", word(41)), None),
        ("a phrase of common words", format!("\"{common} {}\"", word(41)), None),
        ("a beginning of 3 letters", "mus".into(), None),
        ("a beginning of 5 letters", "inter".into(), None),
        ("a beginning of 6 letters", "protio".into(), None),
        ("one Chinese sign", han(0).into(), None),
        ("two Chinese signs", [han(0), han(1)].iter().collect(), None),
        ("four rare Chinese signs", (900..904).map(han).collect(), None),
        ("an emoji", "🎉".into(), None),
        ("nothing", "zzzyx qqqyx".into(), None),
        ("common, on a small board", first, Some(small)),
    ];
    println!("search among {POSTS} posts, first 50: milliseconds (target: at most 50)");
    let mut worst = Duration::ZERO;
    for (name, words, board) in &searches {
        let run = |_| {
            let start = Instant::now();
            let rows = store.search(words, board.as_ref(), 0, 50).unwrap();
            (start.elapsed(), rows.len())
        };
        let (time, hits) = (0..3).map(run).min().unwrap();
        println!("{name:<26} {hits:>3} hits {:>9.3}", time.as_secs_f64() * 1_000.0);
        worst = worst.max(time);
    }
    println!("worst: {:.3} ms", worst.as_secs_f64() * 1_000.0);
}

fn fill(store: &Store, small: BoardName) {
    let key = SecretKey::from_seed(&[1; 32]);
    let draft = ItemDraft {
        author: key.public(),
        board: "bench".parse().unwrap(),
        kind: Kind::Post { title: Title::from_bytes(b"A title").unwrap() },
        time: NOW,
        text: b"text",
    };
    let header = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
    let large = draft.board;
    let mut random = Random(7);
    let start = Instant::now();
    // Several transactions, so that the WAL stays small.
    for first in (0..POSTS).step_by(50_000) {
        let numbers = first..first + 50_000;
        let fakes = numbers.clone().map(|n| {
            let mut work = [0; 32];
            work[3..11].copy_from_slice(&(random.next() << 20 | u64::from(n)).to_be_bytes());
            work[20..28].copy_from_slice(&(random.next() << 16).to_be_bytes());
            let board = if n % 10_000 == 0 { small } else { large };
            let time = NOW - u64::from(POSTS - n) * 30;
            FakePost { work, board, time, votes: (random.next() % 50) as u32, hidden: false }
        });
        store.insert_fakes(&header, fakes).unwrap();
        let texts: Vec<(i64, String, String)> = numbers
            .map(|n| {
                let chinese = n % 10 == 9;
                let title = text(&mut random, chinese, 7);
                (i64::from(n) + 1, title, text(&mut random, chinese, 40))
            })
            .collect();
        let texts = texts.iter().map(|(item, title, text)| (*item, title.as_str(), text.as_str()));
        store.insert_fake_texts(texts).unwrap();
    }
    println!("{POSTS} posts in {:.1} s", start.elapsed().as_secs_f64());
}
