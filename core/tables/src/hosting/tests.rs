//! Every pair of the table, and what a state does not say.
#![allow(clippy::unwrap_used)]

use super::*;
use upseed_model::HostingState;

const NOW: u64 = 1_800_000_000;

/// The user's client, of which something is said.
const CLIENT: ClientKind = ClientKind::Qbittorrent;

const ENGINE: ClientKind = ClientKind::Embedded;

fn task(state: HostingState, client: Option<ClientKind>, seeded: bool) -> HostingTask {
    HostingTask { state, client, seeded, ..HostingTask::new(NOW - 100) }
}

fn happened(name: &str) -> Happened {
    match name {
        "voted" => Happened::Voted { since: NOW - 9 },
        "vote-taken-back" => Happened::VoteTakenBack,
        "withdrawn" => Happened::Withdrawn,
        "text-missing" => Happened::TextMissing,
        "handing" => Happened::Handing(CLIENT),
        "client-took" => Happened::Took(CLIENT),
        "engine-took" => Happened::Took(ENGINE),
        "refused" => Happened::Refused(CLIENT, "full".into()),
        "complete" => Happened::Complete,
        "incomplete" => Happened::Incomplete,
        "lost" => Happened::Lost,
        "removed-by-hand" => Happened::RemovedByHand(CLIENT),
        "removed-by-limit" => Happened::RemovedByLimit(CLIENT),
        "found-missing" => Happened::FoundMissing(CLIENT),
        "removal-stands" => Happened::RemovalStands,
        "added-as-vote" => Happened::Added { vote: true },
        "added" => Happened::Added { vote: false },
        "host-again" => Happened::HostAgain,
        "let-go" => Happened::LetGo,
        "engine-failed" => Happened::EngineFailed,
        "moved-in" => Happened::MovedIn(CLIENT),
        "moved-out" => Happened::MovedOut(CLIENT),
        "reconnected" => Happened::Reconnected,
        "stopped" => Happened::Stopped,
        "resumed" => Happened::Resumed,
        "unvoted-stopped" => Happened::UnvotedStopped,
        "packed" => Happened::Packed,
        "unpacked" => Happened::Unpacked,
        other => panic!("{other} is not in the enum"),
    }
}

/// Every kind of thing that happens has a line: adding one does not compile without this one.
fn names(happened: &Happened) -> &'static [&'static str] {
    match happened {
        Happened::Voted { .. } => &["voted"],
        Happened::VoteTakenBack => &["vote-taken-back"],
        Happened::Withdrawn => &["withdrawn"],
        Happened::TextMissing => &["text-missing"],
        Happened::Handing(_) => &["handing"],
        Happened::Took(_) => &["client-took", "engine-took"],
        Happened::Refused(..) => &["refused"],
        Happened::Complete => &["complete"],
        Happened::Incomplete => &["incomplete"],
        Happened::Lost => &["lost"],
        Happened::RemovedByHand(_) => &["removed-by-hand"],
        Happened::RemovedByLimit(_) => &["removed-by-limit"],
        Happened::FoundMissing(_) => &["found-missing"],
        Happened::RemovalStands => &["removal-stands"],
        Happened::Added { .. } => &["added-as-vote", "added"],
        Happened::HostAgain => &["host-again"],
        Happened::LetGo => &["let-go"],
        Happened::EngineFailed => &["engine-failed"],
        Happened::MovedIn(_) => &["moved-in"],
        Happened::MovedOut(_) => &["moved-out"],
        Happened::Reconnected => &["reconnected"],
        Happened::Stopped => &["stopped"],
        Happened::Resumed => &["resumed"],
        Happened::UnvotedStopped => &["unvoted-stopped"],
        Happened::Packed => &["packed"],
        Happened::Unpacked => &["unpacked"],
    }
}

fn is_about(of: &str, client: Option<ClientKind>, seeded: bool) -> bool {
    match of {
        "any" => true,
        "nobody's" => client.is_none(),
        "somebody's" => client.is_some(),
        "engine's" => client == Some(ENGINE),
        "others" => client != Some(ENGINE),
        "client's" => client == Some(CLIENT),
        "seeded" => client == Some(CLIENT) && seeded,
        "unseeded" => client == Some(CLIENT) && !seeded,
        "else" => client != Some(CLIENT),
        other => panic!("{other} is not explained above the table"),
    }
}

fn letter(effect: &Effect) -> char {
    match effect {
        CastVote => 'C',
        DropFromEngine => 'D',
        HostInEngine => 'E',
        FetchText => 'F',
        GiveToClient => 'G',
        Wake => 'K',
        HelpClient => 'P',
        Tell => 'T',
        HostUnvoted => 'U',
        TellVote => 'V',
        WithdrawVote => 'W',
    }
}

const STATES: [(&str, Option<HostingState>); 12] = [
    ("none", None),
    ("wanted", Some(Wanted)),
    ("fetching", Some(Fetching)),
    ("handed", Some(Handed)),
    ("hosting", Some(Hosting)),
    ("failed", Some(Failed)),
    ("leaving", Some(Leaving)),
    ("missing", Some(Missing)),
    ("stopping", Some(Stopping)),
    ("stopped", Some(Stopped)),
    ("removed", Some(Removed)),
    ("packed", Some(Packed)),
];

/// Columns of a line: what happened, to which tasks, and a cell for each of [`STATES`].
fn table() -> Vec<Vec<&'static str>> {
    let text = include_str!("table.md");
    let (_, table) = text.split_once("```text\n").unwrap();
    let (table, _) = table.split_once("\n```").unwrap();
    let mut lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let head = lines.next().unwrap();
    assert_eq!(head[2..], STATES.map(|(name, _)| name));
    lines.collect()
}

#[test]
fn every_pair_is_as_in_the_table() {
    let table = table();
    let clients = [None, Some(ENGINE), Some(CLIENT)];
    let mut seen = 0;
    for (column, (name, state)) in STATES.into_iter().enumerate() {
        for (client, seeded) in clients.into_iter().flat_map(|it| [(it, false), (it, true)]) {
            let mut lines = table.iter().map(|line| line[0]).collect::<Vec<_>>();
            lines.dedup();
            for what in lines {
                let about = |line: &&Vec<_>| line[0] == what && is_about(line[1], client, seeded);
                let lines: Vec<_> = table.iter().filter(about).collect();
                let [line] = lines[..] else {
                    panic!("{what} of {client:?}, {seeded}: {} lines", lines.len())
                };
                let (to, effects) =
                    line[column + 2].split_once(':').unwrap_or((line[column + 2], ""));
                let to = match to {
                    "." => state,
                    "gone" => None,
                    to => STATES.iter().find(|(name, _)| *name == to).unwrap().1,
                };
                let before = state.map(|state| task(state, client, seeded));
                let (after, done) = next(before, &happened(what), NOW);
                let case = format!("{what}, {name}, {client:?}, seeded: {seeded}");
                assert_eq!(after.map(|task| task.state), to, "{case}");
                assert_eq!(done.iter().map(letter).collect::<String>(), effects, "{case}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, STATES.len() * 6 * 28);
}

#[test]
fn everything_that_happens_is_in_the_table() {
    let table = table();
    for line in &table {
        let named = names(&happened(line[0]));
        assert!(named.contains(&line[0]));
        for name in named {
            assert!(table.iter().any(|line| line[0] == *name), "{name}");
        }
    }
}

#[test]
fn what_goes_wrong_is_tried_again_after_a_pause_that_doubles() {
    let mut failing = Some(task(Wanted, None, false));
    for (attempts, pause) in [(1, 5), (2, 10), (3, 20)] {
        failing = next(failing, &Happened::Refused(CLIENT, "full".into()), NOW).0;
        let failed = failing.clone().unwrap();
        assert_eq!((failed.attempts, failed.next_try), (attempts, NOW + pause));
        assert_eq!((failed.error.as_deref(), failed.client), (Some("full"), Some(CLIENT)));
    }
    let missing = next(failing.clone(), &Happened::TextMissing, NOW).0.unwrap();
    assert_eq!((missing.attempts, missing.next_try), (4, NOW + 40));
    let due = next(failing.clone(), &Happened::Reconnected, NOW).0.unwrap();
    assert_eq!((due.attempts, due.next_try), (3, 0));
    let taken = next(failing, &Happened::Took(CLIENT), NOW).0.unwrap();
    assert_eq!((taken.attempts, taken.next_try, taken.error), (0, 0, None));
}

#[test]
fn seeding_is_remembered_for_the_client_that_did_it() {
    let hosted = next(Some(task(Handed, Some(CLIENT), false)), &Happened::Complete, NOW).0;
    assert!(hosted.as_ref().unwrap().seeded);
    // What is given to it again was there before.
    let again = next(hosted.clone(), &Happened::Lost, NOW).0;
    let again = next(again, &Happened::Handing(CLIENT), NOW).0;
    assert!(again.as_ref().unwrap().seeded);
    let again = next(again, &Happened::Refused(CLIENT, "away".into()), NOW).0;
    assert!(again.unwrap().seeded);
    let moved = next(hosted.clone(), &Happened::MovedOut(CLIENT), NOW).0.unwrap();
    assert_eq!((moved.client, moved.seeded), (Some(ENGINE), false));
    // The engine's seeding says nothing of a client that then refuses.
    let own = next(Some(moved), &Happened::Took(ENGINE), NOW).0;
    assert!(own.as_ref().unwrap().seeded);
    let moved_in = next(own, &Happened::MovedIn(CLIENT), NOW).0;
    let handing = next(moved_in, &Happened::Handing(CLIENT), NOW).0;
    let refused = next(handing, &Happened::Refused(CLIENT, "full".into()), NOW).0.unwrap();
    assert_eq!((refused.client, refused.seeded), (Some(CLIENT), false));
    // A new vote, or hosting it again, is a new start.
    let leaving = next(hosted.clone(), &Happened::VoteTakenBack, NOW).0;
    assert!(!next(leaving, &Happened::Voted { since: NOW }, NOW).0.unwrap().seeded);
    let missing = next(hosted, &Happened::FoundMissing(CLIENT), NOW).0;
    assert!(!next(missing, &Happened::HostAgain, NOW).0.unwrap().seeded);
}

#[test]
fn a_task_is_as_old_as_the_vote() {
    let voted = next(None, &Happened::Voted { since: NOW - 9 }, NOW).0;
    assert_eq!(voted.as_ref().unwrap().at, NOW - 9);
    let taken = next(voted, &Happened::Took(CLIENT), NOW).0;
    assert_eq!(taken.as_ref().unwrap().at, NOW - 9);
    let again = next(taken.clone(), &Happened::Voted { since: NOW }, NOW).0;
    assert_eq!(again.unwrap().at, NOW - 9, "it stands already");
    let leaving = next(taken, &Happened::VoteTakenBack, NOW).0;
    assert_eq!(leaving.as_ref().unwrap().at, NOW);
    let voted = next(leaving, &Happened::Voted { since: NOW + 5 }, NOW + 5).0.unwrap();
    assert_eq!((voted.at, voted.client), (NOW + 5, Some(CLIENT)));
}

#[test]
fn what_a_client_answers_after_the_vote_was_taken_back_is_undone_there() {
    for answer in [Happened::Took(CLIENT), Happened::Refused(CLIENT, "away".into())] {
        let left = next(None, &answer, NOW).0.unwrap();
        assert_eq!((left.state, left.client, left.next_try), (Leaving, Some(CLIENT), 0));
    }
}

#[test]
fn what_the_engine_could_not_read_waits_a_little() {
    let again = next(Some(task(Hosting, Some(ENGINE), true)), &Happened::EngineFailed, NOW).0;
    assert_eq!(again.unwrap().next_try, NOW + 5);
}

#[test]
fn what_was_stopped_begins_anew_when_it_is_resumed() {
    let before =
        HostingTask { attempts: 3, next_try: NOW + 9, ..task(Hosting, Some(CLIENT), true) };
    let stopping = next(Some(before), &Happened::Stopped, NOW).0;
    let stopped = next(stopping, &Happened::Withdrawn, NOW).0.unwrap();
    assert_eq!(stopped, HostingTask { state: Stopped, ..HostingTask::new(NOW - 100) });
    let again = next(Some(stopped), &Happened::Resumed, NOW).0.unwrap();
    assert_eq!(again, HostingTask::new(NOW - 100), "as old as the vote");
}

#[test]
fn a_removal_is_held_until_no_more_can_follow_and_its_question_as_long() {
    let hosted = Some(task(Hosting, Some(CLIENT), true));
    let held = next(hosted.clone(), &Happened::RemovedByHand(CLIENT), NOW).0.unwrap();
    assert_eq!((held.state, held.next_try), (Removed, NOW + WINDOW));
    let asked = next(Some(held), &Happened::FoundMissing(CLIENT), NOW + 100).0.unwrap();
    assert_eq!((asked.state, asked.next_try), (Missing, NOW + WINDOW), "since it was removed");
    // What is put back is given at once, however the question came about.
    let again = next(Some(asked.clone()), &Happened::HostAgain, NOW + 100).0.unwrap();
    assert_eq!((again.state, again.next_try, again.seeded), (Wanted, 0, false));
    let by_hand = next(Some(asked), &Happened::Incomplete, NOW + 100).0.unwrap();
    assert_eq!((by_hand.state, by_hand.next_try), (Wanted, 0));
    let limited = next(hosted, &Happened::RemovedByLimit(CLIENT), NOW).0.unwrap();
    assert_eq!((limited.next_try, limited.error.as_deref()), (NOW + WINDOW, Some(BY_LIMIT)));
    let again = next(Some(limited), &Happened::HostAgain, NOW).0.unwrap();
    assert_eq!(again, HostingTask { client: Some(CLIENT), ..HostingTask::new(NOW - 100) });
}
