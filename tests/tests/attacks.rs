//! What strangers with many connections can cost a whole node.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Instant,
};

use upseed_model::{SignedItem, WorkId, sync::Frame};
use upseed_tests::{Clock, Person, Wire, free_port, until};

/// Connections of strangers that a board takes.
const PLACES: usize = 160;

/// Megabytes that a node takes whatever they do.
const MEMORY: u64 = 150;

/// Strangers who come again and again, and do the same each time.
struct Crowd {
    stop: Arc<AtomicBool>,
    /// Bytes that the node took of them.
    sent: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// So many, of whom each does this with a connection that has greeted; it adds up the bytes that it sent.
    fn of(
        count: usize,
        victim: SocketAddr,
        act: impl Fn(&mut Wire, &AtomicUsize, &AtomicBool) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let act = Arc::new(act);
        let thread = |_| {
            let (stop, sent, act) = (stop.clone(), sent.clone(), act.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let done =
                        Wire::greet(victim).and_then(|mut wire| act(&mut wire, &sent, &stop));
                    drop(done);
                    std::thread::yield_now();
                }
            })
        };
        let threads = (0..count).map(thread).collect();
        Self { stop, sent, threads }
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

/// A node with a few long texts; what its user calls them, and what members ask for.
fn ann() -> (Person, Vec<String>, Vec<WorkId>) {
    let ann = Person::named("Ann").start();
    let mut member = Wire::greet(ann.swarm_addr()).unwrap();
    until("she has a member", || (ann.status()["peers"] == 1).then_some(()));
    let long = "x".repeat(60_000);
    let ids = (0..3).map(|n| ann.post("upseed", &format!("Long {n}"), &format!("{n} {long}\n")));
    let ids = ids.collect();
    let mut works = Vec::new();
    while works.len() < 3 {
        if let Frame::Records(list) = Frame::from_bytes(&member.hear().unwrap()).unwrap() {
            works.extend(list.iter().map(|header| SignedItem::from_bytes(header).unwrap().work()));
        }
    }
    (ann, ids, works)
}

/// Somebody new gets everything while a crowd is at it, and the node stays small.
#[track_caller]
fn others_do_not_notice(what: &str, ann: &Person, ids: &[String], crowd: &Crowd, least: usize) {
    until("the crowd is at it", || (crowd.sent() >= least).then_some(()));
    let began = Instant::now();
    let bob = Person::named("Bob").peer(ann).start();
    for id in ids {
        until("Bob has it with its text", || {
            bob.listed(id)
                .filter(|item| item["text"].as_str().is_some_and(|text| text.len() > 60_000))
        });
    }
    let megabytes = ann.peak_memory() / 1_024;
    let (took, sent) = (began.elapsed().as_secs_f64(), crowd.sent() >> 20);
    eprintln!("{what}: {sent} MiB came, {megabytes} MB at most; Bob had all after {took:.1} s");
    assert!(megabytes <= MEMORY, "{what}: {megabytes} MB");
}

fn unknown_frame() -> Vec<u8> {
    let mut frame = b"d1:m5:later1:x200000:".to_vec();
    frame.resize(frame.len() + 200_000, b'x');
    frame.push(b'e');
    frame
}

#[test]
fn large_frames_that_nobody_asked_for_cost_neither_memory_nor_time() {
    let (ann, ids, _) = ann();
    let crowd = Crowd::of(PLACES / 2, ann.swarm_addr(), |wire, sent, stop| {
        let frame = unknown_frame();
        while !stop.load(Ordering::Relaxed) {
            wire.send(&frame)?;
            sent.fetch_add(frame.len(), Ordering::Relaxed);
        }
        Ok(())
    });
    others_do_not_notice("unknown frames", &ann, &ids, &crowd, 100 << 20);
}

#[test]
fn who_asks_for_everything_and_reads_nothing_costs_little() {
    let (ann, ids, works) = ann();
    let crowd = Crowd::of(PLACES, ann.swarm_addr(), move |wire, sent, stop| {
        let frame = Frame::WantText(works.clone()).to_bytes();
        for _ in 0..5_000 {
            wire.send(&frame)?;
            sent.fetch_add(frame.len(), Ordering::Relaxed);
        }
        // And a frame that never ends.
        wire.send_half(262_144)?;
        while !stop.load(Ordering::Relaxed) {
            std::thread::park_timeout(std::time::Duration::from_millis(100));
        }
        Ok(())
    });
    others_do_not_notice("texts for nobody", &ann, &ids, &crowd, PLACES * 5_000 * 110);
}

#[test]
fn a_clock_that_is_set_back_holds_nobody_up() {
    let ann = Person::named("Ann").swarm_listen(&format!("127.0.0.1:{}", free_port("127.0.0.1")));
    let mut ann = ann.start();
    let clock = Clock::new(ann.scratch());
    let bob = clock.shown_to(Person::named("Bob").peer(&ann)).start();
    until("they are connected", || (bob.status()["peers"] == 1).then_some(()));
    ann.stop();
    clock.set_back();
    until("Bob sees that it was", || bob.log().contains("the clock was set back").then_some(()));
    ann.restart();
    until("Bob dials again", || (bob.status()["peers"] == 1).then_some(()));
}
