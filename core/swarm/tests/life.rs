//! Starting, and leaving nothing behind.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::io::Read as _;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;

use support::{Node, Shelf, item, pair, settings, until};
use upseed_swarm::{Settings, Swarm, SwarmError};

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

fn start(settings: Settings) -> Result<Swarm, SwarmError> {
    Swarm::start(settings, Arc::new(Shelf::default()), |_| {})
}

#[test]
fn dropping_ends_the_threads_and_closes_the_port() {
    let before = threads();
    let (a, _, b, _) = pair([3; 20]);
    let post = item(1, 1_000);
    a.host(&post);
    b.swarm.fetch(post.infohash, None, vec![a.addr()], vec![]).unwrap();
    b.fetched(post.infohash);
    // one that will never end, and a tracker that will never answer
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/announce", silent.local_addr().unwrap());
    a.swarm.fetch([9; 20], None, vec![], vec![url.clone()]).unwrap();
    a.swarm.add_tracker([3; 20], &url).unwrap();
    let (mut asked, _) = silent.accept().unwrap();
    assert!(threads() > before);

    let clone = a.swarm.clone();
    let addr = a.addr();
    drop(a);
    assert!(TcpStream::connect(addr).is_ok(), "a clone keeps it alive");
    drop(clone);
    drop(b);
    // It ended, and the tracker has still not answered.
    let mut request = Vec::new();
    let _ = asked.read_to_end(&mut request);
    assert!(request.starts_with(b"GET /announce"), "{}", String::from_utf8_lossy(&request));
    assert!(TcpStream::connect(addr).is_err());
    assert!(UdpSocket::bind(addr).is_ok());
    assert_eq!(threads(), before);
}

#[test]
fn an_idle_swarm_leaves_no_thread() {
    let before = threads();
    let node = Node::start();
    assert!(threads() > before);
    drop(node);
    assert_eq!(threads(), before);
}

#[test]
fn a_port_in_use_is_named() {
    let before = threads();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let error = start(Settings { listen: vec![addr], ..settings() }).err().unwrap();
    let named = |error: &SwarmError| matches!(error, SwarmError::Listen { port, in_use: true, .. } if *port == addr.port());
    assert!(named(&error), "{error:?}");
    assert!(error.to_string().contains(&addr.port().to_string()), "{error}");
    assert_eq!(threads(), before);
}

#[test]
fn a_udp_port_in_use_is_named_too() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let error = start(Settings { listen: vec![addr], ..settings() }).err().unwrap();
    assert!(matches!(&error, SwarmError::Listen { in_use: true, .. }), "{error:?}");
    assert!(error.to_string().contains(&addr.port().to_string()), "{error}");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refused = |settings: Settings| matches!(start(settings), Err(SwarmError::Setting { .. }));
    assert!(refused(Settings { listen: vec![], ..settings() }));
    assert!(refused(Settings { bootstrap: vec!["nowhere".into()], ..settings() }));
    assert!(refused(Settings { interface: Some("eth0,lo".into()), ..settings() }));
    assert!(refused(Settings { user_agent: "a\nb".into(), ..settings() }));
    let node = Node::start();
    for url in ["ftp://a/", "http://a/ b", "file:///etc/passwd"] {
        assert!(matches!(node.swarm.add_tracker([1; 20], url), Err(SwarmError::Tracker(_))));
    }
}

#[test]
fn an_interface_that_is_not_there_fails_closed() {
    let error =
        start(Settings { interface: Some("upseed-none0".into()), ..settings() }).err().unwrap();
    assert!(error.to_string().contains("upseed-none0"), "{error}");
}

#[test]
fn the_last_handle_may_be_dropped_on_the_network_thread() {
    let before = threads();
    let held: Arc<std::sync::Mutex<Option<Swarm>>> = Arc::default();
    let inside = Arc::clone(&held);
    let swarm = Swarm::start(settings(), Arc::new(Shelf::default()), move |_| {
        drop(inside.lock().unwrap().take())
    })
    .unwrap();
    swarm.fetch([1; 20], None, vec![], vec![]).unwrap();
    let clone = swarm.clone();
    *held.lock().unwrap() = Some(swarm);
    // a fetch of a rendezvous fails, which is an event
    clone.join([2; 20]);
    clone.fetch([2; 20], None, vec![], vec![]).unwrap();
    drop(clone);
    until("ended", || threads() == before);
}
