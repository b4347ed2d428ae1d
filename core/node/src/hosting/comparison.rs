//! What a client has, against what it should have.

use std::collections::{HashMap, HashSet};

use upseed_client::ClientKind;
use upseed_model::{HostingState, Infohash, WorkId};
use upseed_store::{TaskRow, hosting::removals::is_mass};

/// What differs, after a pause in which nobody watched.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// What should be there and is, and whether it is complete.
    pub there: Vec<(Infohash, bool)>,
    /// What its user removed, as far as one can tell.
    pub removed: Vec<WorkId>,
    /// What the client has lost, with what was removed just before if that is more than its user takes out.
    pub lost: Vec<WorkId>,
    /// What was there without a vote, and is gone.
    pub unvoted_gone: Vec<WorkId>,
    /// What is there and nobody here asked for.
    pub strange: HashSet<Infohash>,
}

impl Comparison {
    /// Of what this client has (and whether it is complete) with the tasks, and with what was there
    /// without a vote.
    pub fn of(
        kind: ClientKind,
        hosted: &HashMap<Infohash, bool>,
        tasks: &[TaskRow],
        unvoted: &[(WorkId, Infohash)],
    ) -> Self {
        let mut found = Self { strange: hosted.keys().copied().collect(), ..Self::default() };
        let (mut gone, mut held) = (Vec::new(), Vec::new());
        for TaskRow { work, infohash, task } in tasks {
            let is_of_client = task.client == Some(kind);
            if task.state == HostingState::Removed {
                // If it is back, somebody put it there.
                if is_of_client && !hosted.contains_key(infohash) {
                    held.push(*work);
                }
                continue;
            }
            found.strange.remove(infohash);
            match (hosted.get(infohash), task.state) {
                (_, state) if !state.is_to_host() => {}
                (None, HostingState::Missing) => {}
                (Some(complete), state) if is_of_client || state == HostingState::Missing => {
                    found.there.push((*infohash, *complete));
                }
                (None, _) if is_of_client && task.seeded => gone.push(*work),
                (None, _) if is_of_client => found.lost.push(*work),
                _ => {}
            }
        }
        for (work, infohash) in unvoted {
            if !found.strange.remove(infohash) {
                found.unvoted_gone.push(*work);
            }
        }
        let (there, missing) = (found.there.len(), gone.len() + held.len());
        if gone.is_empty() || were_removed_by_hand(there, missing) {
            found.removed = gone;
        } else {
            found.lost.extend(gone.into_iter().chain(held));
        }
        found
    }
}

/// Whether what is missing after a pause was removed by the user, one by one: others are still
/// there, and few are gone. Else the client was reset or replaced.
fn were_removed_by_hand(there: usize, missing: usize) -> bool {
    there > 0 && !is_mass(missing, there + missing)
}

#[cfg(test)]
mod tests {
    use upseed_model::HostingTask;

    use super::*;

    const CLIENT: ClientKind = ClientKind::Transmission;

    fn work(n: u8) -> WorkId {
        WorkId::from_bytes([n; 32])
    }

    fn id(n: u8) -> Infohash {
        Infohash::from_bytes([n; 20])
    }

    fn row(n: u8, state: HostingState, client: ClientKind, seeded: bool) -> TaskRow {
        let task = HostingTask {
            state,
            client: Some(client),
            seeded,
            at: 0,
            error: None,
            attempts: 0,
            next_try: 0,
        };
        TaskRow { work: work(n), infohash: id(n), task }
    }

    #[test]
    fn a_few_missing_were_removed_and_many_were_lost() {
        for (there, missing, by_hand) in [
            (1, 1, true),
            (1, 3, true),
            (1, 4, false),
            (0, 1, false),
            (90, 10, true),
            (89, 11, false),
            (500, 50, true),
        ] {
            assert_eq!(were_removed_by_hand(there, missing), by_hand, "{there} {missing}");
        }
    }

    #[test]
    fn each_is_there_or_removed_or_lost_or_strange() {
        let tasks = [
            row(1, HostingState::Hosting, CLIENT, true),
            row(2, HostingState::Handed, CLIENT, false),
            row(3, HostingState::Hosting, CLIENT, true),
            row(4, HostingState::Handed, CLIENT, false),
            row(5, HostingState::Leaving, CLIENT, true),
            row(6, HostingState::Missing, CLIENT, true),
            row(7, HostingState::Hosting, ClientKind::Embedded, true),
        ];
        let hosted = [1, 2, 5, 7, 8, 9].map(|n| (id(n), n == 1));
        let unvoted = [(work(8), id(8)), (work(10), id(10))];
        let found = Comparison::of(CLIENT, &HashMap::from(hosted), &tasks, &unvoted);
        let expected = Comparison {
            there: vec![(id(1), true), (id(2), false)],
            removed: vec![work(3)],
            lost: vec![work(4)],
            unvoted_gone: vec![work(10)],
            strange: HashSet::from([id(9)]),
        };
        assert_eq!(found, expected);
        // An empty client was reset.
        let found = Comparison::of(CLIENT, &HashMap::new(), &tasks, &unvoted);
        assert_eq!((found.removed.len(), found.lost.len()), (0, 4));
    }

    #[test]
    fn what_was_removed_just_before_is_lost_with_the_others() {
        let held = |n| row(n, HostingState::Removed, CLIENT, true);
        let hosting = |n| row(n, HostingState::Hosting, CLIENT, true);
        let tasks = [held(1), held(2), held(3), hosting(4), hosting(5), hosting(6)];
        let found = |there: &[u8]| {
            let hosted = there.iter().map(|n| (id(*n), true)).collect();
            Comparison::of(CLIENT, &hosted, &tasks, &[])
        };
        // Ten minutes decide about what is held alone.
        assert_eq!((found(&[4, 5, 6]).removed, found(&[4, 5, 6]).lost), (vec![], vec![]));
        assert_eq!(found(&[5, 6]).lost, [4, 1, 2, 3].map(work));
        let back = found(&[1, 5, 6]);
        assert_eq!((back.removed, back.strange), (vec![work(4)], HashSet::from([id(1)])));
    }

    #[test]
    fn what_is_missing_is_there_when_it_was_put_back() {
        let tasks = [row(6, HostingState::Missing, CLIENT, true)];
        let found = Comparison::of(CLIENT, &HashMap::from([(id(6), false)]), &tasks, &[]);
        assert_eq!(found.there, [(id(6), false)]);
    }
}
