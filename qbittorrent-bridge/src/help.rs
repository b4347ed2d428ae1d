//! Torrents on their way to seeding: started once, their text found, and never given up.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use upseed_client::Change;

use crate::{
    QBittorrent, Whereabouts,
    api::ApiError,
    client::{BATCH, joined},
    torrents::State,
    watch::Inner,
};

/// Between two attempts to help a torrent that lacks its text: at first (what is said right after
/// adding is lost), and later.
const HELP_SOON: Duration = Duration::from_millis(700);
const HELP_AGAIN: Duration = Duration::from_secs(10);
/// When later begins.
const HELP_LATER: Duration = Duration::from_secs(10);
/// What a torrent lacks after so long (a full disk, most often) may take days: it is looked after
/// seldom, and never given up.
const HELP: Duration = Duration::from_secs(600);
const HELP_SELDOM: Duration = Duration::from_secs(180);
/// How long the node has for putting a text back before the client is to look.
const HELP_PUT: Duration = Duration::from_secs(2);

/// A torrent that is on its way to seeding.
pub(crate) struct Help {
    since: Instant,
    pub again: Instant,
    start: Start,
    /// The node has been told that its text is not there.
    told: bool,
}

/// What is done about a torrent that does not run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// It is to be forced, past the queue whatever its limits are: once, when it is handed over.
    Due,
    /// It was. What its user stops from then on stays stopped.
    Forced,
    /// It is its user's own: whether it runs is what they say.
    Theirs,
}

impl Help {
    fn of(start: Start, told: bool) -> Self {
        let now = Instant::now();
        Self { since: now, again: now, start, told }
    }

    /// For what was just handed over with its text.
    pub fn given() -> Self {
        Self::of(Start::Due, true)
    }

    /// For what had been handed over before.
    pub fn ours() -> Self {
        Self::of(Start::Forced, false)
    }

    /// For what its user added by hand.
    pub fn guest() -> Self {
        Self::of(Start::Theirs, true)
    }

    /// It seeded until now.
    pub fn stopped_seeding(&mut self) {
        self.since = Instant::now();
        // This node's engine takes it up again when it is told, and libtorrent does not dial whoever
        // refused it for the next minute.
        self.again = self.since + HELP_SOON;
    }

    /// It is handed over once more, with its text.
    pub fn once_more(&mut self) {
        (self.start, self.told, self.again) = (Start::Due, true, Instant::now());
    }

    /// Whether it was handed over, or stopped seeding, just now.
    pub fn is_fresh(&self, now: Instant) -> bool {
        now < self.since + HELP_LATER
    }

    fn pace(&self, now: Instant) -> Duration {
        match now.saturating_duration_since(self.since) {
            age if age < HELP_LATER => HELP_SOON,
            age if age < HELP => HELP_AGAIN,
            _ => HELP_SELDOM,
        }
    }

    /// Whether it is still to be looked after.
    fn goes_on(&self, state: State, now: Instant) -> bool {
        match state {
            State::Seeding => false,
            // It may not have heard yet that it is to start.
            State::Stopped | State::Queued => self.is_fresh(now),
            State::Lacking | State::FileGone | State::Busy | State::Broken => true,
        }
    }
}

impl QBittorrent {
    /// What carries our mark and does not seed after a pause: its file may be gone, or its check was
    /// cut off. What its user stopped stays stopped.
    pub(crate) fn help_ours(&self, inner: &mut Inner) {
        let own = self.own_tags();
        let Inner { torrents, helped, given, .. } = inner;
        for (id, torrent) in torrents.iter() {
            if given.contains(id) || torrent.tags.iter().any(|tag| own.contains(tag)) {
                given.insert(*id);
                if !matches!(torrent.state, State::Seeding | State::Stopped | State::Queued) {
                    helped.entry(*id).or_insert_with(Help::ours);
                }
            }
        }
    }

    /// Sees to it that what was given is started, and finds its text.
    pub(crate) async fn help(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let now = Instant::now();
        let whereabouts = inner.known.as_ref().map(|known| known.whereabouts);
        let here = whereabouts.is_some_and(|it| it.here);
        let Inner { torrents, helped, version, .. } = inner;
        let (mut force, mut lack, mut check, mut start) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        helped.retain(|id, help| {
            let Some(torrent) = torrents.get(id) else { return help.since + HELP > now };
            let state = torrent.state;
            if help.start == Start::Due {
                help.start = Start::Forced;
                force.push(*id);
            }
            let lost = matches!(state, State::Lacking | State::FileGone | State::Broken);
            if help.again <= now && lost {
                if here && !help.told && torrent.is_in_our_folder() {
                    // The node puts it there again.
                    help.told = true;
                    help.again = now + HELP_PUT;
                    self.waiting.lock().push(Change::Lost(*id));
                    return true;
                }
                match state {
                    State::Lacking => lack.push(*id),
                    _ if help.start == Start::Theirs => {
                        check.push(*id);
                        start.push(*id);
                    }
                    _ => {
                        check.push(*id);
                        force.push(*id);
                    }
                }
            }
            if help.again <= now {
                help.again = now + help.pace(now);
            }
            help.goes_on(state, now)
        });
        for batch in check.chunks(BATCH) {
            self.api.post("torrents/recheck", &[("hashes", &joined(batch))]).await?;
        }
        for batch in start.chunks(BATCH) {
            self.api.start(*version, &joined(batch)).await?;
        }
        for batch in force.chunks(BATCH) {
            let hashes = joined(batch);
            self.api
                .post("torrents/setForceStart", &[("hashes", &hashes), ("value", "true")])
                .await?;
        }
        let engine = self.owner.lock().as_ref().map(|owner| owner.engine);
        let Some((engine, whereabouts)) = engine.zip(whereabouts) else { return Ok(()) };
        let peers = reached_at(engine, whereabouts).to_string();
        for batch in lack.chunks(BATCH) {
            let hashes = joined(batch);
            let form = [("hashes", hashes.as_str()), ("peers", peers.as_str())];
            if let Err(error) = self.api.post("torrents/addPeers", &form).await {
                // Old ones refuse the whole when one torrent has just gone.
                tracing::debug!(%error, "peers are given again later");
            }
        }
        Ok(())
    }
}

/// Where this node's engine is for the client: on the address that leads to it.
fn reached_at(engine: SocketAddr, whereabouts: Whereabouts) -> SocketAddr {
    if engine.ip().is_unspecified() {
        SocketAddr::new(whereabouts.us, engine.port())
    } else {
        engine
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn help_goes_on_at_a_slow_pace_and_leaves_alone_what_its_user_stopped() {
        let help = Help::given();
        let (soon, later) = (help.since, help.since + HELP_LATER);
        for (after, pace) in [(0, HELP_SOON), (10, HELP_AGAIN), (600, HELP_SELDOM)] {
            assert_eq!(help.pace(help.since + Duration::from_secs(after)), pace, "{after}");
        }
        let weeks = help.since + Duration::from_secs(2_000_000);
        for lasting in [State::Broken, State::FileGone, State::Lacking, State::Busy] {
            assert!(help.goes_on(lasting, weeks), "{lasting:?}");
        }
        for held in [State::Stopped, State::Queued] {
            assert!(help.goes_on(held, soon) && !help.goes_on(held, later), "{held:?}");
        }
        assert!(!help.goes_on(State::Seeding, soon));
    }

    #[test]
    fn an_engine_that_listens_everywhere_is_where_the_client_reaches_this_machine() {
        let elsewhere = Whereabouts { here: false, us: "10.0.0.7".parse().unwrap() };
        for (engine, at) in [("0.0.0.0:5", "10.0.0.7:5"), ("10.1.1.1:5", "10.1.1.1:5")] {
            assert_eq!(reached_at(engine.parse().unwrap(), elsewhere), at.parse().unwrap());
        }
    }
}
