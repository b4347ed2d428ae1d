//! Who hosts what people look at: counted as they are named, and seen.

use std::net::SocketAddr;

use rand::seq::IteratorRandom as _;
use upseed_model::Infohash;

use crate::{
    action::Action, checks::Checks, connections::Connections, context::Context, lookups::Lookups,
    store::log_failure,
};

/// Members of a board who are dialled to see whether they have an item.
const MEMBERS: usize = 16;

/// Hosts that were named, and those that were seen.
#[derive(Default)]
pub(crate) struct Hosts {
    lookups: Lookups,
    checks: Checks,
}

impl Hosts {
    /// Looks who has an item: of those whom the DHT and trackers name, and of the members of its board, whose own engines
    /// may host it.
    pub fn check(&mut self, infohash: Infohash, connections: &Connections, cx: &mut Context) {
        if !self.checks.has_room(&infohash) {
            return;
        }
        let item = log_failure("reading an item", cx.store.hosted_item(&infohash)).flatten();
        let Some((item, hosted)) = item else { return };
        let trackers = log_failure("reading a board", cx.store.trackers(&item.board()));
        let (info, trackers) = (item.header().to_vec(), trackers.unwrap_or_default());
        self.checks.begin(infohash, hosted, cx.now());
        cx.act(Action::Check { infohash, info, trackers });
        if connections.network.dht {
            cx.act(Action::LookUp(infohash));
        }
        let rendezvous = item.board().rendezvous();
        let members = connections.members(&rendezvous);
        let members = members.filter_map(|(_, peer)| peer.listens_at());
        let members = members.sample(&mut cx.rng, MEMBERS);
        self.dial(infohash, &members, cx);
    }

    /// The DHT says that these have it.
    pub fn found(&mut self, infohash: Infohash, peers: &[SocketAddr], cx: &mut Context) {
        self.lookups.note(infohash, peers, cx.now());
        self.dial(infohash, peers, cx);
    }

    /// A tracker says that this one has it, or gets it, and it is dialled already.
    pub fn named(&mut self, infohash: Infohash, addr: SocketAddr, cx: &Context) {
        self.lookups.note(infohash, &[addr], cx.now());
    }

    /// A tracker that knows somebody is asked who that is. It then knows this node too, until it hears the farewell; what
    /// this node's user hosts, their client announces, and a second port would mislead others.
    pub fn scraped(
        &mut self,
        infohash: Infohash,
        url: String,
        complete: u32,
        incomplete: u32,
        cx: &mut Context,
    ) {
        match self.checks.is_hosted(&infohash) {
            Some(true) => self.lookups.counted(infohash, complete, cx.now()),
            Some(false) if complete > 0 || incomplete > 0 => {
                cx.act(Action::AddTracker { infohash, url });
            }
            Some(false) | None => {}
        }
    }

    /// Somebody there has it.
    pub fn saw(&mut self, infohash: Infohash, addr: SocketAddr) {
        self.checks.saw(infohash, addr);
    }

    /// Writes down who was named and seen, and ends what is over.
    pub fn tick(&mut self, cx: &mut Context) {
        let now = cx.now();
        for (infohash, count) in self.lookups.settled(now) {
            log_failure("keeping a host count", cx.store.set_seeds(&infohash, count, now));
        }
        let seen = self.checks.take_seen();
        if !seen.is_empty() {
            log_failure("keeping who was seen", cx.store.set_verified(&seen, now));
        }
        end(self.checks.take_over(now), cx);
    }

    /// Whatever waits for a moment would now wait for it longer: all of it begins anew.
    pub fn clock_was_set_back(&mut self, cx: &mut Context) {
        self.lookups = Lookups::default();
        end(self.checks.take_all(), cx);
    }

    fn dial(&mut self, infohash: Infohash, named: &[SocketAddr], cx: &mut Context) {
        for addr in self.checks.choose(&infohash, named) {
            cx.act(Action::Dial { infohash, addr });
        }
    }
}

fn end(checks: Vec<Infohash>, cx: &mut Context) {
    checks.into_iter().for_each(|infohash| cx.act(Action::EndCheck(infohash)));
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};
    use upseed_model::{BoardName, Record, SignedItem};
    use upseed_store::Store;

    use super::*;
    use crate::{input::NetworkState, testing::post, time::Time};

    const NOW: u64 = 1_800_000_000;
    const TRACKER: &str = "http://tracker.example/announce";

    struct World {
        hosts: Hosts,
        store: Store,
        cx: Context,
        item: SignedItem,
    }

    /// A board with a tracker and a post.
    fn world() -> World {
        let (store, text) = (Store::open_in_memory().unwrap(), b"Text");
        let item = post(1, b"Post", text, NOW);
        store.join(&BoardName::upseed(), &[TRACKER.to_owned()], NOW).unwrap();
        store.ingest(&[Record::Item(item.clone())], NOW).unwrap();
        let mut cx = Context::new(Box::new(store.clone()), StdRng::seed_from_u64(1));
        cx.time = Time::at(NOW);
        World { hosts: Hosts::default(), store, cx, item }
    }

    impl World {
        fn check(&mut self) -> Vec<Action> {
            let mut connections = Connections::default();
            connections.network = NetworkState { dht: true, ..NetworkState::default() };
            self.hosts.check(self.item.infohash(), &connections, &mut self.cx);
            self.actions()
        }

        fn scraped(&mut self, complete: u32, incomplete: u32) -> Vec<Action> {
            let infohash = self.item.infohash();
            self.hosts.scraped(infohash, TRACKER.into(), complete, incomplete, &mut self.cx);
            self.actions()
        }

        fn tick(&mut self, seconds: u64) -> Vec<Action> {
            self.cx.time = Time::at(NOW + seconds);
            self.hosts.tick(&mut self.cx);
            self.actions()
        }

        fn actions(&mut self) -> Vec<Action> {
            std::iter::from_fn(|| self.cx.next_action()).collect()
        }

        /// Hosts, and the networks among them that were seen.
        fn row(&self) -> (Option<u32>, u32, Option<u64>) {
            let row = self.store.item(&self.item.infohash()).unwrap().unwrap();
            (row.seeds, row.verified, row.verified_at)
        }
    }

    fn addr(c: u8, port: u16) -> SocketAddr {
        ([203, 0, c, 1], port).into()
    }

    #[test]
    fn a_check_asks_the_dht_and_trackers_dials_and_ends() {
        let mut world = world();
        let infohash = world.item.infohash();
        let info = world.item.header().to_vec();
        let trackers = vec![TRACKER.to_owned()];
        let begins = [Action::Check { infohash, info, trackers }, Action::LookUp(infohash)];
        assert_eq!(world.check(), begins);
        assert_eq!(world.check(), [], "it is under way");
        world.hosts.found(infohash, &[addr(1, 1), addr(2, 2)], &mut world.cx);
        let dials = [addr(1, 1), addr(2, 2)].map(|addr| Action::Dial { infohash, addr });
        assert_eq!(world.actions(), dials);
        assert_eq!(world.scraped(0, 0), [], "a tracker that knows nobody hears of nobody");
        let asks = Action::AddTracker { infohash, url: TRACKER.into() };
        assert_eq!(world.scraped(1, 0), [asks]);
        assert_eq!(world.tick(19), []);
        assert_eq!(world.tick(20), [Action::EndCheck(infohash)]);
        assert_eq!(world.scraped(1, 0), [], "it is over");
        world.hosts.found(infohash, &[addr(3, 3)], &mut world.cx);
        assert_eq!(world.actions(), []);
    }

    #[test]
    fn who_is_only_named_two_hundred_times_from_one_address_is_one_host_and_not_verified() {
        let mut world = world();
        let infohash = world.item.infohash();
        world.check();
        world.scraped(200, 0);
        (1..=200).for_each(|port| world.hosts.named(infohash, addr(1, port), &world.cx));
        world.tick(5);
        assert_eq!(world.row(), (Some(1), 0, None));
        world.hosts.saw(infohash, addr(1, 7));
        world.hosts.saw(infohash, addr(1, 8));
        world.tick(6);
        assert_eq!(world.row(), (Some(1), 1, Some(NOW + 6)));
    }

    #[test]
    fn of_what_the_user_hosts_trackers_are_not_told_and_only_count() {
        let mut world = world();
        world.store.wish_up(&world.item.work(), NOW).unwrap();
        world.check();
        assert_eq!(world.scraped(3, 1), []);
        world.tick(5);
        assert_eq!(world.row().0, Some(3));
    }
}
