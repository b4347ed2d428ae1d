//! The files beside the pages: one stylesheet, one script, one picture, all inside the binary.

use std::{io::Write as _, sync::LazyLock};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// A file that the node serves below `assets/`.
#[derive(Debug)]
pub struct Asset {
    /// Its name there.
    pub name: &'static str,
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// The bytes.
    pub bytes: &'static [u8],
    tag: LazyLock<String>,
    gzip: LazyLock<Vec<u8>>,
}

/// Every file.
pub static ALL: [Asset; 3] = [
    Asset {
        name: "upseed.css",
        content_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/upseed.css"),
        tag: LazyLock::new(|| hash(include_bytes!("../assets/upseed.css"))),
        gzip: LazyLock::new(|| gzip(include_bytes!("../assets/upseed.css"))),
    },
    Asset {
        name: "upseed.js",
        content_type: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/upseed.js"),
        tag: LazyLock::new(|| hash(include_bytes!("../assets/upseed.js"))),
        gzip: LazyLock::new(|| gzip(include_bytes!("../assets/upseed.js"))),
    },
    Asset {
        name: "upseed.svg",
        content_type: "image/svg+xml",
        bytes: include_bytes!("../assets/upseed.svg"),
        tag: LazyLock::new(|| hash(include_bytes!("../assets/upseed.svg"))),
        gzip: LazyLock::new(|| gzip(include_bytes!("../assets/upseed.svg"))),
    },
];

/// What every answer with an asset has besides. Nothing in them is secret, and the script of a
/// page in a frame without an origin is fetched as if from elsewhere.
pub const HEADERS: [(&str, &str); 4] = [
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Cache-Control", "public, max-age=31536000, immutable"),
    ("X-Content-Type-Options", "nosniff"),
];

/// The file of that name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.name == name)
}

impl Asset {
    /// 16 hex digits of its SHA-256, in its address.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The bytes for `Content-Encoding: gzip`. (Pages are better not compressed: they hold a token
    /// beside what strangers wrote, which is what BREACH needs.)
    pub fn gzip(&self) -> &[u8] {
        &self.gzip
    }

    /// The tag in the form of an `ETag` header.
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.tag())
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = out.write_all(bytes);
    out.finish().unwrap_or_default()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_named() {
        for asset in &ALL {
            let (raw, packed) = (asset.bytes.len(), asset.gzip().len());
            assert!(raw < 20_000 && packed < 7_000, "{}: {raw} bytes, {packed} packed", asset.name);
            assert_eq!(asset.tag().len(), 16);
            assert!(
                asset.gzip().starts_with(b"\x1f\x8b") && asset.gzip().len() < asset.bytes.len()
            );
            assert!(asset.etag().starts_with('"'));
        }
        assert!(find("upseed.js").is_some());
        assert!(find("../Cargo.toml").is_none());
    }
}
