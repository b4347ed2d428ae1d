//! How tree rank does against what else there is, without and under attack: the figures and pictures of
//! docs/ranking.md. Seeds are fixed, so every run says the same.
//!
//!     cargo run --release -p upseed-rank --example simulate                      writes docs/ranking.md
//!     cargo run --release -p upseed-rank --example simulate -- --people 10000    only prints
//!     … -- --seen 100    only prints: everybody sees at least 100 of the posts, not 30
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod picture;
mod random;
mod rankers;
mod report;
mod trials;
mod world;

use std::{error::Error, fs, path::Path};

use rankers::Ranker;
use report::{Outcome, Results};
use trials::Trial;
use world::World;

const USUAL: usize = 4_000;
/// How many posts everybody sees at least: the mean is two or three times that.
const SEEN: usize = 30;
const SEEDS: [u64; 2] = [11, 12];

fn main() -> Result<(), Box<dyn Error>> {
    let (mut people, mut seen) = (USUAL, SEEN);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let number = arguments.next().ok_or("a number is missing after the last flag")?.parse()?;
        match flag.as_str() {
            "--people" => people = number,
            "--seen" => seen = number,
            _ => return Err("usage: simulate [--people NUMBER] [--seen NUMBER]".into()),
        }
    }
    if people < 1_000 {
        return Err("fewer than 1,000 people make no communities".into());
    }
    let results = run(people, seen);
    let tables = results.tables();
    println!("{tables}");
    if (people, seen) == (USUAL, SEEN) {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let page = docs.join("ranking.md");
        let text = fs::read_to_string(&page)?;
        fs::write(&page, report::between_markers(&text, &tables)?)?;
        fs::write(docs.join("pictures/ranking-quality.svg"), picture::quality(&results))?;
        fs::write(docs.join("pictures/ranking-attacks.svg"), picture::attacks(&results))?;
    }
    Ok(())
}

fn run(people: usize, seen: usize) -> Results {
    let mut results = Results::new(people);
    for seed in SEEDS {
        let mut world = World::new(seed, people, seen);
        for reader in world.readers.clone() {
            for ranker in Ranker::ALL {
                let list = ranker.list(&world, &world.posts, reader.person);
                let quality = report::ndcg(&list, &world.worth[reader.community]);
                results.add_quality(ranker, reader.follows, quality);
                if reader.follows == 0 {
                    continue;
                }
                for trial in Trial::ALL {
                    let attack = seed * 1_000 + u64::from(reader.person.number());
                    let (position, junk) = trial.run(ranker, &mut world, &reader, attack);
                    results.add_outcome(ranker, reader.follows, trial, Outcome { position, junk });
                }
            }
        }
        eprintln!("seed {seed} done");
    }
    results
}
