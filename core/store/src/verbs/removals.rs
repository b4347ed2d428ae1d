//! What was removed in my client: held, asked about, and undone.

use std::collections::HashMap;

use upseed_model::{ClientKind, HostingState, HostingTask, WorkId};
use upseed_tables::{
    hosting::removals::{Removal, UNDO, in_question, is_over},
    values::{
        error::StoreError,
        number::{int, uint},
    },
    work::hosting,
};

use crate::connection::Store;

/// An item that was removed in my client within the last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovedRow {
    /// The item.
    pub work: WorkId,
    /// When it was removed, in unix seconds.
    pub at: u64,
    /// Whether that took a vote back; else it was hosted because I wrote it.
    pub voted: bool,
}

impl Store {
    /// What was removed in the client, is held, and must be asked about: it went with too many others.
    pub fn removals_in_question(&self) -> Result<Vec<(ClientKind, Vec<WorkId>)>, StoreError> {
        self.read(|db| {
            let states = [HostingState::Removed];
            if hosting::all(db, &states)?.is_empty() {
                return Ok(Vec::new());
            }
            let states = [
                HostingState::Removed,
                HostingState::Missing,
                HostingState::Handed,
                HostingState::Hosting,
            ];
            let mut clients: HashMap<ClientKind, (Vec<Removal<WorkId>>, usize)> = HashMap::new();
            for row in hosting::all(db, &states)? {
                let HostingTask { state, client: Some(client), next_try: until, .. } = row.task
                else {
                    continue;
                };
                let (removals, left) = clients.entry(client).or_default();
                let is_asked = state == HostingState::Missing;
                match state {
                    HostingState::Removed | HostingState::Missing => {
                        removals.push(Removal { what: row.work, until, is_asked });
                    }
                    _ => *left += 1,
                }
            }
            let asked = clients
                .into_iter()
                .map(|(client, (removals, left))| (client, in_question(removals, left)));
            Ok(asked.filter(|(_, works)| !works.is_empty()).collect())
        })
    }

    /// What was removed in the client and is held no longer: nothing that goes now belongs to it.
    pub fn due_removals(&self, now: u64) -> Result<Vec<WorkId>, StoreError> {
        let held = self.hosting_tasks(&[HostingState::Removed])?;
        Ok(held.iter().filter(|row| is_over(row.task.next_try, now)).map(|row| row.work).collect())
    }

    /// What was removed in the client and can be undone, the newest first.
    pub fn undoable_removals(&self, now: u64) -> Result<Vec<RemovedRow>, StoreError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT i.work, r.at, r.voted FROM removed r JOIN items i ON i.id = r.item
                 WHERE r.at > ?1 OR EXISTS (SELECT 1 FROM wishes w WHERE w.item = r.item AND w.state = 9)
                 ORDER BY r.at DESC, r.item DESC",
            )?;
            let mut rows = select.query([int(now.saturating_sub(UNDO))])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(RemovedRow {
                    work: WorkId::from_bytes(row.get(0)?),
                    at: uint(row.get(1)?),
                    voted: row.get(2)?,
                });
            }
            Ok(found)
        })
    }
}
