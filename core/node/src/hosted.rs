//! What is hosted for the user, and where. These calls wait for the disk: run them in
//! [`Node::blocking`].

use upseed_client::ClientKind;
use upseed_model::HostingState;
use upseed_store::{ItemRow, PackRow, PackState, TaskRow};

use crate::{Node, NodeError};

/// Where something that the user wants hosted is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostedBy {
    /// In the client that its user runs.
    Client,
    /// In the node's own engine.
    Engine,
    /// Nowhere yet.
    Nobody,
    /// The client had it and has it no more; the user is asked.
    Lost,
    /// Nobody, although the vote stays: its author is muted, or retracted it.
    Stopped,
}

/// What is hosted for the user.
#[derive(Debug, Clone)]
pub struct Hosted {
    /// Items that are seeded.
    pub items: u32,
    /// Those of them that the node's own engine seeds.
    pub in_engine: u32,
    /// Items on their way.
    pub waiting: u32,
    /// Items that the client has lost.
    pub lost: u32,
    /// Items that are voted for and not hosted: muted, or retracted.
    pub stopped: u32,
    /// Bytes of their texts.
    pub bytes: u64,
    /// The newest of them.
    pub newest: Vec<(ItemRow, HostedBy)>,
}

impl Node {
    /// Whether its user runs a client of their own.
    pub fn has_client(&self) -> bool {
        self.inner.external.is_some()
    }

    /// What is hosted for the user; at most `newest` items are named.
    pub fn hosted(&self, newest: usize) -> Result<Hosted, NodeError> {
        let store = &self.inner.store;
        let mut rows = store.hosting_tasks(&[])?;
        rows.retain(|row| row.task.state.is_told());
        let by = |state, client| match state {
            HostingState::Hosting if client == Some(ClientKind::Embedded) => HostedBy::Engine,
            HostingState::Hosting | HostingState::Packed => HostedBy::Client,
            HostingState::Missing => HostedBy::Lost,
            HostingState::Stopping | HostingState::Stopped => HostedBy::Stopped,
            _ => HostedBy::Nobody,
        };
        let count = |which: &[HostedBy]| {
            let hosted = |row: &&TaskRow| which.contains(&by(row.task.state, row.task.client));
            rows.iter().filter(hosted).count() as u32
        };
        let mut named = Vec::new();
        for row in rows.iter().take(newest) {
            if let Some(item) = store.item_by_work(&row.work)? {
                named.push((item, by(row.task.state, row.task.client)));
            }
        }
        let counts = store.counts()?;
        let packs = store.packs()?;
        let in_packs = |is: fn(PackState) -> bool| -> u32 {
            packs.iter().filter(|pack| is(pack.state)).map(PackRow::live).sum()
        };
        let missing = in_packs(|state| state == PackState::Missing);
        // While one pack takes the place of another, their items are in both.
        let packed = store.packed_count()?.saturating_sub(u64::from(missing));
        let packed = u32::try_from(packed).unwrap_or(u32::MAX);
        Ok(Hosted {
            items: count(&[HostedBy::Client, HostedBy::Engine]) + packed,
            in_engine: count(&[HostedBy::Engine]) + if self.has_client() { 0 } else { packed },
            waiting: count(&[HostedBy::Nobody]),
            lost: count(&[HostedBy::Lost]) + missing,
            stopped: count(&[HostedBy::Stopped]),
            bytes: counts.texts_bytes.saturating_sub(counts.cache_bytes),
            newest: named,
        })
    }
}
