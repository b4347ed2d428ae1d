//! Items: posts and comments. The info dictionary *is* the signed header.

use std::sync::Arc;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::{
    bencode::{self, Reader, put_bytes, put_field, put_int_field},
    board::BoardName,
    id::{Infohash, Link, WorkId},
    key::{Claim, PublicKey},
    limits::{MAX_HEADER, MAX_TEXT, PIECE_LENGTH},
    pow::{Proof, Puzzle, SIGNATURE, finish_puzzle},
    signed::{RecordError, Uncovered, check_time, check_work, read_array, read_proof, unsupported},
    slug::{self, FileNameError},
    text::{TextError, Title, check_body},
};

const TAG: &[u8] = b"upseed:1:item\0";
const NAME_TAG: &[u8] = b"upseed:1:name\0";

/// The kinds of items, as they stand on the wire.
const KINDS: [&str; 2] = ["post", "comment"];

/// What an item is, with what only that kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The start of a thread.
    Post {
        /// Its title.
        title: Title,
    },
    /// An answer.
    Comment {
        /// The item that it answers.
        parent: Link,
        /// The post that began the thread; the same as `parent` for a direct answer.
        root: Link,
    },
}

/// The fields of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    author: PublicKey,
    board: BoardName,
    kind: Kind,
    time: u64,
    length: u32,
    piece: [u8; 20],
    sha256: [u8; 32],
    proof: Proof,
    name: std::ops::Range<usize>,
}

/// A header whose form, work and signature were checked. A value of this type is the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedItem {
    header: Arc<[u8]>,
    infohash: Infohash,
    work: WorkId,
    item: Item,
}

/// What a text is to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextMatch<'a> {
    /// The item's text.
    Good(&'a str),
    /// Neither hash fits: whoever sent it was wrong.
    Wrong,
    /// One hash fits and another does not, or it is no text: the author made an item that nobody
    /// can host. Whoever sent it is blameless.
    Dead(TextError),
}

impl SignedItem {
    /// Checks a header: form, name, time, work and signature.
    pub fn from_bytes(header: &[u8]) -> Result<Self, RecordError> {
        let (item, claim) = Item::parse(header)?;
        if claim.verify() { Ok(item) } else { Err(RecordError::Signature) }
    }

    /// Reads a header that was verified when it was stored; the signature is not looked at again.
    pub fn from_bytes_unchecked(header: &[u8]) -> Result<Self, RecordError> {
        Item::parse(header).map(|(item, _)| item)
    }

    /// The info dictionary, byte for byte.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// SHA-1 of the header.
    pub const fn infohash(&self) -> Infohash {
        self.infohash
    }

    /// SHA-256 of the signed bytes.
    pub const fn work(&self) -> WorkId {
        self.work
    }

    /// Both ids together, as an answer refers to it.
    pub const fn link(&self) -> Link {
        Link { infohash: self.infohash, work: self.work }
    }

    /// Who wrote it.
    pub const fn author(&self) -> PublicKey {
        self.item.author
    }

    /// The board it belongs to.
    pub const fn board(&self) -> BoardName {
        self.item.board
    }

    pub(crate) const fn board_ref(&self) -> &BoardName {
        &self.item.board
    }

    /// Post or comment.
    pub const fn kind(&self) -> &Kind {
        &self.item.kind
    }

    /// The title of a post.
    pub fn title(&self) -> Option<&str> {
        match &self.item.kind {
            Kind::Post { title } => Some(title.as_str()),
            Kind::Comment { .. } => None,
        }
    }

    /// The item that a comment answers.
    pub const fn parent(&self) -> Option<Link> {
        match self.item.kind {
            Kind::Post { .. } => None,
            Kind::Comment { parent, .. } => Some(parent),
        }
    }

    /// The post at the top of a comment's thread.
    pub const fn root(&self) -> Option<Link> {
        match self.item.kind {
            Kind::Post { .. } => None,
            Kind::Comment { root, .. } => Some(root),
        }
    }

    /// Unix seconds, as the author says.
    pub const fn time(&self) -> u64 {
        self.item.time
    }

    /// Bytes of the text.
    pub const fn length(&self) -> u32 {
        self.item.length
    }

    /// The work it commits to.
    pub const fn proof(&self) -> Proof {
        self.item.proof
    }

    /// Committed bits beyond what its size asks for.
    pub fn spare_bits(&self) -> u8 {
        self.item.proof.spare_bits(self.header.len(), self.title().is_some())
    }

    /// The file's name: slug, 32 hex digits, `.md`.
    pub fn file_name(&self) -> &str {
        std::str::from_utf8(&self.header[self.item.name.clone()]).unwrap_or_default()
    }

    /// Whether `bytes` are this item's text.
    pub fn check_text<'a>(&self, bytes: &'a [u8]) -> TextMatch<'a> {
        let length = bytes.len() == self.item.length as usize;
        let piece = Sha1::digest(bytes)[..] == self.item.piece;
        let sha256 = Sha256::digest(bytes)[..] == self.item.sha256;
        if length && piece && sha256 {
            match check_body(bytes) {
                Ok(text) => TextMatch::Good(text),
                Err(error) => TextMatch::Dead(error),
            }
        } else if piece || sha256 {
            TextMatch::Dead(TextError::Mismatch)
        } else {
            TextMatch::Wrong
        }
    }
}

impl Item {
    /// Reads and checks everything but the signature.
    pub(crate) fn parse(header: &[u8]) -> Result<(SignedItem, Claim), RecordError> {
        if header.len() > MAX_HEADER {
            let (what, bytes, max) = ("an item's header", header.len(), MAX_HEADER);
            return Err(diagnose(header, RecordError::TooLarge { what, bytes, max }));
        }
        let (item, uncovered, signature, name_hash) =
            Self::read(header).map_err(|error| diagnose(header, error))?;
        check_name(&header[item.name.clone()], &name_hash)?;
        let work = uncovered.id(TAG, header);
        let post = matches!(item.kind, Kind::Post { .. });
        check_work(item.proof, &work, header.len(), post)?;
        let message = uncovered.message(TAG, header);
        let claim = Claim { author: item.author, signature, second: None, message };
        let infohash = Infohash::from_bytes(Sha1::digest(header).into());
        Ok((SignedItem { header: header.into(), infohash, work, item }, claim))
    }

    /// The fields, where nonce and `sig` stand, the signature, and the hash that the name must show.
    #[allow(clippy::type_complexity)]
    fn read(header: &[u8]) -> Result<(Self, Uncovered, [u8; 64], [u8; 32]), RecordError> {
        let r = &mut Reader::new(header);
        let mut info = r.dict()?;
        info.required(r, "length")?;
        let length = r.int()?;
        let length = u32::try_from(length)
            .ok()
            .filter(|length| (1..=MAX_TEXT as u32).contains(length))
            .ok_or_else(|| value("length", format!("{length}, expected 1 to {MAX_TEXT}")))?;
        info.required(r, "name")?;
        let bytes = r.bytes()?;
        let name = r.position() - bytes.len()..r.position();
        info.required(r, "piece length")?;
        let piece_length = r.int()?;
        if piece_length != PIECE_LENGTH {
            return Err(value("piece length", format!("{piece_length}, expected {PIECE_LENGTH}")));
        }
        info.required(r, "pieces")?;
        let piece = read_array::<20>(r, "pieces")?;
        info.required(r, "upseed")?;

        let start = r.position();
        let mut keys = r.dict()?;
        keys.required(r, "author")?;
        let author = PublicKey::from_bytes(read_array::<32>(r, "author")?)?;
        keys.required(r, "board")?;
        let board = BoardName::from_bytes(r.bytes()?)?;
        keys.required(r, "kind")?;
        let is_post = match r.bytes()? {
            b"post" => true,
            b"comment" => false,
            _ => return Err(value("kind", format!("expected {}", KINDS.join(" or ")))),
        };
        let parent = if is_post { None } else { Some(read_link(&mut keys, r, "parent")?) };
        let proof_at = r.position();
        keys.required(r, "pow")?;
        let (proof, nonce_at) = read_proof(r)?;
        let proof_at = proof_at..r.position();
        let root = if is_post { None } else { Some(read_link(&mut keys, r, "root")?) };
        keys.required(r, "sha256")?;
        let sha256 = read_array::<32>(r, "sha256")?;
        let sig_at = r.position();
        keys.required(r, "sig")?;
        let signature = read_array::<64>(r, "sig")?;
        let sig_at = sig_at..r.position();
        keys.required(r, "time")?;
        let time = check_time(r.int()?)?;
        let kind = match (parent, root) {
            (Some(parent), Some(root)) => Kind::Comment { parent, root },
            _ => {
                keys.required(r, "title")?;
                Kind::Post { title: Title::from_bytes(r.bytes()?)? }
            }
        };
        keys.required(r, "v")?;
        let version = r.int()?;
        if version != 1 {
            return Err(value("v", format!("{version}, expected 1")));
        }
        keys.end(r)?;
        let upseed = &header[start..r.position()];
        info.end(r)?;
        r.finish()?;

        let name_hash = Sha256::new_with_prefix(NAME_TAG)
            .chain_update(&upseed[..proof_at.start - start])
            .chain_update(&upseed[proof_at.end - start..sig_at.start - start])
            .chain_update(&upseed[sig_at.end - start..])
            .finalize()
            .into();
        let item = Self { author, board, kind, time, length, piece, sha256, proof, name };
        Ok((item, Uncovered { nonce: nonce_at, sig: sig_at }, signature, name_hash))
    }
}

fn value(key: &'static str, why: String) -> RecordError {
    RecordError::Value { key, why }
}

fn read_link<'a>(
    keys: &mut bencode::Keys<'a>,
    reader: &mut Reader<'a>,
    key: &'static str,
) -> Result<Link, RecordError> {
    keys.required(reader, key)?;
    let bytes = reader.bytes()?;
    Link::from_slice(bytes).ok_or_else(|| value(key, format!("{} bytes, expected 52", bytes.len())))
}

fn check_name(name: &[u8], hash: &[u8; 32]) -> Result<(), RecordError> {
    match slug::file_name_digits(name) {
        Ok(digits) if digits == slug::digits(hash) => Ok(()),
        Ok(_) | Err(FileNameError::Suffix) => {
            Err(value("name", "it does not follow from the header (title or text changed?)".into()))
        }
        Err(error) => Err(value("name", error.to_string())),
    }
}

/// A clearer word for bytes that are not canonical at all, for an info dictionary that is no item's,
/// and for an item that a later version may understand, whatever else is wrong with it here.
fn diagnose(header: &[u8], error: RecordError) -> RecordError {
    if let Err(error) = bencode::scan(header) {
        return error.into();
    }
    let mut reader = Reader::new(header);
    let Ok(mut keys) = reader.dict() else { return error };
    let (mut files, mut private, mut upseed) = (false, false, false);
    while let Ok(Some(key)) = keys.next(&mut reader) {
        match key {
            b"files" => files = true,
            b"private" => private = true,
            b"upseed" => upseed = true,
            _ => {}
        }
        let Ok(value) = reader.skip() else { break };
        if key == b"upseed"
            && let Some(unsupported) = unsupported(value, &KINDS)
        {
            return unsupported;
        }
    }
    match (upseed, files, private) {
        (false, ..) => RecordError::Ordinary,
        (_, true, _) => RecordError::SeveralFiles,
        (_, _, true) => RecordError::Private,
        _ => error,
    }
}

/// An item to be written.
#[derive(Debug, Clone)]
pub struct ItemDraft<'a> {
    /// The writer.
    pub author: PublicKey,
    /// Where it goes.
    pub board: BoardName,
    /// Post or comment.
    pub kind: Kind,
    /// Unix seconds.
    pub time: u64,
    /// The text, checked by [`check_body`].
    pub text: &'a [u8],
}

impl ItemDraft<'_> {
    /// The header but for its nonce and signature. It commits to the bits that its size asks for,
    /// or to `min_bits` if that is more.
    pub fn puzzle(&self, min_bits: u8) -> Result<Puzzle, RecordError> {
        let text = check_body(self.text)?;
        check_time(self.time)?;
        let piece: [u8; 20] = Sha1::digest(self.text).into();
        let sha256: [u8; 32] = Sha256::digest(self.text).into();

        let mut before_proof = b"d".to_vec();
        put_field(&mut before_proof, "author", self.author.as_bytes());
        put_field(&mut before_proof, "board", self.board.as_str().as_bytes());
        let (name, links, title) = match &self.kind {
            Kind::Post { title } => ("post", None, Some(title.as_str())),
            Kind::Comment { parent, root } => ("comment", Some((parent, root)), None),
        };
        put_field(&mut before_proof, "kind", name.as_bytes());
        if let Some((parent, _)) = links {
            put_field(&mut before_proof, "parent", &parent.to_bytes());
        }
        let mut before_sig = Vec::new();
        if let Some((_, root)) = links {
            put_field(&mut before_sig, "root", &root.to_bytes());
        }
        put_field(&mut before_sig, "sha256", &sha256);
        let mut after_sig = Vec::new();
        put_int_field(&mut after_sig, "time", self.time);
        if let Some(title) = title {
            put_field(&mut after_sig, "title", title.as_bytes());
        }
        put_int_field(&mut after_sig, "v", 1);
        after_sig.push(b'e');

        let hash = Sha256::new_with_prefix(NAME_TAG)
            .chain_update(&before_proof)
            .chain_update(&before_sig)
            .chain_update(&after_sig)
            .finalize()
            .into();
        let slug = match title {
            Some(title) => slug::for_title(title),
            None => slug::for_comment(text),
        };
        let mut head = b"d".to_vec();
        put_int_field(&mut head, "length", self.text.len() as u64);
        put_field(&mut head, "name", &slug::file_name(&slug, &hash));
        put_int_field(&mut head, "piece length", PIECE_LENGTH);
        put_field(&mut head, "pieces", &piece);
        put_bytes(&mut head, b"upseed");
        head.extend_from_slice(&before_proof);

        let mut after = b"e".to_vec();
        let sig_at = after.len() + before_sig.len();
        after.extend_from_slice(&before_sig);
        after.extend_from_slice(&after_sig);
        after.push(b'e');

        Ok(finish_puzzle(TAG, head, after, sig_at, (title.is_some(), min_bits), SIGNATURE))
    }
}
