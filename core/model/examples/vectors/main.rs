//! Writes the test vectors of the protocol (docs/vectors) and the seeds of the fuzz targets
//! (fuzz/seeds). Deterministic: `tests/vectors.rs` checks that it gives the files that are there.
//!
//!     cargo run -p upseed-model --example vectors

// A tool for developers: what it makes is checked by tests.
#![allow(clippy::unwrap_used)]

mod generate;
#[path = "../../tests/support/mod.rs"]
mod support;
mod wire;

use std::{fs, path::Path};

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (folder, files) in
        [("docs/vectors", generate::vectors()), ("fuzz/seeds", generate::seeds())]
    {
        for (name, bytes) in files {
            let path = root.join(folder).join(name);
            fs::create_dir_all(path.parent().unwrap_or(&root))?;
            fs::write(path, bytes)?;
        }
    }
    Ok(())
}
