//! Info dictionaries and files of any kind, each with the hashes that make it look right.

use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use upseed_model::bencode::{put_bytes, put_field, put_int_field};
use upseed_pack::{ContentError, PackInfo, PackVerifier, Packed};

use crate::{oracle, pool::Whole};

const PAGE: usize = 32_768;

/// What a pack is made of; each part can be changed.
#[derive(Clone)]
pub struct Forge {
    pub board: String,
    pub count: u64,
    pub kind: &'static str,
    pub v: u64,
    pub table: Vec<u8>,
    pub file: Vec<u8>,
    pub piece_length: u64,
    /// Instead of what follows from the file.
    pub length: Option<u64>,
    pub pieces: Option<Vec<u8>>,
    pub name: Option<String>,
    /// A key and a value, as bencode, put into the info dictionary or into `upseed` where they belong.
    pub extra: Option<(&'static str, &'static str)>,
    pub extra_inside: Option<(&'static str, &'static str)>,
}

impl Forge {
    /// A pack with nothing wrong.
    pub fn of(items: &[Whole]) -> Self {
        let (file, table) = oracle::file(items);
        Self {
            board: "films".into(),
            count: items.len() as u64,
            kind: "pack",
            v: 1,
            table,
            file,
            piece_length: PAGE as u64,
            length: None,
            pieces: None,
            name: None,
            extra: None,
            extra_inside: None,
        }
    }

    pub fn info(&self) -> Vec<u8> {
        let field = |put: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = Vec::new();
            put(&mut bytes);
            bytes
        };
        let mut inside = vec![
            ("board", field(&|to| put_field(to, "board", self.board.as_bytes()))),
            ("count", field(&|to| put_int_field(to, "count", self.count))),
            ("kind", field(&|to| put_field(to, "kind", self.kind.as_bytes()))),
            ("pages", field(&|to| put_field(to, "pages", &self.table))),
            ("v", field(&|to| put_int_field(to, "v", self.v))),
        ];
        let raw = |(key, value): (&'static str, &'static str)| {
            let mut bytes = Vec::new();
            put_bytes(&mut bytes, key.as_bytes());
            (key, [bytes, value.as_bytes().to_vec()].concat())
        };
        inside.extend(self.extra_inside.map(raw));
        inside.sort();
        let inside: Vec<u8> = inside.into_iter().flat_map(|(_, bytes)| bytes).collect();
        let upseed = [b"6:upseedd", &inside[..], b"e"].concat();
        let pieces = self
            .pieces
            .clone()
            .unwrap_or_else(|| self.file.chunks(PAGE).flat_map(Sha1::digest).collect());
        let length = self.length.unwrap_or(self.file.len() as u64);
        let mut outside = vec![
            ("length", field(&|to| put_int_field(to, "length", length))),
            ("piece length", field(&|to| put_int_field(to, "piece length", self.piece_length))),
            ("pieces", field(&|to| put_field(to, "pieces", &pieces))),
            ("upseed", upseed),
        ];
        outside.extend(self.extra.map(raw));
        outside.sort();
        let whole = |fields: &[(&str, Vec<u8>)]| {
            let parts: Vec<u8> = fields.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
            [b"d", &parts[..], b"e"].concat()
        };
        let hash = Sha256::digest([&b"upseed:1:pack\0"[..], &whole(&outside)].concat());
        let digits = data_encoding::HEXLOWER.encode(&hash[..16]);
        let name = self.name.clone().unwrap_or(format!("{}.{digits}.pack", self.board));
        outside.push(("name", field(&|to| put_field(to, "name", name.as_bytes()))));
        outside.sort();
        whole(&outside)
    }
}

/// Reads all of a file.
pub fn read(info: &PackInfo, file: &[u8]) -> Result<Vec<Packed>, ContentError> {
    let mut verifier = PackVerifier::new(info.clone());
    let mut all = Vec::new();
    for page in file.chunks(PAGE) {
        all.extend(verifier.push(page)?);
    }
    verifier.finish()?;
    Ok(all)
}
