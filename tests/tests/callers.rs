//! Many callers of one node, most of whom never finish what they began.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use upseed_tests::{Person, http, until};

#[test]
fn those_who_never_read_or_finish_hold_up_nobody() {
    let ann = Person::named("Ann").start();
    let bearer = format!("Bearer {}", ann.token());
    let open = |head: &str| {
        let mut stream = TcpStream::connect(ann.api()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let known = format!("Host: {}\r\nAuthorization: {bearer}\r\n", ann.api());
    let before = ann.peak_memory();
    let (mut held, mut heads) = (Vec::new(), Vec::new());
    for _ in 0..150 {
        held.push(open(&format!("GET /upseed/api/v1/events HTTP/1.1\r\n{known}\r\n")));
        heads.push(open("GET /upseed/api/v1/status HTTP/1.1\r\nHost: "));
        held.push(open(&format!(
            "POST /upseed/api/v1/posts HTTP/1.1\r\n{known}Content-Type: application/json\r\n\
             Content-Length: 500000\r\n\r\n{{\"board\":"
        )));
    }
    let headers = [("Authorization", bearer.as_str())];
    let mut listener = http::Events::open(ann.api(), "/upseed/api/v1/events", &headers);
    // Each change is told to all of them, who read none; who reads is told at once.
    let root = ann.post("upseed", "Told to many", "It begins.\n");
    for n in 0..200 {
        let body = json!({ "parent": root, "text": format!("{n} {}\n", "x".repeat(500)) });
        let answer = ann.call("POST", "/comments", &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = answer.json()["id"].clone();
        while listener.next_event().expect("the stream goes on")["id"] != id {}
    }
    assert_eq!(ann.status()["items"], 201);
    let grown = ann.peak_memory() - before;
    let callers = held.len() + heads.len();
    println!("{grown} KiB for {callers} callers");
    assert!(grown < 100 << 10, "{grown} KiB for {callers} callers");

    // Further ones wait for a place, and get one when those who said nothing whole are cut off.
    while held.len() + heads.len() < 520 {
        heads.push(open("GET /upseed/api/v1/status HTTP/1.1\r\nHost: "));
    }
    let answer = http::request(ann.api(), "GET", "/upseed/api/v1/status", &headers, b"");
    assert_eq!(answer.status, 200);
    let is_cut_off = |mut stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        let read = stream.read(&mut [0]);
        !read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    };
    let cut_off = heads.iter().filter(|stream| is_cut_off(stream)).count();
    println!("{cut_off} of {} unfinished heads were cut off", heads.len());
    assert!(cut_off > 0, "a place came free");
}

/// Raises this process's limit of open files as far as it goes.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

/// Heads that are begun and never ended, so many at any time.
struct HalfOpen {
    enough: Arc<AtomicBool>,
    opened: Arc<AtomicUsize>,
    keeping: Option<JoinHandle<()>>,
}

impl HalfOpen {
    fn keep_up(at: SocketAddr, count: usize) -> Self {
        let (enough, opened) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (until, total) = (enough.clone(), opened.clone());
        let keeping = thread::spawn(move || {
            let mut open: Vec<TcpStream> = Vec::new();
            while !until.load(Relaxed) {
                open.retain(|stream| !is_cut_off(stream));
                if open.len() == count {
                    thread::sleep(Duration::from_millis(20));
                    continue;
                }
                // The system's queue may be full.
                let Ok(mut stream) = TcpStream::connect_timeout(&at, Duration::from_millis(100))
                else {
                    continue;
                };
                if stream.write_all(b"GET /upseed/api/v1/status HTTP/1.1\r\nHost: ").is_ok() {
                    open.push(stream);
                    total.fetch_add(1, Relaxed);
                }
            }
        });
        Self { enough, opened, keeping: Some(keeping) }
    }
}

impl Drop for HalfOpen {
    fn drop(&mut self) {
        self.enough.store(true, Relaxed);
        self.keeping.take().map(JoinHandle::join);
    }
}

fn is_cut_off(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let read = stream.read(&mut [0; 4_096]);
    match read {
        Ok(bytes) => bytes == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

#[test]
fn half_open_heads_of_others_hold_up_no_command_of_the_owner() {
    allow_open_files();
    let ann = Person::named("Ann").start();
    let crowd = HalfOpen::keep_up(ann.api(), 1_500);
    until("all places of the port are taken", || {
        (crowd.opened.load(Relaxed) >= 1_000).then_some(())
    });
    let id = ann.post("upseed", "From the owner", "All places are taken.\n");
    assert!(ann.listed(&id).is_some(), "it is listed");
}

#[test]
fn event_streams_of_one_session_make_room_for_its_next_ones() {
    allow_open_files();
    let ann = Person::named("Ann").start();
    let cookie = ann.cookie();
    let mut streams = Vec::new();
    for _ in 0..600 {
        let mut stream = TcpStream::connect(ann.api()).unwrap();
        let head = format!(
            "GET /upseed/api/v1/events HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n",
            ann.api()
        );
        stream.write_all(head.as_bytes()).unwrap();
        streams.push(stream);
    }
    until("all but the newest 64 are closed", || {
        streams.retain(|stream| !is_cut_off(stream));
        (streams.len() <= 64).then_some(())
    });
    assert_eq!(streams.len(), 64);
    assert!(ann.page("/upseed/").contains("<title>"), "the owner's browser is answered");
}
