//! Bundles: everything known of a board as a file, and what such a file adds. These calls wait for the disk and the
//! processor: run them in [`Node::blocking`].

use upseed_model::{BoardName, Record, WorkId, item::TextMatch, limits::MAX_AHEAD, sync::day_of};
use upseed_pack::bundle::{Chunk, ChunkWriter};
use upseed_store::Outcome;

use crate::{Node, NodeError, NodeEvent, clock::now, rooms::Command};

/// Bytes, unpacked, after which a part of a bundle ends: what is held in memory for one request.
const PART: usize = 8 << 20;

/// Records that are read from the store at once.
const STEP: usize = 256;

/// Where in a bundle its next part begins. Days come newest first, and the records of a day in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BundleAt {
    /// The day.
    pub day: u64,
    /// Records of that day that stand in parts before.
    pub skip: u64,
}

/// What a chunk of a bundle came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Records that were not here.
    pub new: u64,
    /// Records that were, or that newer ones have replaced.
    pub known: u64,
    /// Records that are not taken: too old, of another board, of a later version, or their day is full.
    pub refused: u64,
    /// Records from the future: they are looked at again at their time.
    pub early: u64,
    /// Records that are not valid, and texts of other items.
    pub invalid: u64,
    /// Texts that belong to items that are here now.
    pub texts: u64,
}

impl Node {
    /// A part of the bundle of a board: chunks of the days from `since` on, and where the next part begins. All that is
    /// known is in it, whoever wrote it or upvoted it, so that a bundle does not tell what its maker upvoted.
    pub fn bundle(
        &self,
        board: BoardName,
        since: u64,
        from: Option<BundleAt>,
    ) -> Result<(Vec<u8>, Option<BundleAt>), NodeError> {
        let store = &self.inner.store;
        let last = from.map_or(day_of(now() + MAX_AHEAD), |from| from.day);
        let days =
            if since > last { Vec::new() } else { store.digests(&board, since..=last, 0)? };
        let (mut out, mut writer) = (Vec::new(), ChunkWriter::new(board));
        let fault = |error| NodeError::Fault(format!("a bundle was not written: {error}"));
        for day in days.into_iter().rev().map(|digest| digest.day) {
            let works: Vec<WorkId> =
                store.day(&board, day, 0)?.into_iter().map(|(_, work)| work).collect();
            let from = from.filter(|from| from.day == day).map_or(0, |from| from.skip);
            let mut skip = usize::try_from(from).unwrap_or(usize::MAX).min(works.len());
            for step in works[skip..].chunks(STEP) {
                if writer.total >= PART {
                    writer.finish(&mut out).map_err(fault)?;
                    return Ok((out, Some(BundleAt { day, skip: skip as u64 })));
                }
                for (record, text) in store.with_texts(step)? {
                    writer.add(record, text, &mut out).map_err(fault)?;
                }
                skip += step.len();
            }
        }
        writer.finish(&mut out).map_err(fault)?;
        Ok((out, None))
    }

    /// Takes in a chunk of a bundle that the user chose to import. Each record is checked as one from a peer is; one that
    /// is wrong does not keep the others out. Whom to blame is not known: the maker of a bundle is no peer.
    pub fn import_chunk(&self, packed: &[u8]) -> Result<Imported, NodeError> {
        let chunk = Chunk::from_bytes(packed);
        let chunk = chunk.map_err(|error| NodeError::Input(format!("a part of it: {error}")))?;
        let (now, mut done) = (now(), Imported::default());
        let (bytes, texts): (Vec<_>, Vec<_>) = chunk.records.into_iter().unzip();
        let (mut records, mut given, mut early) = (Vec::new(), Vec::new(), Vec::new());
        for ((result, bytes), text) in Record::from_many(&bytes).into_iter().zip(&bytes).zip(&texts)
        {
            let record = match result {
                Ok(record) => record,
                Err(error) if error.is_unsupported() => {
                    done.refused += 1;
                    continue;
                }
                Err(_) => {
                    done.invalid += 1;
                    continue;
                }
            };
            if !record.boards().contains(&chunk.board) {
                done.refused += 1;
                continue;
            }
            if record.time() > now + MAX_AHEAD {
                early.push((&bytes[..], record.time()));
                continue;
            }
            if let (Record::Item(item), Some(text)) = (&record, text) {
                match item.check_text(text) {
                    TextMatch::Good(_) => given.push((record.work(), &text[..])),
                    TextMatch::Wrong | TextMatch::Dead(_) => done.invalid += 1,
                }
            }
            records.push(record);
        }
        done.early = early.len() as u64;
        done.texts = given.len() as u64;
        self.inner.store.put_later(&early)?;
        let outcomes = self.inner.store.ingest_chosen(&records, &given, now)?;
        let mut fresh = Vec::new();
        for (record, outcome) in records.into_iter().zip(outcomes) {
            match outcome {
                Outcome::New => fresh.push(record),
                Outcome::Known | Outcome::Superseded { .. } => done.known += 1,
                Outcome::TooOld | Outcome::Full => done.refused += 1,
            }
        }
        done.new = fresh.len() as u64;
        for record in &fresh {
            if let Record::Item(item) = record {
                let root = item.root().map(|root| root.infohash);
                self.emit(NodeEvent::Item { id: item.infohash(), board: item.board(), root });
            }
        }
        self.inner.rooms.send(Command::Fresh(fresh));
        Ok(done)
    }
}
