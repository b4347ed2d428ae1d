//! The arrows of ARCHITECTURE.md, and what each crate must never pull in.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;

/// Which crates of ours each one may depend on.
const ARROWS: [(&str, &[&str]); 24] = [
    ("upseed-clock", &[]),
    ("upseed-model", &[]),
    ("upseed-api", &["upseed-model"]),
    ("upseed-client", &["upseed-model", "upseed-pack"]),
    ("upseed-pack", &["upseed-model"]),
    ("upseed-rank", &["upseed-model"]),
    ("upseed-tables", &["upseed-model", "upseed-rank"]),
    ("upseed-store", &["upseed-model", "upseed-rank", "upseed-tables"]),
    ("upseed-swarm", &[]),
    ("upseed-packing", &["upseed-model", "upseed-pack", "upseed-swarm"]),
    ("upseed-levels", &["upseed-client", "upseed-model", "upseed-pack", "upseed-store"]),
    ("upseed-rooms", &["upseed-clock", "upseed-model", "upseed-store", "upseed-swarm"]),
    ("upseed-view", &["upseed-model"]),
    ("upseed-reach", &[]),
    ("upseed-site", &["upseed-api", "upseed-model", "upseed-view"]),
    ("upseed-serve", &[]),
    ("upseed-folder", &["upseed-model"]),
    (
        "upseed-node",
        &[
            "upseed-client",
            "upseed-clock",
            "upseed-folder",
            "upseed-levels",
            "upseed-model",
            "upseed-pack",
            "upseed-packing",
            "upseed-rank",
            "upseed-rooms",
            "upseed-store",
            "upseed-swarm",
        ],
    ),
    (
        "upseed-http",
        &[
            "upseed-api",
            "upseed-client",
            "upseed-model",
            "upseed-node",
            "upseed-serve",
            "upseed-view",
        ],
    ),
    ("upseed-proxy", &["upseed-clock", "upseed-serve"]),
    (
        "upseed-qbittorrent",
        &["upseed-client", "upseed-clock", "upseed-model", "upseed-proxy", "upseed-reach"],
    ),
    (
        "upseed-transmission",
        &["upseed-client", "upseed-clock", "upseed-model", "upseed-proxy", "upseed-reach"],
    ),
    (
        "upseed-deluge",
        &["upseed-api", "upseed-client", "upseed-http", "upseed-model", "upseed-node"],
    ),
    (
        "upseed",
        &[
            "upseed-api",
            "upseed-client",
            "upseed-http",
            "upseed-model",
            "upseed-node",
            "upseed-pack",
            "upseed-qbittorrent",
            "upseed-site",
            "upseed-transmission",
            "upseed-view",
        ],
    ),
];

/// What a pure crate must not reach, directly or not.
const IMPURE: [&str; 6] = ["tokio", "rusqlite", "reqwest", "axum", "mio", "socket2"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn direct(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .filter(|package| package["source"].is_null())
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
            let names = normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            (package["name"].as_str().unwrap().to_owned(), names.collect())
        })
        .collect()
}

#[test]
fn arrows_go_one_way() {
    let direct = direct(&metadata());
    for (name, dependencies) in &direct {
        if name == "upseed-tests" {
            continue;
        }
        let allowed = ARROWS.iter().find(|(known, _)| known == name);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{name} is not in ARCHITECTURE.md"));
        for dependency in dependencies.iter().filter(|name| direct.contains_key(*name)) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not use {dependency}");
        }
    }
}

/// What is told over HTTP comes from the node's methods, and SQL is the store's.
#[test]
fn only_the_store_speaks_sql() {
    for (name, dependencies) in direct(&metadata()) {
        if !["upseed-tables", "upseed-store", "upseed-tests"].contains(&name.as_str()) {
            assert!(!dependencies.iter().any(|dependency| dependency == "rusqlite"), "{name}");
        }
    }
}

#[test]
fn model_pack_rank_api_view_and_site_are_pure() {
    let pure =
        ["upseed-model", "upseed-pack", "upseed-rank", "upseed-api", "upseed-view", "upseed-site"];
    for name in pure {
        let tree = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--offline",
                "-e",
                "normal",
                "--target",
                "x86_64-unknown-linux-gnu",
                "--prefix",
                "none",
                "-p",
                name,
            ])
            .current_dir(root())
            .output()
            .unwrap();
        let tree = String::from_utf8(tree.stdout).unwrap();
        for line in tree.lines() {
            let dependency = line.split(' ').next().unwrap();
            assert!(!IMPURE.contains(&dependency), "{name} reaches {dependency}");
        }
    }
}

/// What the rooms' engine must not name: time, chance and everything outside are its driver's.
const OUTSIDE: [&str; 8] = [
    "Instant::now",
    "SystemTime",
    "std::thread",
    "thread::",
    "tokio",
    "upseed_swarm",
    "rand::rng(",
    "make_rng",
];

#[test]
fn the_rooms_engine_does_no_io() {
    let mut seen = 0;
    for file in files(root(), &["rs"]) {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        let Some(path) = path.strip_prefix("core/rooms/src/") else { continue };
        if path.starts_with("driver/") {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let named = OUTSIDE.iter().find(|word| line.contains(*word));
            assert_eq!(named, None, "core/rooms/src/{path}: {line}");
        }
    }
    assert!(seen > 20, "{seen} files");
}

#[test]
fn unsafe_and_cpp_are_in_the_swarm_alone() {
    for file in files(root(), &["rs", "cc", "h"]) {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        let in_swarm = path.starts_with("core/swarm/");
        if !path.ends_with(".rs") {
            assert!(in_swarm, "{path}: C++ outside core/swarm");
        } else if path != "core/swarm/src/bridge.rs" && path != "tests/tests/architecture.rs" {
            let text = std::fs::read_to_string(&file).unwrap();
            let line = text.lines().find(|line| line.contains("allow(unsafe_code"));
            assert_eq!(line, None, "{path} allows unsafe code");
        }
    }
}

#[test]
fn files_are_of_one_noun() {
    for file in files(root(), &["rs", "cc", "h", "py", "js"]) {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        let is_code = ["tests/", "/benches/", "/examples/"].iter().all(|part| !path.contains(part));
        assert!(!is_code || lines <= 500, "{path} has {lines} lines before its tests");
    }
}

/// Our own source files.
fn files(folder: &Path, endings: &[&str]) -> Vec<std::path::PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(listed.status.success(), "this test reads the list of files from git");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let wanted = |path: &&str| endings.iter().any(|ending| path.ends_with(&format!(".{ending}")));
    let paths = listed.lines().filter(wanted).map(|path| folder.join(path));
    paths.filter(|path| path.exists()).collect()
}
