//! How a torrent on its way to seeding is helped: how often, and for how long.

use std::time::Duration;

use upseed_clock::Moment;

use crate::torrents::State;

/// Between two attempts to help a torrent that lacks its text: at first (what is said right after
/// adding is lost), and later.
const HELP_SOON: Duration = Duration::from_millis(700);
const HELP_AGAIN: Duration = Duration::from_secs(10);
/// When later begins.
const HELP_LATER: Duration = Duration::from_secs(10);
/// What a torrent lacks after so long (a full disk, most often) may take days: it is looked after
/// seldom, and never given up.
pub(crate) const HELP: Duration = Duration::from_secs(600);
const HELP_SELDOM: Duration = Duration::from_secs(180);
/// How long the node has for putting a text back before the client is to look.
pub(crate) const HELP_PUT: Duration = Duration::from_secs(2);

/// A torrent that is on its way to seeding.
pub(crate) struct Help {
    pub since: Moment,
    pub again: Moment,
    pub start: Start,
    /// The node has been told that its text is not there.
    pub told: bool,
    /// How often the client is still told to download its file, if it does not: what its user chooses from then on
    /// stays so.
    pub wants: u8,
}

/// The client checks a text after it was told to want it, and may be busy.
const WANTS: u8 = 3;

/// What is done about a torrent that does not run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// It is to be forced, past the queue whatever its limits are: once, when it is handed over.
    Due,
    /// It was. What its user stops from then on stays stopped.
    Forced,
    /// It is its user's own: whether it runs is what they say.
    Theirs,
}

impl Help {
    fn of(start: Start, told: bool) -> Self {
        let now = Moment::now();
        let wants = if start == Start::Theirs { 0 } else { WANTS };
        Self { since: now, again: now, start, told, wants }
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
        (self.since, self.wants) = (Moment::now(), 0);
        // This node's engine takes it up again when it is told, and libtorrent does not dial whoever
        // refused it for the next minute.
        self.again = self.since + HELP_SOON;
    }

    /// It is handed over once more, with its text.
    pub fn once_more(&mut self) {
        (self.start, self.told, self.again) = (Start::Due, true, Moment::now());
        self.wants = WANTS;
    }

    /// Whether it was handed over, or stopped seeding, just now.
    pub fn is_fresh(&self, now: Moment) -> bool {
        now < self.since + HELP_LATER
    }

    /// How long until it is helped again.
    pub fn pace(&self, now: Moment) -> Duration {
        match now.saturating_duration_since(self.since) {
            age if age < HELP_LATER => HELP_SOON,
            age if age < HELP => HELP_AGAIN,
            _ => HELP_SELDOM,
        }
    }

    /// Whether it is still to be looked after.
    pub fn goes_on(&self, state: State, now: Moment) -> bool {
        match state {
            State::Seeding => false,
            // It may not have heard yet that it is to start.
            State::Stopped | State::Queued => self.is_fresh(now),
            State::Unwanted => self.wants > 0 || self.is_fresh(now),
            State::Lacking | State::FileGone | State::Busy | State::Broken => true,
        }
    }
}

#[cfg(test)]
mod tests {
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
}
