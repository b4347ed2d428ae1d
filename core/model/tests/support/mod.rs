//! Records put together field by field, so that tests can make ones that are wrong in exactly one
//! way: named, mined and signed as if they were right.

#![allow(dead_code)]

pub mod invalid;
pub mod torsion;

use std::sync::LazyLock;

use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};
use upseed_model::{
    BoardName, ItemDraft, Kind, SecretKey, SignedItem, SignedStatement, Statement, StatementDraft,
    bencode::{Reader, put_bytes, put_field, put_int},
    pow::shown_bits,
};

/// The moment in which all fixtures were written: 2026-09-21.
pub const TIME: u64 = 1_790_000_000;

/// The text of [`post`].
pub const TEXT: &str = "# Hello\n\nAn upvote is the hosting. Grüße, 世界.\n";

/// Person number `n`.
pub fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

/// The board of all fixtures.
pub fn board() -> BoardName {
    BoardName::upseed()
}

/// Person 1's post.
pub fn post() -> &'static SignedItem {
    static POST: LazyLock<SignedItem> = LazyLock::new(|| {
        let kind = Kind::Post { title: "Hello, World!".parse().unwrap() };
        item(1, kind, TIME, TEXT)
    });
    &POST
}

/// Person 2's answer to it.
pub fn comment() -> &'static SignedItem {
    static COMMENT: LazyLock<SignedItem> = LazyLock::new(|| {
        let kind = Kind::Comment { parent: post().link(), root: post().link() };
        item(2, kind, TIME + 60, "I host this.\n")
    });
    &COMMENT
}

/// Person 1's answer to the answer.
pub fn reply() -> &'static SignedItem {
    static REPLY: LazyLock<SignedItem> = LazyLock::new(|| {
        let kind = Kind::Comment { parent: comment().link(), root: post().link() };
        item(1, kind, TIME + 90_000, "Thank you!\n")
    });
    &REPLY
}

/// Writes, mines and signs an item.
pub fn item(person: u8, kind: Kind, time: u64, text: &str) -> SignedItem {
    let key = key(person);
    let draft =
        ItemDraft { author: key.public(), board: board(), kind, time, text: text.as_bytes() };
    SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap()
}

/// Writes, mines and signs a statement on the fixtures' board.
pub fn statement(person: u8, time: u64, content: Statement) -> SignedStatement {
    let key = key(person);
    let draft = StatementDraft { author: key.public(), boards: vec![board()], time, content };
    SignedStatement::from_bytes(&draft.puzzle(0).solve(&key)).unwrap()
}

/// Person `old` hands over to person `new`.
pub fn succession(old: u8, new: u8, time: u64) -> SignedStatement {
    let content = Statement::Succession { next: Some(key(new).public()) };
    let author = key(old).public();
    let puzzle = StatementDraft { author, boards: vec![board()], time, content }.puzzle(0);
    let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
    SignedStatement::from_bytes(&puzzle.sign_both(nonce, &key(old), &key(new))).unwrap()
}

/// Keys with their encoded values, in the order in which they are written.
pub type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// A record taken to pieces.
#[derive(Clone)]
pub struct Raw {
    /// Of an item: the info dictionary; `upseed`'s value is `record`.
    pub info: Option<Fields>,
    /// Of an item: the `upseed` dictionary; else the statement.
    pub record: Fields,
    /// Whose signature it gets.
    pub person: u8,
    /// Whose second signature it gets, if it has one.
    pub second: Option<u8>,
    /// What it commits to, and what is mined.
    pub bits: u8,
    /// Whether `name` is made to follow from the header.
    pub fix_name: bool,
    /// Whether a nonce is searched; else it is 0, for records that are too large to mine in a test.
    pub mine: bool,
}

impl Raw {
    /// Takes a header to pieces.
    pub fn item(item: &SignedItem, person: u8) -> Self {
        let info = fields(item.header());
        let upseed = info.iter().find(|(key, _)| key == b"upseed").unwrap();
        let record = fields(&upseed.1);
        Self {
            info: Some(info),
            record,
            person,
            second: None,
            bits: item.proof().bits,
            fix_name: true,
            mine: true,
        }
    }

    /// Takes a statement to pieces.
    pub fn statement(statement: &SignedStatement, person: u8) -> Self {
        let record = fields(statement.bytes());
        Self {
            info: None,
            record,
            person,
            second: None,
            bits: statement.proof().bits,
            fix_name: false,
            mine: true,
        }
    }

    /// Sets a key of the info dictionary.
    pub fn info(mut self, key: &str, value: impl Encode) -> Self {
        set(self.info.as_mut().unwrap(), key, value.encode());
        self
    }

    /// Sets a key of the record.
    pub fn set(mut self, key: &str, value: impl Encode) -> Self {
        set(&mut self.record, key, value.encode());
        self
    }

    /// Takes a key of the record away.
    pub fn without(mut self, key: &str) -> Self {
        self.record.retain(|(found, _)| found != key.as_bytes());
        self
    }

    /// Commits to other bits (and mines them).
    pub fn bits(mut self, bits: u8) -> Self {
        self.bits = bits;
        self
    }

    /// Commits to other bits without searching for them.
    pub fn claim(mut self, bits: u8) -> Self {
        self.bits = bits;
        self.mine = false;
        self
    }

    /// Leaves `name` as it is.
    pub fn keep_name(mut self) -> Self {
        self.fix_name = false;
        self
    }

    /// Signed by another person too, over the same bytes.
    pub fn second(mut self, person: u8) -> Self {
        self.second = Some(person);
        self
    }

    /// Names, mines and signs.
    pub fn finish(&self) -> Vec<u8> {
        let key = SigningKey::from_bytes(&[self.person; 32]);
        self.finish_with(|message| key.sign(message).to_bytes())
    }

    /// Names, mines, and signs in another way.
    pub fn finish_with(&self, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Vec<u8> {
        let (bytes, nonce_at, sig_at) = self.encode();
        let tag: &[u8] =
            if self.info.is_some() { b"upseed:1:item\0" } else { b"upseed:1:statement\0" };
        let (before, after) = bytes.split_at(nonce_at);
        // The nonce is an integer: `i` before its digits and `e` after them.
        let id = Sha256::new_with_prefix(tag)
            .chain_update(&before[..before.len() - 1])
            .chain_update(&after[1..])
            .finalize();
        let id = upseed_model::WorkId::from_bytes(id.into());
        let mined = |nonce: &u64| !self.mine || shown_bits(&id, *nonce) >= u32::from(self.bits);
        let digits = (0u64..).find(mined).unwrap().to_string();
        let record = [before, digits.as_bytes(), after].concat();
        let message = [tag, &record].concat();
        let signature = sign(&message);
        let sig_at = if sig_at > nonce_at { sig_at + digits.len() } else { sig_at };
        let mut field = Vec::new();
        put_field(&mut field, "sig", &signature);
        if let Some(person) = self.second {
            let second = SigningKey::from_bytes(&[person; 32]).sign(&message);
            put_field(&mut field, "sig2", &second.to_bytes());
        }
        [&record[..sig_at], &field, &record[sig_at..]].concat()
    }

    /// The bytes without nonce and signature, and where they belong.
    fn encode(&self) -> (Vec<u8>, usize, usize) {
        let mut record = b"d".to_vec();
        let (mut nonce_at, mut sig_at) = (0, 0);
        let mut named = b"upseed:1:name\0d".to_vec();
        for (key, value) in &self.record {
            match &key[..] {
                b"sig" => sig_at = record.len(),
                b"sig2" if self.second.is_some() => {}
                b"pow" => {
                    put_bytes(&mut record, key);
                    record.push(b'l');
                    put_int(&mut record, self.bits.into());
                    record.push(b'i');
                    nonce_at = record.len();
                    record.extend_from_slice(b"ee");
                }
                _ => {
                    put_bytes(&mut record, key);
                    record.extend_from_slice(value);
                    put_bytes(&mut named, key);
                    named.extend_from_slice(value);
                }
            }
        }
        record.push(b'e');
        named.push(b'e');
        let Some(info) = &self.info else { return (record, nonce_at, sig_at) };
        let mut bytes = b"d".to_vec();
        for (key, value) in info {
            put_bytes(&mut bytes, key);
            match &key[..] {
                b"upseed" => {
                    nonce_at += bytes.len();
                    sig_at += bytes.len();
                    bytes.extend_from_slice(&record);
                }
                b"name" if self.fix_name => {
                    let old = Reader::new(value).bytes().unwrap();
                    let slug = String::from_utf8_lossy(old.split(|b| *b == b'.').next().unwrap());
                    let hash = Sha256::digest(&named);
                    let hex: String = hash[..16].iter().map(|b| format!("{b:02x}")).collect();
                    put_bytes(&mut bytes, format!("{slug}.{hex}.md").as_bytes());
                }
                _ => bytes.extend_from_slice(value),
            }
        }
        bytes.push(b'e');
        (bytes, nonce_at, sig_at)
    }
}

/// The keys of a dictionary with their encoded values.
pub fn fields(bytes: &[u8]) -> Fields {
    let mut reader = Reader::new(bytes);
    let mut keys = reader.dict().unwrap();
    let mut fields = Vec::new();
    while let Some(key) = keys.next(&mut reader).unwrap() {
        fields.push((key.to_vec(), reader.skip().unwrap().to_vec()));
    }
    fields
}

/// Replaces a key's value, or adds the key in its place.
fn set(fields: &mut Fields, key: &str, value: Vec<u8>) {
    let key = key.as_bytes().to_vec();
    match fields.binary_search_by(|(found, _)| found.cmp(&key)) {
        Ok(at) => fields[at].1 = value,
        Err(at) => fields.insert(at, (key, value)),
    }
}

/// What can stand as a value.
pub trait Encode {
    /// The value in bencode.
    fn encode(&self) -> Vec<u8>;
}

impl Encode for u64 {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_int(&mut out, *self);
        out
    }
}

impl Encode for &[u8] {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_bytes(&mut out, self);
        out
    }
}

impl Encode for &str {
    fn encode(&self) -> Vec<u8> {
        self.as_bytes().encode()
    }
}

/// A value that is bencode already, or is meant to be none.
pub struct Exactly<'a>(pub &'a str);

impl Encode for Exactly<'_> {
    fn encode(&self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }
}

/// A list of values.
pub fn list<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = b"l".to_vec();
    values.into_iter().for_each(|value| put_bytes(&mut out, value.as_bytes()));
    out.push(b'e');
    out
}

/// A value that is encoded already.
pub struct Encoded(pub Vec<u8>);

impl Encode for Encoded {
    fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }
}
