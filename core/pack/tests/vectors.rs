//! docs/vectors/packs.json, the seeds of the fuzz targets, and the limits in docs/protocol.md, against the code.

// Helpers outside of test functions, too.
#![allow(clippy::unwrap_used)]

#[path = "../examples/vectors/generate.rs"]
mod generate;

use std::{fs, path::Path};

use upseed_pack::layout;

#[test]
fn the_generator_gives_the_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, new) in generate::files(&root) {
        let old = fs::read(root.join(&name)).unwrap_or_default();
        let same = if name.ends_with(".json") {
            // As values: the order of keys in JSON is a matter of serde_json's features.
            let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
            value(&old) == value(&new)
        } else {
            old == new
        };
        assert!(same, "{name}: run `cargo run -p upseed-pack --example vectors`");
    }
}

#[test]
fn the_limits_are_those_of_the_protocol() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("docs/protocol.md")).unwrap().replace(',', "");
    for (name, value) in [
        ("PAGE", layout::PAGE),
        ("MAX_PACK", layout::MAX_PACK),
        ("MAX_COUNT", layout::MAX_COUNT),
        ("MAX_INFO", layout::MAX_INFO),
    ] {
        assert!(text.contains(&format!("| `{name}` | {value} |")), "{name} = {value}");
    }
}
