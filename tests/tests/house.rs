//! How large crates and files may be, and that no files import each other in a circle: the figures of `scripts/house`,
//! whose header says what is counted.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

/// Lines of a crate, without tests: what one person can keep in mind.
const CRATE: u64 = 7_000;

/// Lines of a file, without tests.
const FILE: u64 = 450;

/// The heading in ARCHITECTURE.md below which circles are named, each as
/// ``- `core/rooms`: `src/a.rs`, `src/b.rs`: why they are one thought``.
const HEADING: &str = "## Circles that stay";

/// A crate's folder and the files of one circle in it.
type Circle = (String, BTreeSet<String>);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The crates of a workspace, without the one for tests.
fn crates(workspace: &Path) -> Vec<Value> {
    let output = Command::new("python3")
        .arg(root().join("scripts/house"))
        .args(["--json", "--root"])
        .arg(workspace)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut house: Value = serde_json::from_slice(&output.stdout).unwrap();
    let crates = house["crates"].as_array_mut().unwrap();
    crates.retain(|figures| figures["crate"] != "tests");
    std::mem::take(crates)
}

fn circles(crates: &[Value]) -> Vec<Circle> {
    let mut found = Vec::new();
    for figures in crates {
        for circle in figures["circles"].as_array().unwrap() {
            let files = circle.as_array().unwrap().iter().map(|file| file.as_str().unwrap().into());
            found.push((figures["crate"].as_str().unwrap().to_owned(), files.collect()));
        }
    }
    found
}

/// The circles that a text names below [`HEADING`].
fn named(text: &str) -> Vec<Circle> {
    let section = text.lines().skip_while(|line| *line != HEADING).skip(1);
    let entries = section.take_while(|line| !line.starts_with("## "));
    let entries = entries.filter(|line| line.starts_with("- `"));
    entries
        .map(|line| {
            let mut names = line.split('`').skip(1).step_by(2).map(str::to_owned);
            let krate = names.next().unwrap();
            (krate, names.filter(|name| name.ends_with(".rs")).collect())
        })
        .collect()
}

#[test]
fn crates_and_files_are_small() {
    let mut large = Vec::new();
    for figures in crates(root()) {
        let name = figures["crate"].as_str().unwrap();
        let lines = figures["lines"].as_u64().unwrap();
        if lines > CRATE {
            large.push(format!("{name} has {lines} lines; it may have at most {CRATE}"));
        }
        for file in figures["long"].as_array().unwrap() {
            let (path, lines) = (file["file"].as_str().unwrap(), file["lines"].as_u64().unwrap());
            if lines > FILE {
                large.push(format!("{name}/{path} has {lines} lines; a file has at most {FILE}"));
            }
        }
    }
    assert!(large.is_empty(), "without tests\n{}", large.join("\n"));
}

#[test]
fn circles_are_only_those_that_architecture_md_names() {
    let named = named(&fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap());
    let found = circles(&crates(root()));
    for circle in &found {
        let (krate, files) = circle;
        assert!(
            named.contains(circle),
            "{krate}: {files:?} import each other. `scripts/house --edges {krate}` says by which names: move what they \
             share to a file of its own, or name the circle in ARCHITECTURE.md with its reason"
        );
    }
    for circle in &named {
        assert!(found.contains(circle), "ARCHITECTURE.md names a circle that is gone: {circle:?}");
    }
}

#[test]
fn circles_are_read_from_a_list() {
    let text = "# Architecture\n- `core/x`: `src/no.rs`\n\n## Circles that stay\n\nTwo types, one thought:\n\n\
                - `core/rooms`: `src/room.rs`, `src/peer.rs`: a `Peer` has a room\n\n## Threads\n- `cli`: `src/no.rs`\n";
    assert_eq!(named(text), [circle("core/rooms", &["src/peer.rs", "src/room.rs"])]);
}

#[test]
fn a_parent_is_in_a_circle_only_with_what_it_defines() {
    let house = [
        // A pure re-export leads past the parent, to where the name is defined.
        ("lib.rs", "mod exports;\nmod defines;\nmod user;\nmod named;\n"),
        ("exports/mod.rs", "mod a;\nmod b;\npub(crate) use self::a::A;\npub(crate) use b::B;\n"),
        ("exports/a.rs", "pub(crate) struct A;\n"),
        ("exports/b.rs", "use super::A;\npub(crate) struct B(A);\n"),
        // A parent that defines what its child names, and uses the child.
        ("defines.rs", "mod child;\npub(crate) use child::C;\npub(crate) const LIMIT: u8 = 1;\n"),
        ("defines/child.rs", "pub(crate) struct C([u8; super::LIMIT as usize]);\n"),
        // Only one way: over an alias of a module, in an expression, in a grouped import.
        (
            "user.rs",
            "use crate::{defines as d, exports::{A, B}};\nfn f(_: A, _: B) -> u8 { d::LIMIT }\n",
        ),
        // Words in text and in comments name nothing, nor does what is for tests alone.
        (
            "named.rs",
            "// crate::user::f\npub(crate) fn g() -> (&'static str, char) { (\"crate::user::f\", '\"') }\n\
             #[cfg(test)]\nmod tests {\n    #[test]\n    fn t() { crate::user::f(crate::A, crate::B); }\n}\n",
        ),
    ];
    let house = workspace(&house);
    assert_eq!(circles(&house), [circle("one", &["src/defines.rs", "src/defines/child.rs"])]);
}

#[test]
fn names_lead_through_aliases_globs_attributes_and_back() {
    let house = workspace(&[
        ("lib.rs", "pub mod a;\npub mod b;\npub mod c;\npub mod d;\npub mod e;\npub mod f;\n"),
        ("a.rs", "use crate::b::Kind as Other;\npub struct A(Other);\n"),
        (
            "b.rs",
            "pub enum Kind { One }\nimpl Kind { pub fn new(_: &crate::a::A) -> Self { Self::One } }\n",
        ),
        ("c.rs", "use crate::d::*;\npub fn call() { called(); }\n"),
        (
            "d.rs",
            "pub fn called() {}\npub mod inner { pub fn back() { super::super::c::call(); } }\n",
        ),
        (
            "e.rs",
            "#[derive(Deserialize)]\npub struct E { #[serde(with = \"crate::f::hex\")] id: [u8; 2] }\n",
        ),
        ("f.rs", "pub mod hex { fn of(_: &super::super::e::E) {} }\n"),
    ]);
    let expected = [["src/a.rs", "src/b.rs"], ["src/c.rs", "src/d.rs"], ["src/e.rs", "src/f.rs"]];
    assert_eq!(circles(&house), expected.map(|files| circle("one", &files)));
}

#[test]
fn lines_are_those_without_tests() {
    let house = workspace(&[
        ("lib.rs", "#[cfg(test)]\nmod testing;\nmod code;\n"),
        ("testing.rs", "fn helper() {}\n"),
        (
            "code.rs",
            "#[cfg(test)]\nuse std::{fs, io};\n\n/// Said.\nfn f() {}\n\n#[cfg(test)]\n#[allow(unused)]\nmod tests {\n    fn t() {}\n}\nfn after() {}\n",
        ),
    ]);
    let long = house[0]["long"].as_array().unwrap();
    let figures =
        |file: &Value| (file["file"].as_str().unwrap().to_owned(), file["lines"].as_u64().unwrap());
    // testing.rs does not appear: it is for tests alone.
    let expected = [("src/code.rs".to_owned(), 5), ("src/lib.rs".to_owned(), 1)];
    assert_eq!(long.iter().map(figures).collect::<Vec<_>>(), expected);
    assert_eq!((house[0]["lines"].as_u64(), house[0]["files"].as_u64()), (Some(6), Some(2)));
}

fn circle(krate: &str, files: &[&str]) -> Circle {
    (krate.to_owned(), files.iter().map(|&file| file.to_owned()).collect())
}

/// The figures of a workspace of one crate, with these files in src/.
fn workspace(files: &[(&str, &str)]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\nmembers = [\"one\"]\n").unwrap();
    for (path, text) in files {
        let path = folder.path().join("one/src").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    crates(folder.path())
}
