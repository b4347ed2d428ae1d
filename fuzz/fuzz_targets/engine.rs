//! Rooms whose peers, DHT and swarms say anything: the engine never panics, sends only frames that are frames, and only to
//! peers that are there. Each step is a byte that chooses what happens, and what comes with it.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use rand::{SeedableRng as _, rngs::StdRng};
use upseed_model::{BoardName, Infohash, limits::MAX_FRAME, sync::Frame};
use upseed_rooms::{Action, Command, Engine, Input, NetworkState, PeerId, Time};
use upseed_store::Store;

const NOW: u64 = 1_790_100_000;
const HELLO: &[u8] = b"d5:framei262144e1:m5:hello3:maxi1e3:mini1e4:timei1800000000ee";
const OPEN: &[u8] = b"d4:bitsi0e5:board6:upseed5:firsti0e4:lasti99999e1:m4:opene";

fuzz_target!(|input: &[u8]| {
    let store = Store::open_in_memory().unwrap();
    let board = store.join(&BoardName::upseed(), &[], NOW).unwrap();
    let rendezvous = BoardName::upseed().rendezvous();
    let mut engine = Engine::new(store, Vec::new(), StdRng::seed_from_u64(1));
    let (mut now, mut opened, mut here) = (NOW, 0, BTreeSet::new());
    let state = NetworkState { dht: true, private: false, own_bootstrap: false };
    let mut step = |input: Input, now: u64, here: &mut BTreeSet<PeerId>| {
        engine.handle(input, Time::at(now));
        while let Some(action) = engine.next_action() {
            match action {
                Action::Send { peer, frame } => {
                    assert!(here.contains(&peer) && frame.len() <= MAX_FRAME);
                    assert!(Frame::from_bytes(&frame).is_ok());
                }
                Action::Close(peer) => drop(here.remove(&peer)),
                _ => {}
            }
        }
    };
    step(Input::Network(state), now, &mut here);
    step(Input::Command(Command::Join(board)), now, &mut here);
    let mut rest = input;
    while let Some((head, tail)) = rest.split_at_checked(4) {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let (bytes, tail) = tail.split_at(length.min(tail.len()));
        rest = tail;
        let peer = here.iter().nth(usize::from(head[1]) % here.len().max(1)).copied();
        let mut id = [0; 20];
        id[..bytes.len().min(20)].copy_from_slice(&bytes[..bytes.len().min(20)]);
        let infohash = Infohash::from_bytes(id);
        let addr = |n: u8| ([203, 0, n, head[1]], 6_881).into();
        match (head[0] % 10, peer) {
            (0, _) => {
                let peer = PeerId(opened);
                opened += 1;
                here.insert(peer);
                let (addr, outgoing) = (addr(opened as u8), head[1] & 1 == 0);
                let utp = head[1] & 2 == 0;
                let opened =
                    Input::PeerOpened { peer, rendezvous, addr, outgoing, utp, listen_port: None };
                step(opened, now, &mut here);
                for frame in [HELLO, OPEN].into_iter().take(usize::from(head[1] >> 6)) {
                    if here.contains(&peer) {
                        step(Input::Frame { peer, frame: frame.to_vec() }, now, &mut here);
                    }
                }
            }
            (1..=4, Some(peer)) => step(Input::Frame { peer, frame: bytes.to_vec() }, now, &mut here),
            (5, Some(peer)) => {
                here.remove(&peer);
                step(Input::PeerClosed { peer, reason: String::new() }, now, &mut here);
            }
            (6, _) => {
                now += u64::from(head[1]);
                step(Input::Tick, now, &mut here);
                step(Input::AskForTexts, now, &mut here);
            }
            (7, _) => {
                let peers = bytes.iter().map(|n| addr(*n)).collect();
                step(Input::DhtPeers { infohash: rendezvous, peers }, now, &mut here);
            }
            (8, _) => {
                let fetch = Command::Fetch { infohash, peers: Vec::new(), trackers: Vec::new() };
                step(Input::Command(fetch), now, &mut here);
            }
            (9, _) => {
                let info = bytes.to_vec();
                step(Input::Metadata { infohash, info: info.clone() }, now, &mut here);
                step(Input::Fetched { infohash, text: info.clone(), info }, now, &mut here);
            }
            _ => {}
        }
    }
});
