//! One day's set, compared with another's by negentropy (range-based set reconciliation).

use negentropy::{Id, Item, Negentropy, NegentropyStorageVector};

use super::fault::Fault;
use crate::{WorkId, limits::MAX_RECONCILE};

/// A day's set for comparing, on either side. What is said about it leaves nothing behind in it.
pub(super) struct Day {
    storage: NegentropyStorageVector,
    len: usize,
}

/// What the dialling side learns from an answer.
#[derive(Default)]
pub(super) struct Difference {
    /// Here and not there.
    pub ours: Vec<WorkId>,
    /// There and not here.
    pub theirs: Vec<WorkId>,
    /// The next question; `None` when the day is done.
    pub next: Option<Vec<u8>>,
}

impl Day {
    pub fn new(members: &[(u64, WorkId)]) -> Result<Self, Fault> {
        let mut storage = NegentropyStorageVector::with_capacity(members.len());
        let failed = |_| Fault::Malformed("negentropy refused the set");
        for (time, work) in members {
            storage.insert(*time, Id::from_byte_array(*work.as_bytes())).map_err(failed)?;
        }
        storage.seal().map_err(failed)?;
        Ok(Self { storage, len: members.len() })
    }

    /// Records in the set.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// What it takes in memory.
    pub const fn bytes(&self) -> usize {
        size_of::<Self>() + self.len * size_of::<Item>()
    }

    /// The first question.
    pub fn ask(&self) -> Result<Vec<u8>, Fault> {
        self.negentropy()?.initiate().map_err(|_| Fault::Malformed("negentropy"))
    }

    /// The answering side.
    pub fn answer(&self, question: &[u8]) -> Result<Vec<u8>, Fault> {
        self.negentropy()?.reconcile(question).map_err(|_| Fault::Malformed("negentropy question"))
    }

    /// The asking side.
    pub fn learn(&self, answer: &[u8]) -> Result<Difference, Fault> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut negentropy = self.negentropy()?;
        negentropy.set_initiator();
        let next = negentropy
            .reconcile_with_ids(answer, &mut ours, &mut theirs)
            .map_err(|_| Fault::Malformed("negentropy answer"))?;
        // Sorted, because negentropy takes them out of a hash set: the same two sets should give the
        // same conversation, in simulations and test vectors.
        let ids = |ids: Vec<Id>| {
            let mut ids: Vec<_> =
                ids.into_iter().map(|id| WorkId::from_bytes(id.to_bytes())).collect();
            ids.sort_unstable();
            ids
        };
        Ok(Difference { ours: ids(ours), theirs: ids(theirs), next })
    }

    /// It remembers nothing from one message to the next.
    fn negentropy(&self) -> Result<Negentropy<'_, NegentropyStorageVector>, Fault> {
        let failed = |_| Fault::Malformed("negentropy refused the set");
        Negentropy::borrowed(&self.storage, MAX_RECONCILE).map_err(failed)
    }
}
