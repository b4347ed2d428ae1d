//! Hosting: what becomes of an item that its user upvoted or wrote, as one state machine.
//!
//! [`next`] is all of it: from a task and what happened to the task that it becomes, and what is to be
//! done now. Whoever hears that something happened stores the one and does the other.
//!
#![doc = include_str!("table.md")]

use upseed_model::{
    ClientKind,
    HostingState::{
        Failed, Fetching, Handed, Hosting, Leaving, Missing, Packed, Removed, Stopped, Stopping,
        Wanted,
    },
    HostingTask,
    hosting::FIRST_PAUSE,
};

pub mod removals;
pub mod samples;

use removals::WINDOW;

/// What happened to an item that is or may be hosted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// The user upvoted or wrote it, as long ago as `since`, in unix seconds.
    Voted {
        /// When the user asked for it.
        since: u64,
    },
    /// The vote was taken back, on whichever device; or its text can never be had.
    VoteTakenBack,
    /// The clients were told to drop what is leaving, and have.
    Withdrawn,
    /// It is its turn, and its text is not here.
    TextMissing,
    /// It is its turn, its text is here, and this client is about to be given it. From here on its user
    /// can remove it there, also before the client has answered.
    Handing(ClientKind),
    /// The client took it.
    Took(ClientKind),
    /// The client did not take it, and why.
    Refused(ClientKind, String),
    /// The user's client says that it seeds it.
    Complete,
    /// The user's client has it and does not seed it, or not any more.
    Incomplete,
    /// The user's client lacks the text that it had, and wants to be given it again.
    Lost,
    /// Somebody removed it in this client: its user, or a tool.
    RemovedByHand(ClientKind),
    /// This client removed it by itself, when a limit of its own was reached.
    RemovedByLimit(ClientKind),
    /// It went from this client with so many others that it was hardly its user who removed it; or this client answers again
    /// after a pause in which nobody watched, and has it no more.
    FoundMissing(ClientKind),
    /// It was removed in the client, and hardly anything else was: so that was its user.
    RemovalStands,
    /// Somebody added it in the user's client: by hand, or by the client's own search.
    Added {
        /// Whether that is a vote.
        vote: bool,
    },
    /// The user wants what the client has lost, or what was removed there, hosted again.
    HostAgain,
    /// The user lets go of what the client has lost, or what was removed there.
    LetGo,
    /// This node's own engine could not read it, and hosts it no more.
    EngineFailed,
    /// It is one of the newest now, which live in this client.
    MovedIn(ClientKind),
    /// It is none of the newest any more: this node's own engine hosts it instead of this client.
    MovedOut(ClientKind),
    /// The client answers again: the reason of a failure may be gone.
    Reconnected,
    /// It is not to be hosted although the vote stays: its author was muted, or retracted it.
    Stopped,
    /// What stopped it is no more.
    Resumed,
    /// The client hosts it without a vote, and its author was muted.
    UnvotedStopped,
    /// A pack that has it was seen to be given to others: it needs no torrent of its own.
    Packed,
    /// No pack has it any more.
    Unpacked,
}

/// What is to be done, in the order in which it stands in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// This node's own engine hosts it, until the user's client seeds it: others get it from here,
    /// and so does a client on another machine.
    HostInEngine,
    /// This node's own engine hosts it no more.
    DropFromEngine,
    /// The client is given it.
    GiveToClient,
    /// The client, which got it from somebody else, is told that this node has its text.
    HelpClient,
    /// The text is looked for.
    FetchText,
    /// It stands as hosted without a vote.
    HostUnvoted,
    /// The user's vote is cast.
    CastVote,
    /// The user's vote is taken back.
    WithdrawVote,
    /// Whoever looks on hears of the new state.
    Tell,
    /// Whoever looks on hears that the user's vote counts again, or no more.
    TellVote,
    /// There is something to do: tasks that are due are looked at now.
    Wake,
}

/// What becomes of a task (none: the item is not hosted and not going to be), and what is to be done.
/// `now` is in unix seconds.
pub fn next(
    task: Option<HostingTask>,
    happened: &Happened,
    now: u64,
) -> (Option<HostingTask>, &'static [Effect]) {
    match task {
        None => begin(happened, now),
        Some(task) if task.state == Leaving => leave(task, happened, now),
        Some(task) if task.state == Missing => ask(task, happened, now),
        Some(task) if task.state == Removed => wait(task, happened, now),
        Some(task) if matches!(task.state, Stopping | Stopped) => stay_away(task, happened, now),
        Some(task) if task.state == Packed => be_packed(task, happened, now),
        Some(task) => go_on(task, happened, now),
    }
}

use Effect::*;

type Next = (Option<HostingTask>, &'static [Effect]);

/// Nobody has asked for it.
fn begin(happened: &Happened, now: u64) -> Next {
    match happened {
        Happened::Voted { since } => (Some(HostingTask::new(*since)), &[Tell, Wake]),
        // The vote was taken back while the client was asked, which may have it now.
        Happened::Took(client) | Happened::Refused(client, _) => {
            (Some(HostingTask::new(now).with(*client).to(Leaving)), &[Wake])
        }
        Happened::Added { vote } => (None, added(*vote)),
        Happened::UnvotedStopped => (Some(HostingTask::new(now).to(Leaving)), &[Tell, Wake]),
        _ => (None, &[]),
    }
}

/// It is to be dropped by whoever has it.
fn leave(task: HostingTask, happened: &Happened, now: u64) -> Next {
    match happened {
        Happened::Voted { since } => {
            let task = HostingTask { at: *since, seeded: false, ..task };
            (Some(task.afresh().to(Wanted)), &[Tell, Wake])
        }
        Happened::VoteTakenBack => (Some(HostingTask { at: now, ..task }.afresh()), &[Tell, Wake]),
        Happened::Withdrawn => (None, &[Tell]),
        Happened::Took(client) | Happened::Refused(client, _) => {
            (Some(HostingTask { next_try: 0, ..task.with(*client) }), &[Wake])
        }
        Happened::Added { vote } => (Some(task), added(*vote)),
        _ => (Some(task), &[]),
    }
}

/// It is voted for and not hosted.
fn stay_away(task: HostingTask, happened: &Happened, now: u64) -> Next {
    let afresh = |task: HostingTask| HostingTask { seeded: false, ..task }.afresh();
    match happened {
        Happened::Resumed => (Some(afresh(task).to(Wanted)), &[Tell, Wake]),
        // What the user asks for later than they muted its author is hosted.
        Happened::Voted { since } => {
            (Some(HostingTask { at: *since, ..afresh(task) }.to(Wanted)), &[Tell, Wake])
        }
        Happened::VoteTakenBack if task.state == Stopped => (None, &[Tell]),
        Happened::VoteTakenBack => {
            (Some(HostingTask { at: now, ..task }.afresh().to(Leaving)), &[Tell, Wake])
        }
        Happened::Withdrawn if task.state == Stopping => {
            (Some(HostingTask { client: None, ..afresh(task) }.to(Stopped)), &[Tell])
        }
        // The client was asked before it was stopped, and may have it now.
        Happened::Took(client) | Happened::Refused(client, _) => {
            (Some(HostingTask { next_try: 0, ..task.with(*client) }.to(Stopping)), &[Wake])
        }
        // It was put into the client by hand: that is a user who wants it hosted.
        Happened::Added { .. } => (Some(afresh(task).to(Wanted)), &[Wake, HelpClient]),
        _ => (Some(task), &[]),
    }
}

/// The user is asked what is to become of it.
fn ask(task: HostingTask, happened: &Happened, now: u64) -> Next {
    match happened {
        Happened::HostAgain => {
            (Some(HostingTask { seeded: false, ..task }.afresh().to(Wanted)), &[Tell, Wake])
        }
        Happened::LetGo => (None, LET_GO),
        // It was put back by hand. Like any other it is handed over, so that the client has its text
        // and no limit silences it.
        Happened::Added { .. } => {
            let task = HostingTask { next_try: 0, ..task };
            (Some(task.to(Wanted)), &[Wake, HelpClient])
        }
        // It was put back by hand, and lacks its text.
        Happened::Incomplete if !task.is_engines() => {
            (Some(task.afresh().to(Wanted)), &[Wake, Tell])
        }
        Happened::TextMissing => (Some(task), &[FetchText]),
        Happened::Handing(_)
        | Happened::RemovedByHand(_)
        | Happened::RemovedByLimit(_)
        | Happened::FoundMissing(_) => (Some(task), &[]),
        _ => go_on(task, happened, now),
    }
}

/// It was removed in the client, and whether that was its user is seen soon. Nothing of it is published meanwhile.
fn wait(task: HostingTask, happened: &Happened, now: u64) -> Next {
    let is_of = |client: &ClientKind| task.client == Some(*client);
    match happened {
        Happened::Voted { since } => {
            let task = HostingTask { at: *since, seeded: false, ..task };
            (Some(task.afresh().to(Wanted)), &[Tell, Wake])
        }
        Happened::VoteTakenBack => (None, &[Tell]),
        Happened::RemovalStands | Happened::LetGo => (None, &[WithdrawVote, Tell]),
        Happened::HostAgain => {
            let task = HostingTask { seeded: false, ..task };
            (Some(task.afresh().to(Wanted)), &[Tell, Wake, TellVote])
        }
        Happened::FoundMissing(client) if is_of(client) => {
            (Some(asked_until(task, now)), ASKED_AFTER_ALL)
        }
        // The user who removed it put it back, or another one.
        Happened::Added { vote } => (Some(task), added(*vote)),
        _ => (Some(task), &[]),
    }
}

/// The user is asked; how long others that go belong to the same question. That of what was removed goes on from its removal.
fn asked_until(task: HostingTask, now: u64) -> HostingTask {
    let next_try = if task.state == Removed { task.next_try } else { now + WINDOW };
    HostingTask { next_try, ..task }.to(Missing)
}

/// It is hosted, or on the way there.
fn go_on(task: HostingTask, happened: &Happened, now: u64) -> Next {
    let settled = matches!(task.state, Handed | Hosting);
    let is_of = |client: &ClientKind| task.client == Some(*client);
    match happened {
        Happened::Voted { .. } => (Some(task), &[Tell, Wake]),
        Happened::VoteTakenBack if task.client.is_none() => (None, &[Tell]),
        Happened::VoteTakenBack => {
            (Some(HostingTask { at: now, ..task }.afresh().to(Leaving)), &[Tell, Wake])
        }
        Happened::Stopped if task.client.is_none() => (Some(task.afresh().to(Stopped)), &[Tell]),
        Happened::Stopped => (Some(task.afresh().to(Stopping)), &[Tell, Wake]),
        Happened::TextMissing => {
            let effects: &[_] = match task.state {
                Fetching => &[FetchText],
                _ => &[FetchText, Tell],
            };
            (Some(task.later(now).to(Fetching)), effects)
        }
        Happened::Handing(client) => (Some(task.with(*client)), &[HostInEngine, GiveToClient]),
        Happened::Took(client) => {
            // The client may have said already that it seeds.
            let seeds = task.state == Hosting || *client == ClientKind::Embedded;
            let task = task.with(*client).afresh();
            let seeded = task.seeded || seeds;
            let task = HostingTask { seeded, ..task };
            (Some(task.to(if seeds { Hosting } else { Handed })), &[Tell])
        }
        Happened::Refused(client, why) => {
            let error = Some(why.clone());
            let task = HostingTask { error, ..task.with(*client) };
            (Some(task.later(now).to(Failed)), &[Tell])
        }
        // What the engine hosts is none of the user's client's.
        Happened::Complete if !task.is_engines() => {
            let task = HostingTask { seeded: true, next_try: 0, ..task };
            (Some(task.to(Hosting)), &[DropFromEngine, Tell])
        }
        Happened::Incomplete if !task.is_engines() && task.state == Hosting => {
            (Some(task.to(Handed)), &[HostInEngine, Tell])
        }
        Happened::Lost if settled => (Some(task.to(Wanted)), &[Wake]),
        Happened::RemovedByHand(client) if is_of(client) => {
            let task = HostingTask { next_try: now + WINDOW, ..task.afresh() };
            (Some(task.to(Removed)), &[DropFromEngine, Tell, TellVote])
        }
        Happened::RemovedByLimit(client) if is_of(client) => {
            let error = Some(BY_LIMIT.to_owned());
            (Some(HostingTask { error, ..asked_until(task, now) }), &[HostInEngine, Tell])
        }
        Happened::FoundMissing(client) if is_of(client) && task.seeded => {
            (Some(asked_until(task, now)), &[HostInEngine, Tell])
        }
        // It was given and never seen to seed: the client may have ended before it kept it.
        Happened::FoundMissing(client) if is_of(client) && settled => (Some(task.to(Wanted)), &[]),
        // What the user's client hosts is none of the engine's.
        Happened::EngineFailed
            if task.state == Handed || task.state == Hosting && task.is_engines() =>
        {
            let next_try = now + FIRST_PAUSE;
            (Some(HostingTask { next_try, ..task }.to(Wanted)), &[Tell])
        }
        Happened::MovedIn(client) if settled && !is_of(client) => (Some(task.to(Wanted)), &[]),
        Happened::MovedOut(client) if settled && is_of(client) => {
            (Some(task.with(ClientKind::Embedded).to(Hosting)), &[])
        }
        Happened::Packed if settled => (Some(task.to(Packed)), &[DropFromEngine, Tell]),
        Happened::Reconnected if task.state == Failed => {
            (Some(HostingTask { next_try: 0, ..task }), &[])
        }
        _ => (Some(task), &[]),
    }
}

/// Its pack is hosted. What a client says of a torrent with its infohash is about nothing that is needed.
fn be_packed(task: HostingTask, happened: &Happened, now: u64) -> Next {
    match happened {
        Happened::Voted { .. } | Happened::VoteTakenBack | Happened::Stopped => {
            go_on(task, happened, now)
        }
        Happened::Unpacked => {
            (Some(HostingTask { seeded: false, ..task }.afresh().to(Wanted)), &[Wake])
        }
        Happened::LetGo => (None, LET_GO),
        _ => (Some(task), &[]),
    }
}

/// The client has let go already. It must not be told to once more: its user may put the same torrent
/// back at any moment.
const LET_GO: &[Effect] = &[DropFromEngine, WithdrawVote, Tell];

/// What was taken for a vote taken back is none, as far as one can tell.
const ASKED_AFTER_ALL: &[Effect] = &[HostInEngine, Tell, TellVote];

/// Why the user is asked, beside that the client has it no more.
const BY_LIMIT: &str = "the client removed it when it reached a share limit";

/// What somebody else added is a vote, or hosted without one.
const fn added(vote: bool) -> &'static [Effect] {
    match vote {
        true => &[CastVote],
        false => &[HostUnvoted, HelpClient],
    }
}

#[cfg(test)]
mod tests;
