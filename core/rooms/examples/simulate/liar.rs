//! Somebody who names whatever there is and gives nothing.

use std::collections::BTreeMap;

use upseed_model::{
    BoardName,
    sync::{Options, Role, Session, Sets, day_of},
};
use upseed_rooms::PeerId;

use crate::{library::Shared, memory::All};

pub struct Liar {
    all: All,
    sets: Sets,
    sessions: BTreeMap<PeerId, Session>,
}

impl Liar {
    pub fn new(library: &Shared) -> Self {
        Self { all: All(library.clone()), sets: Sets::default(), sessions: BTreeMap::new() }
    }

    pub fn connections(&self) -> usize {
        self.sessions.len()
    }

    pub fn opened(&mut self, peer: PeerId, outgoing: bool, now: u64) {
        let role = if outgoing { Role::Dialler } else { Role::Listener };
        let (board, first) = (BoardName::upseed(), day_of(now) - 30);
        let options = Options { board, first, min_bits: 0 };
        self.sessions.insert(peer, Session::new(role, options, &self.sets, now));
    }

    pub fn closed(&mut self, peer: PeerId) {
        self.sessions.remove(&peer);
    }

    /// A frame came. False if it would rather end this.
    pub fn hear(&mut self, peer: PeerId, frame: &[u8], now: u64) -> bool {
        let Some(session) = self.sessions.get_mut(&peer) else { return true };
        let is_well = session.receive(frame, &self.all, now).is_ok();
        while session.next_event().is_some() {}
        is_well
    }

    /// A second has passed. Gives those who let it wait too long.
    pub fn tick(&mut self, now: u64) -> Vec<PeerId> {
        let all = &self.all;
        let failed = |(id, session): (&PeerId, &mut Session)| {
            let failed = session.tick(all, now).is_err();
            while session.next_event().is_some() {}
            failed.then_some(*id)
        };
        self.sessions.iter_mut().filter_map(failed).collect()
    }

    pub fn frames(&mut self, peer: PeerId) -> Vec<Vec<u8>> {
        let session = self.sessions.get_mut(&peer);
        session
            .map(|session| std::iter::from_fn(|| session.next_frame()).collect())
            .unwrap_or_default()
    }

    pub fn peers(&self) -> Vec<PeerId> {
        self.sessions.keys().copied().collect()
    }
}
