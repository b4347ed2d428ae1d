//! `upseed upvote` and `upseed unvote`.

use upseed_api::{VoteOutcome, VoteRequest};
use upseed_model::{HostingState, HostingStatus};

use crate::{
    failure::{Done, Failure, REPORT},
    print, progress,
    remote::Remote,
    terminal::{BOLD, CODE, GOOD, paint},
};

pub(super) async fn vote(
    node: &Remote,
    ids: Vec<String>,
    up: bool,
    until_hosted: bool,
    timeout: u64,
    json: bool,
) -> Done {
    let request = VoteRequest { ids, up, wait: timeout, until_hosted };
    let what = if until_hosted { "waiting until it is hosted" } else { "looking for it" };
    let outcomes = progress::waiting(what, node.vote(&request)).await?;
    for outcome in &outcomes {
        if let Some(item) = &outcome.item {
            print::note_twin(&outcome.id, item.id);
        }
    }
    if json {
        print::json(&outcomes);
    } else {
        let away = !up && is_away(node).await;
        outcomes.iter().for_each(|outcome| say(outcome, up, away));
    }
    let fault = outcomes.iter().any(|outcome| outcome.fault);
    if outcomes.iter().all(|outcome| outcome.done) { Ok(()) } else { Err(Failure::told(fault)) }
}

fn say(outcome: &VoteOutcome, up: bool, away: bool) {
    if let Some(error) = &outcome.error {
        print::error(error);
        if let Some(hint) = &outcome.hint {
            print::hint(hint);
        }
        if outcome.fault {
            print::err(REPORT);
        }
        return;
    }
    let item = outcome.item.as_ref();
    let id = item.map_or_else(|| outcome.id.clone(), |item| print::short_id(&item.id));
    let title = item.and_then(|item| item.title.as_deref()).map(print::safe).unwrap_or_default();
    let (id, title) = (paint(CODE, &id), paint(BOLD, &title));
    let hosting = outcome.item.as_ref().and_then(|item| item.hosting);
    if up {
        let state = hosting.unwrap_or(HostingState::Wanted.into());
        print::out(format!("{} {id} ({state}) {title}", paint(GOOD, "▲")).trim_end());
    } else {
        let mine = outcome.item.as_ref().is_some_and(|item| item.mine);
        print::out(format!("  {id} ({}) {title}", unvoted(hosting, mine, away)).trim_end());
    }
}

/// Whether the client that hosts does not answer now. Without an answer of the node, it does.
async fn is_away(node: &Remote) -> bool {
    node.status().await.is_ok_and(|status| !status.client_online)
}

/// How an item stands whose vote was taken back.
fn unvoted(hosting: Option<HostingStatus>, mine: bool, away: bool) -> &'static str {
    match hosting {
        Some(HostingStatus::Unvoted) => "no vote; still in your client, where you added it",
        Some(_) if mine => "no vote; still hosted: you wrote it",
        Some(_) => "no vote; still hosted",
        None if away => "no vote; your client is told when it answers",
        None => "no vote, not hosted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_a_vote_back_says_what_is_still_hosted() {
        assert_eq!(unvoted(None, false, false), "no vote, not hosted");
        assert!(unvoted(None, false, true).ends_with("your client is told when it answers"));
        for hosting in [HostingState::Hosting, HostingState::Handed, HostingState::Wanted]
            .map(HostingStatus::from)
        {
            assert!(unvoted(Some(hosting), true, true).ends_with("still hosted: you wrote it"));
        }
        let guest = unvoted(Some(HostingStatus::Unvoted), false, false);
        assert!(guest.contains("still in your client"));
    }
}
