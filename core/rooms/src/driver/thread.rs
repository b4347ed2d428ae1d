//! The thread: takes what waits, lets the engine think, and does what it wants done.

use std::time::{Duration, Instant};

use upseed_clock::Moment;
use upseed_swarm::{Swarm, SwarmError};

use super::{
    inbox::{Inbox, Job},
    setup::Setup,
};
use crate::{
    action::Action,
    engine::Engine,
    event::{Event, FetchFailure},
    input::{Input, NetworkState},
    peer_id::PeerId,
    time::Time,
};

/// Longest sleep: time passes for an engine though nothing happens.
const SLEEP: Duration = Duration::from_millis(250);

pub(super) struct Driver {
    engine: Engine,
    swarm: Swarm,
    dht: bool,
    clock: fn() -> u64,
    started: Moment,
    last_tick: u64,
    on_event: Box<dyn Fn(Event) + Send>,
}

impl Driver {
    pub fn new(setup: Setup, on_event: Box<dyn Fn(Event) + Send>) -> Self {
        let Setup { store, swarm, peers, dht, clock } = setup;
        let engine = Engine::new(store, peers, rand::make_rng());
        Self { engine, swarm, dht, clock, started: Moment::now(), last_tick: 0, on_event }
    }

    pub fn run(mut self, inbox: &Inbox) {
        self.handle(Input::Network(self.network()));
        loop {
            let next =
                inbox.next(self.engine.next_ask(self.time()).map_or(SLEEP, |left| left.min(SLEEP)));
            let began = Instant::now();
            match next {
                Some((Job::Stop, _)) => return,
                Some((job, peer)) => {
                    self.job(job);
                    if let Some(peer) = peer {
                        inbox.used(peer, began.elapsed());
                    }
                }
                None => {}
            }
            let now = (self.clock)();
            if now != self.last_tick {
                self.last_tick = now;
                self.handle(Input::Network(self.network()));
                self.handle(Input::Tick);
            }
            if self.engine.next_ask(self.time()) == Some(Duration::ZERO) {
                let began = Instant::now();
                self.handle(Input::AskForTexts);
                self.handle(Input::AskedForTexts(began.elapsed()));
            }
        }
    }

    fn job(&mut self, job: Job) {
        match job {
            Job::Input(input) => {
                if matches!(input, Input::DhtPeers { .. }) {
                    // Whom to believe depends on it.
                    self.handle(Input::Network(self.network()));
                }
                self.handle(input);
            }
            // Nobody waiting any more is no failure.
            Job::Status(reply) => drop(reply.send(self.engine.status())),
            Job::Connected(reply) => drop(reply.send(self.engine.connected())),
            Job::HostFailed { id, reason } => {
                tracing::warn!(%id, reason, "an item is not hosted any more");
                (self.on_event)(Event::HostFailed { id });
            }
            Job::Stop => {}
        }
    }

    fn handle(&mut self, input: Input) {
        self.engine.handle(input, self.time());
        while let Some(action) = self.engine.next_action() {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Join { rendezvous, trackers } => {
                self.swarm.join(*rendezvous.as_bytes());
                trackers.iter().for_each(|url| self.add_tracker(*rendezvous.as_bytes(), url));
            }
            Action::Leave(rendezvous) => self.swarm.leave(*rendezvous.as_bytes()),
            Action::Send { peer, frame } => self.send(peer, frame),
            Action::Close(peer) => self.swarm.close(peer.into()),
            Action::Dial { infohash, addr } => self.swarm.connect(*infohash.as_bytes(), addr),
            Action::Punch { infohash, addr } => self.swarm.punch(*infohash.as_bytes(), addr),
            Action::Announce(rendezvous) => self.swarm.dht_announce(*rendezvous.as_bytes()),
            Action::LookUp(infohash) => self.swarm.dht_get_peers(*infohash.as_bytes()),
            Action::Fetch { infohash, info, peers, trackers } => {
                let begun = self.swarm.fetch(*infohash.as_bytes(), info, peers, trackers);
                if let Err(error) = begun {
                    tracing::warn!(id = %infohash, %error, "an item cannot be fetched");
                    let (failure, reason) = (FetchFailure::NotNow, error.to_string());
                    let failed = Input::FetchFailed { infohash, failure, reason };
                    self.engine.handle(failed, self.time());
                }
            }
            Action::AddTracker { infohash, url } => self.add_tracker(*infohash.as_bytes(), &url),
            Action::StopFetch(infohash) => self.swarm.cancel(*infohash.as_bytes()),
            Action::Check { infohash, info, trackers } => {
                let begun = self.swarm.check(*infohash.as_bytes(), &info, trackers);
                if let Err(error) = begun {
                    tracing::warn!(id = %infohash, %error, "hosts cannot be checked");
                }
            }
            Action::EndCheck(infohash) => self.swarm.end_check(*infohash.as_bytes()),
            Action::Tell(event) => (self.on_event)(event),
        }
    }

    fn send(&mut self, peer: PeerId, frame: Vec<u8>) {
        // One that is gone takes nothing: its closing is on the way.
        if let Err(SwarmError::Full(_)) = self.swarm.send(peer.into(), &frame) {
            self.engine.handle(Input::NotTaken { peer, frame }, self.time());
        }
    }

    fn add_tracker(&self, infohash: [u8; 20], url: &str) {
        if let Err(error) = self.swarm.add_tracker(infohash, url) {
            tracing::warn!(%error, url, "this tracker is not used");
        }
    }

    fn network(&self) -> NetworkState {
        NetworkState {
            dht: self.dht && self.swarm.status().dht_nodes > 0,
            private: self.swarm.is_private(),
            own_bootstrap: self.swarm.has_bootstrap_nodes(),
        }
    }

    fn time(&self) -> Time {
        Time { unix: (self.clock)(), monotonic: self.started.elapsed() }
    }
}
