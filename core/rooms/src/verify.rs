//! Records from a peer are verified together, and sorted by what is to be done with them.

use sha2::{Digest as _, Sha256};
use upseed_model::{BoardName, Record, RecordError, WorkId, limits::MAX_AHEAD};
use upseed_store::Refusal;

use crate::{
    store::{RoomStore, log_failure},
    unsupported::Unsupported,
};

/// What a peer's records are.
#[derive(Default)]
pub(crate) struct Verified {
    /// To be kept now.
    pub good: Vec<Record>,
    /// Valid, and not to be kept now: of another board, or from the future.
    pub elsewhere: Vec<WorkId>,
    /// What no honest peer sends.
    pub lie: Option<RecordError>,
}

/// Verifies records that came for a board. Those from the future are kept for later; what can never be
/// kept is kept in mind, so that it is not verified again.
pub(crate) fn verify(
    list: Vec<Vec<u8>>,
    board: &BoardName,
    unsupported: &mut Unsupported,
    store: &dyn RoomStore,
    now: u64,
) -> Verified {
    let hashes: Vec<[u8; 32]> = list.iter().map(|bytes| Sha256::digest(bytes).into()).collect();
    let refused = log_failure("looking refusals up", store.are_refused(&hashes, now));
    let mut refused = refused.unwrap_or_else(|| vec![false; list.len()]);
    for (hash, no) in hashes.iter().zip(&mut refused) {
        *no |= unsupported.contains(hash);
    }
    let (hashes, list): (Vec<_>, Vec<_>) =
        hashes.into_iter().zip(list).zip(refused).filter(|(_, no)| !no).map(|(it, _)| it).unzip();
    let (mut verified, mut early, mut refusals) = (Verified::default(), Vec::new(), Vec::new());
    for ((bytes, hash), result) in list.iter().zip(hashes).zip(Record::from_many(&list)) {
        match result {
            Ok(record) if record.time() > now + MAX_AHEAD => {
                early.push((bytes.as_slice(), record.time()));
                verified.elsewhere.push(record.work());
            }
            // A record of another board is no lie, only out of place.
            Ok(record) if record.boards().contains(board) => verified.good.push(record),
            Ok(record) => verified.elsewhere.push(record.work()),
            Err(error) if error.is_unsupported() => unsupported.insert(hash),
            Err(error) => {
                refusals.push(Refusal { hash, work: None, until: None });
                verified.lie = Some(error);
            }
        }
    }
    log_failure("keeping records for later", store.put_later(&early));
    log_failure("remembering refusals", store.remember_refused(&refusals));
    verified
}
