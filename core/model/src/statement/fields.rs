//! Reading statements, key by key.

use super::{
    content::{Label, LabelTarget, Slot, Statement},
    kind::StatementKind,
};
use crate::{
    bencode::{self, Keys, Reader},
    board::BoardName,
    id::WorkId,
    key::PublicKey,
    limits::{
        MAX_ABOUT, MAX_BOARDS, MAX_LABEL_REASON, MAX_LABEL_VALUE, MAX_LABELS, MAX_NAME,
        MAX_PROFILE_BOARDS, MAX_RETRACTED, MAX_TARGETS,
    },
    pow::Proof,
    signed::{RecordError, Uncovered, check_time, read_array, read_proof},
    text::{ListName, check_line},
};

/// One pass over the keys of a statement; which of the optional ones must be there is decided by
/// `kind` afterwards.
pub(super) struct Fields<'a> {
    pub author: PublicKey,
    pub boards: Vec<BoardName>,
    pub time: u64,
    pub proof: Proof,
    pub signature: [u8; 64],
    /// By another key.
    pub second: Option<[u8; 64]>,
    pub uncovered: Uncovered,
    kind: &'a [u8],
    about: Option<&'a [u8]>,
    active: Option<Vec<BoardName>>,
    device: Option<[u8; 4]>,
    labels: Option<Vec<Label>>,
    name: Option<&'a [u8]>,
    next: Option<[u8; 32]>,
    slot: Option<u64>,
    targets: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let r = &mut Reader::new(bytes);
        let keys = &mut r.dict()?;
        // "about" and "active" sort before "author"; a profile that has them would not begin with
        // "author", so they are called "text" and "where" on the wire.
        keys.required(r, "author")?;
        let author = PublicKey::from_bytes(read_array::<32>(r, "author")?)?;
        keys.required(r, "boards")?;
        let boards = read_boards(r, "boards", 1, MAX_BOARDS)?;
        let device = optional(keys, r, "device", |r| read_array::<4>(r, "device"))?;
        keys.required(r, "kind")?;
        let kind = r.bytes()?;
        let labels = optional(keys, r, "labels", read_labels)?;
        let name = optional(keys, r, "name", |r| Ok(r.bytes()?))?;
        let next = optional(keys, r, "next", |r| read_array::<32>(r, "next"))?;
        keys.required(r, "pow")?;
        let (proof, nonce_at) = read_proof(r)?;
        let sig_at = r.position();
        keys.required(r, "sig")?;
        let signature = read_array::<64>(r, "sig")?;
        let second = optional(keys, r, "sig2", |r| read_array::<64>(r, "sig2"))?;
        let uncovered = Uncovered { nonce: nonce_at, sig: sig_at..r.position() };
        let slot = optional(keys, r, "slot", |r| Ok(r.int()?))?;
        let targets = optional(keys, r, "targets", |r| Ok(r.bytes()?))?;
        let about = optional(keys, r, "text", |r| Ok(r.bytes()?))?;
        keys.required(r, "time")?;
        let time = check_time(r.int()?)?;
        keys.required(r, "v")?;
        if r.int()? != 1 {
            return Err(wrong("v", "expected 1"));
        }
        let active =
            optional(keys, r, "where", |r| read_boards(r, "where", 0, MAX_PROFILE_BOARDS))?;
        keys.end(r)?;
        r.finish()?;
        Ok(Self {
            author,
            boards,
            time,
            proof,
            signature,
            second,
            uncovered,
            kind,
            about,
            active,
            device,
            labels,
            name,
            next,
            slot,
            targets,
        })
    }

    pub fn content(&self) -> Result<Statement, RecordError> {
        let present = [
            ("device", self.device.is_some()),
            ("labels", self.labels.is_some()),
            ("name", self.name.is_some()),
            ("slot", self.slot.is_some()),
            ("targets", self.targets.is_some()),
            ("text", self.about.is_some()),
            ("where", self.active.is_some()),
            ("next", self.next.is_some()),
            ("sig2", self.second.is_some()),
        ];
        let exactly = |wanted: &[&'static str], free: &str| {
            for (key, present) in present {
                match (wanted.contains(&key), present) {
                    (true, false) => return Err(bencode::Error::Missing { key }),
                    (false, true) if key != free => {
                        return Err(bencode::Error::Unknown { key: key.into() });
                    }
                    _ => {}
                }
            }
            Ok(())
        };
        let kind = StatementKind::from_wire(self.kind);
        Ok(match kind.ok_or_else(|| wrong("kind", "it is no kind of statement"))? {
            StatementKind::Ballot => {
                exactly(&["device", "slot", "targets"], "")?;
                if self.boards.len() != 1 {
                    return Err(wrong("boards", "a ballot names exactly one board"));
                }
                Statement::Ballot {
                    slot: self.list_slot()?,
                    targets: self.work_ids(0, MAX_TARGETS)?,
                }
            }
            StatementKind::Follows => {
                exactly(&["device", "slot", "targets"], "name")?;
                let name = self.name.map(ListName::from_bytes).transpose()?;
                let targets = self.targets(0, MAX_TARGETS)?.into_iter().map(PublicKey::from_bytes);
                let targets = targets.collect::<Result<_, _>>()?;
                Statement::Follows { slot: self.list_slot()?, name, targets }
            }
            StatementKind::Labels => {
                exactly(&["device", "labels", "slot"], "")?;
                let labels = self.labels.clone().unwrap_or_default();
                Statement::Labels { slot: self.list_slot()?, labels }
            }
            StatementKind::Profile => {
                exactly(&["name", "text", "where"], "next")?;
                let name = check_line("name", self.name.unwrap_or_default(), MAX_NAME)?.into();
                let about = check_line("about text", self.about.unwrap_or_default(), MAX_ABOUT)?;
                let active = self.active.clone().unwrap_or_default();
                Statement::Profile { name, about: about.into(), active, next: self.next }
            }
            StatementKind::Retraction => {
                exactly(&["targets"], "")?;
                Statement::Retraction { targets: self.work_ids(1, MAX_RETRACTED)? }
            }
            StatementKind::Succession => {
                let next = self.next.map(PublicKey::from_bytes).transpose()?;
                exactly(if next.is_some() { &["next", "sig2"] } else { &[] }, "")?;
                if next == Some(self.author) {
                    return Err(wrong("next", "a key cannot succeed itself"));
                }
                Statement::Succession { next }
            }
        })
    }

    fn list_slot(&self) -> Result<Slot, RecordError> {
        let number = self.slot.unwrap_or_default();
        let number = u8::try_from(number).map_err(|_| wrong("slot", "expected 0 to 255"))?;
        Ok(Slot { device: self.device.unwrap_or_default(), number })
    }

    fn targets(&self, min: usize, max: usize) -> Result<Vec<[u8; 32]>, RecordError> {
        let (targets, rest) = self.targets.unwrap_or_default().as_chunks::<32>();
        if !rest.is_empty() || !(min..=max).contains(&targets.len()) {
            return Err(wrong(
                "targets",
                "expected a whole number of 32-byte ids, within the limit",
            ));
        }
        if !targets.is_sorted_by(|a, b| a < b) {
            return Err(wrong("targets", "not strictly ascending"));
        }
        Ok(targets.to_vec())
    }

    fn work_ids(&self, min: usize, max: usize) -> Result<Vec<WorkId>, RecordError> {
        Ok(self.targets(min, max)?.into_iter().map(WorkId::from_bytes).collect())
    }
}

fn wrong(key: &'static str, why: &str) -> RecordError {
    RecordError::Value { key, why: why.into() }
}

fn optional<'a, T>(
    keys: &mut Keys<'a>,
    reader: &mut Reader<'a>,
    key: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, RecordError>,
) -> Result<Option<T>, RecordError> {
    if keys.optional(reader, key)? { read(reader).map(Some) } else { Ok(None) }
}

fn read_boards(
    reader: &mut Reader<'_>,
    key: &'static str,
    min: usize,
    max: usize,
) -> Result<Vec<BoardName>, RecordError> {
    reader.list()?;
    let mut boards = Vec::new();
    while !reader.at_end() {
        if boards.len() == max {
            return Err(RecordError::Value { key, why: format!("more than {max} boards") });
        }
        let board = BoardName::from_bytes(reader.bytes()?)?;
        if boards.last().is_some_and(|last| *last >= board) {
            return Err(wrong(key, "not strictly ascending"));
        }
        boards.push(board);
    }
    if boards.len() < min {
        return Err(RecordError::Value { key, why: format!("fewer than {min} boards") });
    }
    Ok(boards)
}

/// Each label is a list: `i` or `k`, the 32 bytes of an item's work id or a key, value, reason.
fn read_labels(reader: &mut Reader<'_>) -> Result<Vec<Label>, RecordError> {
    reader.list()?;
    let mut labels: Vec<Label> = Vec::new();
    while !reader.at_end() {
        if labels.len() == MAX_LABELS {
            return Err(wrong("labels", "more than 64 labels"));
        }
        reader.list()?;
        let what = reader.bytes()?;
        let id = read_array::<32>(reader, "labels")?;
        let target = match what {
            b"i" => LabelTarget::Item(WorkId::from_bytes(id)),
            b"k" => LabelTarget::Key(PublicKey::from_bytes(id)?),
            _ => return Err(wrong("labels", "a target is \"i\" (item) or \"k\" (key)")),
        };
        let value: String = check_line("label", reader.bytes()?, MAX_LABEL_VALUE)?.into();
        if value.is_empty() {
            return Err(wrong("labels", "an empty value"));
        }
        let reason = check_line("reason", reader.bytes()?, MAX_LABEL_REASON)?.into();
        reader.end()?;
        let order = |label: &Label| (label.target, label.value.clone());
        let label = Label { target, value, reason };
        if labels.last().is_some_and(|last| order(last) >= order(&label)) {
            return Err(wrong("labels", "not strictly ascending by target and value"));
        }
        labels.push(label);
    }
    Ok(labels)
}
