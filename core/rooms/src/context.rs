//! What the parts of an engine share.

use std::collections::{BTreeSet, VecDeque};

use rand::rngs::StdRng;

use crate::{action::Action, event::Event, peer_id::PeerId, store::RoomStore, time::Time};

/// The store, chance, the time of the last input, and what comes out.
pub(crate) struct Context {
    pub store: Box<dyn RoomStore>,
    pub rng: StdRng,
    pub time: Time,
    actions: VecDeque<Action>,
    /// Peers for whom frames may wait.
    to_flush: BTreeSet<PeerId>,
}

impl Context {
    pub fn new(store: Box<dyn RoomStore>, rng: StdRng) -> Self {
        let (actions, to_flush) = (VecDeque::new(), BTreeSet::new());
        Self { store, rng, time: Time::default(), actions, to_flush }
    }

    /// Unix seconds.
    pub const fn now(&self) -> u64 {
        self.time.unix
    }

    pub fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    pub fn tell(&mut self, event: Event) {
        self.act(Action::Tell(event));
    }

    /// What waits for this peer is sent when everything before it was done.
    pub fn flush(&mut self, peer: PeerId) {
        self.to_flush.insert(peer);
    }

    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The peer whose turn it is to be sent something.
    pub fn flushing(&self) -> Option<PeerId> {
        self.to_flush.first().copied()
    }

    /// Nothing more is to be sent to it now.
    pub fn flushed(&mut self, peer: PeerId) {
        self.to_flush.remove(&peer);
    }
}
