//! Which items live in the user's client, and which of them move.

use upseed_client::ClientKind;
use upseed_model::{HostingState, WorkId};
use upseed_store::TaskRow;

/// The tasks, by where they live.
pub(super) struct Split {
    /// In the user's client, the newest first.
    pub client: Vec<TaskRow>,
    /// In this node's own engine.
    pub engine: Vec<TaskRow>,
}

impl Split {
    /// The first `budget` of these, which begin with the newest, live in the client.
    pub fn of(mut tasks: Vec<TaskRow>, budget: usize) -> Self {
        // What is missing waits for the user's word and is in no client.
        tasks.retain(|row| row.task.state.is_to_host() && row.task.state != HostingState::Missing);
        let engine = tasks.split_off(budget.min(tasks.len()));
        Self { client: tasks, engine }
    }

    /// What lives in the client and is hosted by somebody else.
    pub fn inwards(&self, kind: ClientKind) -> Vec<WorkId> {
        let settled = self.client.iter().filter(|row| is_settled(row));
        settled.filter(|row| row.task.client != Some(kind)).map(|row| row.work).collect()
    }

    /// What lives in the engine and is hosted by the client.
    pub fn outwards(self, kind: ClientKind) -> Vec<TaskRow> {
        let of_client = |row: &TaskRow| is_settled(row) && row.task.client == Some(kind);
        self.engine.into_iter().filter(of_client).collect()
    }
}

fn is_settled(row: &TaskRow) -> bool {
    matches!(row.task.state, HostingState::Hosting | HostingState::Handed)
}

#[cfg(test)]
mod tests {
    use upseed_model::{HostingTask, Infohash};

    use super::*;

    const CLIENT: ClientKind = ClientKind::Deluge;

    fn row(n: u8, state: HostingState, client: Option<ClientKind>) -> TaskRow {
        let task = HostingTask {
            state,
            client,
            seeded: false,
            at: u64::from(n),
            error: None,
            attempts: 0,
            next_try: 0,
        };
        TaskRow { work: WorkId::from_bytes([n; 32]), infohash: Infohash::from_bytes([n; 20]), task }
    }

    #[test]
    fn the_newest_live_in_the_client_and_only_what_is_settled_moves() {
        let tasks = || {
            vec![
                row(9, HostingState::Leaving, Some(CLIENT)),
                row(8, HostingState::Hosting, Some(ClientKind::Embedded)),
                row(7, HostingState::Missing, Some(CLIENT)),
                row(6, HostingState::Wanted, None),
                row(5, HostingState::Hosting, Some(CLIENT)),
                row(4, HostingState::Handed, Some(CLIENT)),
                row(3, HostingState::Failed, Some(CLIENT)),
                row(2, HostingState::Hosting, Some(ClientKind::Embedded)),
            ]
        };
        let split = Split::of(tasks(), 3);
        assert_eq!(split.client.iter().map(|row| row.task.at).collect::<Vec<_>>(), [8, 6, 5]);
        assert_eq!(split.inwards(CLIENT), [WorkId::from_bytes([8; 32])]);
        let outwards: Vec<_> = split.outwards(CLIENT).iter().map(|row| row.task.at).collect();
        assert_eq!(outwards, [4]);
        assert_eq!(Split::of(tasks(), 100).engine, []);
    }
}
