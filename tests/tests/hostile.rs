//! Strangers who do all that the protocol lets them do, against a whole node that others use meanwhile.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use upseed_model::BoardName;
use upseed_swarm::{Event, PeerId, Settings, Swarm, SwarmError};
use upseed_tests::{Person, until};

const HELLO: &[u8] = b"d5:framei262144e1:m5:hello3:maxi1e3:mini1ee";
const OPEN: &[u8] = b"d4:bitsi0e5:board6:upseed5:firsti0e4:lasti99999e1:m4:opene";

struct NoTexts;

impl upseed_swarm::Texts for NoTexts {
    fn read(&self, _: &[u8; 20]) -> Option<Vec<u8>> {
        None
    }
}

/// Dials a node again and again, and says to it what `frame` gives, as fast as it takes it.
struct Attacker {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Attacker {
    fn start(victim: SocketAddr, mut frame: impl FnMut(usize) -> Vec<u8> + Send + 'static) -> Self {
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (stopped, count) = (stop.clone(), sent.clone());
        let thread = std::thread::spawn(move || {
            let (events, inbox) = mpsc::channel();
            let settings = Settings {
                listen: vec!["127.0.0.1:0".parse().unwrap()],
                dht: false,
                lsd: false,
                private_network: true,
                outgoing_utp: false,
                ..Settings::default()
            };
            let swarm = Swarm::start(settings, Arc::new(NoTexts), move |event| {
                let _ = events.send(event);
            })
            .unwrap();
            let rendezvous = *BoardName::upseed().rendezvous().as_bytes();
            swarm.join(rendezvous);
            let mut peer: Option<PeerId> = None;
            while !stopped.load(Ordering::Relaxed) {
                match peer {
                    None => swarm.connect(rendezvous, victim),
                    Some(id) => loop {
                        match swarm.send(id, &frame(count.load(Ordering::Relaxed))) {
                            Ok(()) => {
                                count.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(SwarmError::Full(_)) => break,
                            Err(_) => {
                                peer = None;
                                break;
                            }
                        }
                    },
                }
                match inbox.recv_timeout(Duration::from_millis(50)) {
                    Ok(Event::PeerOpened { peer: id, .. }) => {
                        peer = Some(id);
                        // It may be turned away already.
                        let _ = swarm.send(id, HELLO).and_then(|()| swarm.send(id, OPEN));
                    }
                    Ok(Event::PeerClosed { peer: id, .. }) if peer == Some(id) => peer = None,
                    _ => {}
                }
            }
        });
        Self { stop, sent, thread: Some(thread) }
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().unwrap().join();
    }
}

/// Other bytes each time: a whole id, of 32 bytes.
fn id(attacker: usize, number: usize) -> [u8; 32] {
    let mut bytes = [b'x'; 32];
    bytes[..8].copy_from_slice(&(attacker as u64).to_be_bytes());
    bytes[8..16].copy_from_slice(&(number as u64).to_be_bytes());
    bytes
}

/// Records of a version that does not exist: no lie, and never the same.
fn junk(attacker: usize, frame: usize) -> Vec<u8> {
    let mut bytes = b"d4:listl".to_vec();
    for number in 0..2_000 {
        let mut record = b"d6:author32:".to_vec();
        record.extend(id(attacker, frame * 2_000 + number));
        record.extend(b"1:vi2ee");
        bytes.extend(format!("{}:", record.len()).into_bytes());
        bytes.extend(record);
    }
    bytes.extend(b"e1:m7:recordse");
    bytes
}

/// Offers of what nobody has.
fn offers(attacker: usize, frame: usize) -> Vec<u8> {
    let mut bytes = b"d3:ids32768:".to_vec();
    (0..1_024).for_each(|number| bytes.extend(id(attacker, frame * 1_024 + number)));
    bytes.extend(b"1:m4:havee");
    bytes
}

#[test]
fn floods_hold_up_neither_the_user_nor_other_members() {
    let ann = Person::named("Ann").start();
    let bob = Person::named("Bob").peer(&ann).start();
    let victim = ann.swarm_addr();
    let attackers: Vec<_> = (0..6)
        .map(|n| match n % 3 {
            0 => Attacker::start(victim, move |frame| junk(n, frame)),
            1 => Attacker::start(victim, move |frame| offers(n, frame)),
            _ => Attacker::start(victim, move |frame| {
                if frame % 2 == 0 { offers(n, frame) } else { junk(n, frame) }
            }),
        })
        .collect();
    until("all of them are at it", || {
        attackers.iter().all(|attacker| attacker.sent.load(Ordering::Relaxed) > 20).then_some(())
    });
    for round in 0..2 {
        let id = bob.post("upseed", &format!("Bob {round}"), "Still here.\n");
        until("Ann gets it with its text", || {
            ann.listed(&id).filter(|item| item["text"] == "Still here.\n")
        });
        let id = ann.post("upseed", &format!("Ann {round}"), "So am I.\n");
        until("Bob gets it with its text", || {
            bob.listed(&id).filter(|item| item["text"] == "So am I.\n")
        });
    }
    // Bob never had to go.
    assert!(ann.status()["peers"].as_u64().unwrap() >= 1);
    let (megabytes, pid) = (ann.peak_memory() / 1_024, ann.pid());
    assert!(megabytes < 400, "{megabytes} MB of process {pid}");
    let sent: usize = attackers.iter().map(|attacker| attacker.sent.load(Ordering::Relaxed)).sum();
    eprintln!("{sent} hostile frames; the node's memory at most {megabytes} MB");
}
