//! Many callers of one node, most of whom never finish what they began.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::json;
use upseed_tests::{Person, http};

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
