//! Writes docs/vectors/packs.json and the seeds of the fuzz target. Deterministic: `tests/vectors.rs` checks that it gives
//! what is there.
//!
//!     cargo run -p upseed-pack --example vectors

// A tool for developers: what it makes is checked by tests.
#![allow(clippy::unwrap_used)]

mod generate;

use std::{fs, path::Path};

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, bytes) in generate::files(&root) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap())?;
        fs::write(path, bytes)?;
    }
    Ok(())
}
