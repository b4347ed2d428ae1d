//! The hosting of one item, as far as it has come.

use super::HostingState;
use crate::ClientKind;

/// An item that should be hosted (or, if [`HostingState::Leaving`], no longer).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostingTask {
    /// How far it has come.
    pub state: HostingState,
    /// Which client has or had it.
    pub client: Option<ClientKind>,
    /// Whether that client has ever said that it seeds. What it had and has no more, somebody
    /// removed; what it was given and never had, it lost.
    pub seeded: bool,
    /// When the user asked for it, in unix seconds: of many the newest live in the user's client.
    pub at: u64,
    /// What went wrong last, for people.
    pub error: Option<String>,
    /// How often in a row it went wrong, or the text was not here.
    pub attempts: u32,
    /// Not before this moment, in unix seconds.
    pub next_try: u64,
}

impl HostingTask {
    /// Nothing was done yet.
    pub const fn new(at: u64) -> Self {
        Self {
            state: HostingState::Wanted,
            client: None,
            seeded: false,
            at,
            error: None,
            attempts: 0,
            next_try: 0,
        }
    }

    /// Whether this node's own engine has it.
    pub fn is_engines(&self) -> bool {
        self.client == Some(ClientKind::Embedded)
    }

    /// In this state from now on.
    pub fn to(self, state: HostingState) -> Self {
        Self { state, ..self }
    }

    /// With this client from now on. What another one seeded says nothing of it.
    pub fn with(self, client: ClientKind) -> Self {
        let seeded = self.seeded && self.client == Some(client);
        Self { client: Some(client), seeded, ..self }
    }

    /// With nothing gone wrong, and due at once.
    pub fn afresh(self) -> Self {
        Self { error: None, attempts: 0, next_try: 0, ..self }
    }

    /// To be tried again after a pause that doubles.
    pub fn later(self, now: u64) -> Self {
        let next_try = now + pause(self.attempts);
        Self { attempts: self.attempts.saturating_add(1), next_try, ..self }
    }
}

/// Seconds before what failed is tried again: doubled from the first to the last.
pub const FIRST_PAUSE: u64 = 5;
const LAST_PAUSE: u64 = 600;

/// Seconds before the next try after so many.
fn pause(attempts: u32) -> u64 {
    (FIRST_PAUSE << attempts.min(10)).min(LAST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let pauses: Vec<_> = (0..9).map(pause).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(pause(u32::MAX), 600);
    }
}
