//! What passes between nodes: connections, frames, items from their own swarms, and the DHT.

use std::net::SocketAddr;

use rand::{
    RngExt as _,
    seq::{IteratorRandom as _, SliceRandom as _},
};
use upseed_model::Infohash;
use upseed_rooms::{Input, PeerId};

use crate::{
    happens::What,
    network::{MILLISECOND, Micros, SECOND, loss},
    node::Link,
    world::World,
};

/// Bytes on their way on one connection above which it takes no more, and below which it does again.
const FULL: usize = 128 << 10;
const DRAINED: usize = 64 << 10;

/// Seconds for which the DHT keeps an announce, how many addresses it names, and what it takes to ask it.
const ANNOUNCED: u64 = 1_800;
const NAMED: usize = 100;
const ASKING: Micros = 1_500 * MILLISECOND;

/// Within which two must dial each other.
const PUNCHING: Micros = 3 * SECOND;

impl World {
    pub fn send(&mut self, node: usize, peer: PeerId, frame: Vec<u8>) -> Option<Input> {
        let link = self.nodes[node].links.get_mut(&peer)?;
        if link.under_way > FULL {
            link.is_full = true;
            return Some(Input::NotTaken { peer, frame });
        }
        link.under_way += frame.len();
        let (other, far) = (link.other, link.far);
        let way = self.nodes[node].line.way(&self.nodes[other].line);
        let left = self.nodes[node].line.send(frame.len(), self.now);
        let lost = loss(frame.len(), way, self.scenario.loss, &mut self.rng);
        let link = self.nodes[node].links.get_mut(&peer)?;
        link.arrives = link.arrives.max(left + way + lost);
        let after = link.arrives - self.now;
        self.later(after, other, What::Frame { peer: far, frame, back: peer });
        None
    }

    /// Ends a connection; the other side hears of it.
    pub fn part(&mut self, node: usize, peer: PeerId) {
        let Some(link) = self.nodes[node].links.remove(&peer) else { return };
        self.nodes[link.other].links.remove(&link.far);
        let way = self.nodes[node].line.way(&self.nodes[link.other].line);
        let closed = |peer| What::Input(Input::PeerClosed { peer, reason: String::new() });
        self.later(way, link.other, closed(link.far));
        if self.nodes[node].is_liar {
            self.later(0, node, closed(peer));
        }
    }

    /// Two who dial each other at the same moment meet, whatever routers they are behind.
    pub fn punch(&mut self, node: usize, other: usize, rendezvous: Infohash) {
        let since = self.punches.remove(&(other, node));
        if since.is_some_and(|since| self.now < since + PUNCHING) {
            self.connect(other, node, rendezvous);
        } else {
            self.punches.insert((node, other), self.now);
        }
    }

    pub fn is_reached(&self, node: usize, other: usize) -> bool {
        let [from, to] = [node, other].map(|node| &self.nodes[node].line);
        node != other && !to.is_behind_nat && (!self.is_parted || from.side == to.side)
    }

    /// A connection to a node that is there and can be reached, if there is none.
    pub fn dial(&mut self, node: usize, other: usize, rendezvous: Infohash) {
        if self.is_reached(node, other) {
            self.connect(node, other, rendezvous);
        }
    }

    pub fn connect(&mut self, node: usize, other: usize, rendezvous: Infohash) {
        let is_known = self.nodes[node].links.values().any(|link| link.other == other);
        if is_known || self.nodes[other].is_offline() {
            return;
        }
        let (near, far) = (PeerId(self.opened), PeerId(self.opened + 1));
        self.opened += 2;
        let link = |other, far| Link { other, far, arrives: 0, under_way: 0, is_full: false };
        self.nodes[node].links.insert(near, link(other, far));
        self.nodes[other].links.insert(far, link(node, near));
        let way = self.nodes[node].line.way(&self.nodes[other].line);
        for (node, peer, other, outgoing) in [(node, near, other, true), (other, far, node, false)]
        {
            let addr = self.nodes[other].line.addr;
            let listen_port = (!outgoing).then_some(addr.port());
            let opened =
                Input::PeerOpened { peer, rendezvous, addr, outgoing, utp: true, listen_port };
            // TCP's handshake, then BitTorrent's.
            self.later(if outgoing { 4 * way } else { 3 * way }, node, What::Input(opened));
        }
    }

    /// An item from its own swarm.
    pub fn fetch(&mut self, node: usize, other: usize, infohash: Infohash) {
        let number = self.library.read().expect("one thread").by_infohash(&infohash);
        let Some(number) = number else { return };
        let is_host = self.nodes[other].is_honest()
            && self.nodes[other].memory.shelf().hosts.contains(number);
        if !is_host || !self.is_reached(node, other) {
            return;
        }
        self.nodes[node].fetching.remove(&infohash);
        let entry = self.library.read().expect("one thread").entry(number);
        let (info, text) = (entry.item.header().to_vec(), entry.text.clone());
        let way = self.nodes[node].line.way(&self.nodes[other].line);
        let left = self.nodes[other].line.send(info.len() + text.len(), self.now);
        let fetched = Input::Fetched { infohash, info, text };
        self.later(left - self.now + 8 * way, node, What::Input(fetched));
    }

    pub fn announce(&mut self, node: usize, infohash: Infohash) {
        let (addr, until) = (self.nodes[node].line.addr, self.now + ANNOUNCED * SECOND);
        self.dht.entry(infohash).or_default().insert(addr, until);
    }

    pub fn look_up(&mut self, node: usize, infohash: Infohash) {
        let (now, is_parted) = (self.now, self.is_parted);
        let side = self.nodes[node].line.side;
        let Some(all) = self.dht.get_mut(&infohash) else { return };
        if self.rng.random_ratio(1, 100) {
            all.retain(|_, until| *until > now);
        }
        let (nodes, by_addr) = (&self.nodes, &self.by_addr);
        let is_near = |addr: &SocketAddr| !is_parted || nodes[by_addr[addr]].line.side == side;
        let alive = all.iter().filter(|(addr, until)| **until > now && is_near(addr));
        let mut peers = alive.map(|(addr, _)| *addr).sample(&mut self.rng, NAMED);
        peers.shuffle(&mut self.rng);
        self.later(ASKING, node, What::Input(Input::DhtPeers { infohash, peers }));
    }

    /// A frame has come.
    pub fn arrive(&mut self, node: usize, peer: PeerId, frame: Vec<u8>, back: PeerId) {
        let Some(other) = self.nodes[node].links.get(&peer).map(|link| link.other) else { return };
        if let Some(link) = self.nodes[other].links.get_mut(&back) {
            link.under_way -= frame.len();
            if link.is_full && link.under_way < DRAINED {
                link.is_full = false;
                self.later(0, other, What::Input(Input::Drained(back)));
            }
        }
        self.tell(node, Input::Frame { peer, frame });
    }
}
