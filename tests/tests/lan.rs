//! A LAN without internet: nodes meet by local service discovery alone.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    net::{SocketAddr, TcpStream},
    process::{Child, Command},
    time::Duration,
};

use upseed_tests::{
    Person, Setup,
    namespace::{self, Machine},
    steadily, until,
};

/// Ann posts, Bob reads and answers.
fn story(ann: Setup, bob: Setup) {
    let ann = ann.lsd().start();
    let id = ann.post("upseed", "Over the hotspot", "No internet here.\n");
    let bob = bob.lsd().start();
    until("Bob sees Ann's post with its text", || {
        bob.listed(&id).filter(|item| item["text"] == "No internet here.\n")
    });
    let answer = bob.comment(&id, "Who needs it?\n");
    until("Ann sees Bob's answer", || {
        let thread = ann.json(&["thread", &id, "--timeout", "0"]);
        (thread["replies"][0]["id"] == answer.as_str()).then_some(())
    });
}

#[test]
fn two_nodes_meet_without_being_told_of_each_other() {
    let addresses = ["10.77.0.1", "10.77.0.2"];
    if !namespace::enter("two_nodes_meet_without_being_told_of_each_other", &addresses) {
        return;
    }
    story(
        Person::named("Ann").swarm_listen("10.77.0.1:0"),
        Person::named("Bob").swarm_listen("10.77.0.2:0"),
    );
}

#[test]
fn two_nodes_that_listen_everywhere_meet() {
    if !namespace::enter("two_nodes_that_listen_everywhere_meet", &["10.77.0.1"]) {
        return;
    }
    story(
        Person::named("Ann").swarm_listen("0.0.0.0:0"),
        Person::named("Bob").swarm_listen("0.0.0.0:0"),
    );
}

/// DNS was not there when Bob's machine started, and later the name leads elsewhere.
#[test]
fn a_peer_is_followed_by_its_name() {
    let addresses = ["10.77.0.1", "10.77.0.2", "10.77.0.3"];
    if !namespace::enter("a_peer_is_followed_by_its_name", &addresses) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let hosts = folder.path().join("hosts");
    std::fs::write(&hosts, "127.0.0.1 localhost\n").unwrap();
    namespace::hosts(&hosts);
    let bob = Person::named("Bob").swarm_listen("10.77.0.2:0").arg("--peer").arg("ann.lan:7001");
    let bob = bob.start();
    until("Bob is told", || bob.log().contains("--peer ann.lan:7001: ").then_some(()));
    for address in ["10.77.0.1", "10.77.0.3"] {
        let ann = Person::named("Ann").swarm_listen(&format!("{address}:7001")).start();
        let id = ann.post("upseed", &format!("At {address}"), "Text.\n");
        std::fs::write(&hosts, format!("127.0.0.1 localhost\n{address} ann.lan\n")).unwrap();
        until("Bob sees what is posted there", || bob.listed(&id));
    }
}

fn ip(args: &str) {
    let done = Command::new("ip").args(args.split(' ')).status().expect("iproute2 is installed");
    assert!(done.success(), "ip {args}");
}

fn is_alone(person: &Person) -> bool {
    person.status()["client_warnings"].to_string().contains("loopback alone")
}

/// As when a VPN or ifupdown gives an interface its address before it sets it up.
#[test]
fn an_address_whose_link_comes_up_later_is_listened_on() {
    if !namespace::enter("an_address_whose_link_comes_up_later_is_listened_on", &[]) {
        return;
    }
    let bob = Person::named("Bob").everywhere().start();
    until("that nobody can reach it is told", || is_alone(&bob).then_some(()));
    ip("link add late0 type veth peer name late0-far");
    ip("addr add 192.168.8.2/24 dev late0");
    steadily(Duration::from_secs(2), "the link is down", || is_alone(&bob));
    ip("link set late0-far up");
    ip("link set late0 up");
    let port = bob.swarm_addr().port();
    until("it is reached there", || {
        TcpStream::connect(SocketAddr::from(([192, 168, 8, 2], port))).ok()
    });
    until("and is alone no more", || (!is_alone(&bob)).then_some(()));
    ip("link del late0");
    until("nor does it claim what is gone", || is_alone(&bob).then_some(()));
}

/// A network in which UDP leads nowhere, or whose bootstrap node is gone.
#[test]
fn a_dht_in_which_nobody_is_reached_is_told() {
    if !namespace::enter("a_dht_in_which_nobody_is_reached_is_told", &["10.77.0.1"]) {
        return;
    }
    let nowhere = SocketAddr::from(([10, 77, 0, 99], 1));
    let bob = Person::named("Bob").swarm_listen("10.77.0.1:0").dht(&[nowhere]).start();
    let told = || bob.status()["client_warnings"].to_string();
    assert!(!told().contains("no node of the DHT"), "a start takes its time");
    until("that nobody is found there is told", || {
        told().contains("reached no node of the DHT").then_some(())
    });
}

/// The machine of a node that starts with it has neither an address nor DNS yet.
#[test]
fn the_dht_is_entered_when_the_network_comes() {
    if !namespace::enter("the_dht_is_entered_when_the_network_comes", &[]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let hosts = folder.path().join("hosts");
    std::fs::write(&hosts, "127.0.0.1 localhost\n").unwrap();
    namespace::hosts(&hosts);
    let bob = Person::named("Bob").everywhere().public_dht().start();
    until("that nobody can reach it is told", || is_alone(&bob).then_some(()));
    // First an address, and later a way out.
    let machine = Machine::start();
    until("Bob has an address", || (!is_alone(&bob)).then_some(()));
    ip("route add default dev far0");
    // There are the router that libtorrent knows, and somebody whom it knows; of a /24 libtorrent asks but one.
    let added =
        machine.command("ip").args(["addr", "add", "10.98.0.2/24", "dev", "near0"]).status();
    assert!(added.is_ok_and(|status| status.success()));
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let router = SocketAddr::from(([10, 99, 0, 2], 25_401));
    let _nodes = [("10.99.0.2:25401", nowhere), ("10.98.0.2:25402", router)].map(|(at, by)| {
        let person = Person::named("There").swarm_listen(at).dht(&[by]).offline();
        There::start(&machine, person)
    });
    std::fs::write(&hosts, "127.0.0.1 localhost\n10.99.0.2 dht.libtorrent.org\n").unwrap();
    until("Bob is in the DHT", || bob.status()["dht_nodes"].as_u64().filter(|nodes| *nodes > 0));
}

/// A node on another machine. It ends when this is dropped.
struct There {
    process: Child,
    _person: Person,
}

impl There {
    fn start(machine: &Machine, person: Person) -> Self {
        let here = person.run_command();
        let mut command = machine.command(here.get_program().to_str().unwrap());
        let process = command.args(here.get_args()).spawn().expect("nsenter runs");
        Self { process, _person: person }
    }
}

impl Drop for There {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
