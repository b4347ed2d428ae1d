//! One person with a thousand keys, for the browser tests:
//!
//! ```text
//! attacker VICTIM
//! ```
//!
//! Pushes a post and a thousand upvotes for it over `up_sync` at the node of this address, prints the post's id,
//! and ends with its input.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    io::Read as _,
    time::{SystemTime, UNIX_EPOCH},
};

use upseed_tests::Attacker;

fn main() {
    let victim = std::env::args().nth(1).expect("attacker VICTIM").parse().unwrap();
    let attacker = Attacker { keys: 1_000 };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let post = attacker.post(now);
    let _pushing = attacker.push(victim, &post);
    println!("{}", post.infohash());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
