//! Which files of a folder are the site's own. Only those are ever replaced or removed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use upseed_model::{BoardName, Infohash};

use crate::file::hash;

/// Its name in the site's folder.
pub const MANIFEST: &str = ".upseed-site.json";

/// The site's own files, by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What the site shows.
    pub board: BoardName,
    /// SHA-256 of what may be in a file: of what was written last, and of what a run that broke off was about to write.
    pub files: BTreeMap<String, BTreeSet<String>>,
}

impl Manifest {
    /// Of a folder without any.
    pub fn new(board: BoardName) -> Self {
        Self { board, files: BTreeMap::new() }
    }

    /// A file is, or will be, the site's own with this in it.
    pub fn add(&mut self, path: &str, hash: String) {
        self.files.entry(path.to_owned()).or_default().insert(hash);
    }

    /// Whether the site wrote what lies there.
    pub fn wrote(&self, path: &str, bytes: &[u8]) -> bool {
        self.files.get(path).is_some_and(|hashes| hashes.contains(&hash(bytes)))
    }
}

/// Whether a site can have a file of this path: whatever else a manifest names is not touched.
pub fn is_own_path(path: &str) -> bool {
    let numbered = path.strip_prefix("page-").and_then(|rest| rest.strip_suffix(".html"));
    let item = path.strip_prefix("t/");
    let item = item.and_then(|it| it.strip_suffix(".html").or(it.strip_suffix(".torrent")));
    matches!(path, "index.html" | "feed.xml" | "style.css" | "icon.svg")
        || numbered.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
        || item.is_some_and(|id| id.parse::<Infohash>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_nothing_outside_of_what_a_site_has() {
        let id = "0a".repeat(20);
        for own in
            ["index.html", "page-12.html", &format!("t/{id}.html"), &format!("t/{id}.torrent")]
        {
            assert!(is_own_path(own), "{own}");
        }
        for foreign in [
            "../index.html",
            "/etc/passwd",
            "page-.html",
            "page-1/../x.html",
            "t/../x.html",
            "CNAME",
        ] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }
}
