//! Boards of ten thousand nodes in one process: the real rooms, in virtual time over a played internet. Seeds are fixed, so
//! every run says the same.
//!
//!     cargo run --release -p upseed-rooms --example simulate                    writes docs/performance.md and the pictures
//!     cargo run --release -p upseed-rooms --example simulate -- --nodes 500     only prints
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used)]

mod figures;
mod happens;
mod internet;
mod liar;
mod library;
mod memory;
mod network;
mod node;
mod picture;
mod report;
mod scenario;
mod watch;
mod world;

use std::{error::Error, fs, path::Path, thread};

use scenario::Scenario;
use world::World;

const USUAL: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let nodes = match arguments.as_slice() {
        [] => USUAL,
        [flag, number] if flag == "--nodes" => number.parse()?,
        _ => return Err("usage: simulate [--nodes NUMBER]".into()),
    };
    if nodes < 50 {
        return Err("fewer than 50 nodes show nothing".into());
    }
    let worlds = Scenario::all(nodes)
        .into_iter()
        .map(|scenario| thread::spawn(|| World::new(scenario).run()));
    let mut phases = Vec::new();
    for world in worlds.collect::<Vec<_>>() {
        phases.extend(world.join().map_err(|_| "a simulation ended by itself")?);
    }
    // While they come, nothing is measured.
    phases.retain(|phase| phase.name != "they come");
    let table = report::table(nodes, &phases);
    println!("{table}");
    if nodes == USUAL {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let page = docs.join("performance.md");
        let text = fs::read_to_string(&page)?;
        fs::write(&page, report::between_markers(&text, &table)?)?;
        fs::write(docs.join("pictures/network-posts.svg"), picture::posts(&phases))?;
    }
    Ok(())
}
