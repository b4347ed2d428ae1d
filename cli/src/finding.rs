//! What `upseed self-check` and `upseed status` find, and what is to be said of it: decided here without looking at anything.

use std::{net::SocketAddr, path::PathBuf};

use serde::Serialize;
use upseed_api::Status;
use upseed_model::Reachability;

/// How a part of an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// Worth knowing, or not known.
    Note,
    /// Something that its user should mend.
    Wrong,
}

/// One part, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Which part.
    pub part: &'static str,
    pub state: State,
    /// How it stands, for people.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Finding {
    fn new(part: &'static str, state: State, message: impl Into<String>) -> Self {
        Self { part, state, message: message.into(), hint: None }
    }

    pub fn ok(part: &'static str, message: impl Into<String>) -> Self {
        Self::new(part, State::Ok, message)
    }

    pub fn note(part: &'static str, message: impl Into<String>) -> Self {
        Self::new(part, State::Note, message)
    }

    pub fn wrong(part: &'static str, message: impl Into<String>) -> Self {
        Self::new(part, State::Wrong, message)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What was seen of a data folder.
#[derive(Debug, Default)]
pub(crate) struct FolderFacts {
    pub path: PathBuf,
    pub exists: bool,
    pub has_database: bool,
    pub has_key: bool,
    /// It belongs to another user.
    pub is_anothers: bool,
    /// This user may write into it.
    pub is_writable: bool,
    /// Its user has said to go on where others may read it.
    pub is_accepted: bool,
    /// Its permissions.
    pub mode: u32,
    /// Secret files that others may read or write.
    pub open: Vec<PathBuf>,
}

pub(crate) fn folder(facts: &FolderFacts) -> Finding {
    let part = "data folder";
    let name = facts.path.display();
    if !facts.exists {
        return Finding::ok(part, format!("{name}: not there yet; the first start makes it"));
    }
    if facts.is_anothers || !facts.is_writable {
        let why =
            if facts.is_anothers { "belongs to another user" } else { "cannot be written to" };
        return Finding::wrong(part, format!("{name} {why}")).hint(
            "Run the command as the user whose node it is (sudo -u NAME), or give the folder to this one (chown -R).",
        );
    }
    if facts.is_accepted {
        return Finding::note(
            part,
            format!("{name}: others of this machine may read it, your key too, as you accepted"),
        );
    }
    if !facts.open.is_empty() {
        let names: Vec<String> = facts.open.iter().map(|path| path.display().to_string()).collect();
        return Finding::wrong(
            part,
            format!("others of this machine can read {}", names.join(", ")),
        )
        .hint(format!("chmod 600 {}. The next start of the node does it, too.", names.join(" ")));
    }
    // In a folder with the sticky bit nobody replaces what is another one's.
    if facts.mode & 0o022 != 0 && facts.mode & 0o1000 == 0 {
        return Finding::wrong(part, format!("others of this machine can put files into {name}"))
            .hint(format!("chmod 700 {name}"));
    }
    if facts.has_database && !facts.has_key {
        return Finding::note(
            part,
            format!("{name}: it has no key yet; writing or upvoting makes one"),
        );
    }
    Finding::ok(part, format!("{name}: what is secret in it is yours alone"))
}

const MIB: u64 = 1 << 20;

/// `free`: bytes that this user may still write there.
pub(crate) fn disk(free: Option<u64>) -> Finding {
    let part = "disk";
    let Some(free) = free else { return Finding::note(part, "free space unknown") };
    let free = free / MIB;
    // SQLite needs room for its log, and qBittorrent or another client stops below about as much.
    if free < 100 {
        return Finding::wrong(
            part,
            format!("{free} MiB are free: soon nothing can be kept any more"),
        )
        .hint("Make room on the disk of the data folder.");
    }
    Finding::ok(part, format!("{free} MiB are free"))
}

/// A time by which this program did not exist: 2026-01-01.
const BEFORE: u64 = 1_767_225_600;

/// The clock as far as one machine knows: `newest` is when something in the data folder was last written.
pub(crate) fn clock_alone(now: u64, newest: Option<u64>) -> Finding {
    let part = "clock";
    let hint = "Set the clock, or let the system keep it (timedatectl set-ntp true).";
    if now < BEFORE {
        return Finding::wrong(part, "this machine's clock stands years ago").hint(hint);
    }
    let ahead = newest.unwrap_or(0).saturating_sub(now);
    if ahead > 120 {
        let ahead = ahead / 60;
        let message =
            format!("the data folder was written {ahead} minutes from now: the clock was set back");
        return Finding::wrong(part, message).hint(hint);
    }
    Finding::note(part, "not compared with others: no node runs here")
}

/// The ports that a node would take, each with what speaks against it.
pub(crate) fn ports(tried: &[(SocketAddr, Option<String>)]) -> Vec<Finding> {
    let finding = |(at, refused): &(SocketAddr, Option<String>)| {
        match refused {
        None => Finding::ok("port", format!("{at} is free")),
        Some(why) => Finding::wrong("port", format!("{at} cannot be used: {why}")).hint(
            "Stop what uses it, or choose another one with `upseed run --listen ADDR:PORT` (of the client's web UI: \
             --proxy-listen).",
        ),
    }
    };
    tried.iter().map(finding).collect()
}

/// A client that was asked by this command itself.
pub(crate) fn client(
    name: &str,
    url: &str,
    version: Option<&str>,
    warnings: &[String],
) -> Vec<Finding> {
    let mut found = match version {
        Some(version) => vec![Finding::ok("client", format!("{name} {version} answers at {url}"))],
        // Its warnings say why.
        None if !warnings.is_empty() => Vec::new(),
        None => vec![Finding::wrong("client", format!("{name} does not answer at {url}"))],
    };
    found.extend(warnings.iter().map(|warning| Finding::wrong("client", warning)));
    found
}

/// What a running node says of itself. `own` is this command's version.
pub(crate) fn node(status: &Status, own: &str) -> Vec<Finding> {
    let mut found = vec![Finding::ok(
        "port",
        format!("the API is on {}, the swarm on {}", status.address, status.swarm_port),
    )];
    if status.version != own {
        let message = format!("the node is version {}, this command {own}", status.version);
        found.push(Finding::note("node", message).hint("Restart the node after an upgrade."));
    }
    found.push(match &status.clock {
        Some(clock) => Finding::wrong("clock", &clock.message),
        None if status.peers == 0 => {
            Finding::note("clock", "not compared with others: nobody was met yet")
        }
        None => Finding::ok("clock", "as that of the peers"),
    });
    found.push(match status.dht_nodes {
        0 => Finding::note("DHT", "no node of it is known: it is off, or none has answered yet"),
        nodes => Finding::ok("DHT", format!("{nodes} nodes are known")),
    });
    let client = format!("{} {}", status.client, status.client_version);
    let warnings = status.client_warnings.iter();
    let clock = status.clock.as_ref().map(|clock| &clock.message);
    let warnings: Vec<&String> = warnings.filter(|told| Some(*told) != clock).collect();
    if status.client_online {
        found.push(Finding::ok("client", client));
    } else if warnings.is_empty() {
        found.push(Finding::wrong("client", format!("{client} does not answer")));
    }
    found.extend(warnings.into_iter().map(|warning| Finding::wrong("node", warning)));
    let met = match status.peers {
        0 => Finding::note("people", "nobody was met yet"),
        1 => Finding::ok("people", "1 node is met now"),
        peers => Finding::ok("people", format!("{peers} nodes are met now")),
    };
    found.push(met);
    found.push(reached(status));
    found
}

/// By what others on the internet reach the node. Being hard to reach is no fault of the installation.
pub(crate) fn reached(status: &Status) -> Finding {
    let part = "reachable";
    let (port, own) = (status.outside_port, status.swarm_port);
    let by_router = |how: &str| {
        let seen =
            if status.was_reached { "others came by it" } else { "nobody came by it so far" };
        let says =
            format!("Others reach you by port {port}, which the router opened by {how}; {seen}");
        Finding::ok(part, says)
    };
    match status.reachable {
        Reachability::Upnp => by_router("UPnP"),
        Reachability::NatPmp => by_router("NAT-PMP"),
        Reachability::Direct => {
            Finding::ok(part, format!("Others reach you by port {port}: some came by themselves"))
        }
        Reachability::Punched => Finding::note(
            part,
            "Others reach you only with the help of members who tell both to dial at the same moment (hole punching)",
        )
        .hint(format!("To be reached by all, open port {own} (TCP and UDP) on the router.")),
        Reachability::Unseen => Finding::note(part, "Nobody reached you from outside so far")
            .hint(format!("Behind a router, open port {own} (TCP and UDP) there, or allow UPnP.")),
        Reachability::Proxy => {
            Finding::ok(part, "Nobody reaches you from outside: everything goes by the proxy")
        }
        Reachability::Private => {
            Finding::ok(part, "You are reached within your private network only")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn facts() -> FolderFacts {
        FolderFacts {
            path: "/d".into(),
            exists: true,
            has_database: true,
            has_key: true,
            is_writable: true,
            mode: 0o700,
            ..FolderFacts::default()
        }
    }

    #[test]
    fn a_folder_is_wrong_where_others_get_at_what_is_in_it() {
        assert_eq!(folder(&facts()).state, State::Ok);
        let state = |change: fn(&mut FolderFacts)| {
            let mut facts = facts();
            change(&mut facts);
            folder(&facts).state
        };
        assert_eq!(state(|facts| facts.open.push("/d/identity.key".into())), State::Wrong);
        assert_eq!(state(|facts| facts.is_anothers = true), State::Wrong);
        assert_eq!(state(|facts| facts.is_writable = false), State::Wrong);
        assert_eq!(state(|facts| facts.mode = 0o777), State::Wrong);
        assert_eq!(state(|facts| facts.mode = 0o1777), State::Ok);
        assert_eq!(state(|facts| facts.is_accepted = true), State::Note);
        assert_eq!(state(|facts| facts.exists = false), State::Ok);
    }

    #[test]
    fn a_clock_is_wrong_where_it_contradicts_what_was_written() {
        let now = BEFORE + 86_400;
        assert_eq!(clock_alone(now, None).state, State::Note);
        assert_eq!(clock_alone(now, Some(now + 60)).state, State::Note);
        assert!(clock_alone(now, Some(now + 7_200)).message.contains("120 minutes"));
        assert_eq!(clock_alone(0, None).state, State::Wrong);
    }

    #[test]
    fn a_full_disk_is_wrong() {
        assert_eq!(disk(Some(99 * MIB)).state, State::Wrong);
        assert_eq!(disk(Some(100 * MIB)).state, State::Ok);
        assert_eq!(disk(None).state, State::Note);
    }

    fn status() -> Status {
        serde_json::from_value(serde_json::json!({
            "version": "1.0", "address": "127.0.0.1:7667", "author": null, "client": "embedded",
            "client_version": "2", "client_online": true, "client_warnings": [], "peers": 2, "boards": [],
            "items": 0, "hosted": 0, "wanted": 0, "text_bytes": 0, "is_scored": true, "dht_nodes": 40,
            "swarm_port": 6881, "reachable": "direct", "outside_port": 6881, "was_reached": true,
            "punched": 0, "announced": [0, 0],
        }))
        .unwrap()
    }

    fn wrong(found: &[Finding]) -> Vec<(&str, &str)> {
        let wrong = found.iter().filter(|finding| finding.state == State::Wrong);
        wrong.map(|finding| (finding.part, finding.message.as_str())).collect()
    }

    #[test]
    fn what_a_node_warns_of_is_wrong_and_told_once() {
        let mut status = status();
        let found = node(&status, "1.0");
        assert!(found.iter().all(|finding| finding.state == State::Ok), "{found:?}");
        status.client_online = false;
        assert_eq!(wrong(&node(&status, "1.0")), [("client", "embedded 2 does not answer")]);
        status.client_warnings = vec!["It is paused".into(), "The clock is off".into()];
        status.clock = Some(upseed_api::ClockError {
            seconds: 9_000,
            is_ahead: true,
            peers: 7,
            message: "The clock is off".into(),
        });
        let found = node(&status, "1.0");
        assert_eq!(wrong(&found), [("clock", "The clock is off"), ("node", "It is paused")]);
    }

    #[test]
    fn being_hard_to_reach_is_no_fault_of_the_installation() {
        let status = Status { reachable: Reachability::Unseen, dht_nodes: 0, peers: 0, ..status() };
        let found = node(&status, "0.9");
        assert_eq!(wrong(&found), []);
        let notes = found.iter().filter(|finding| finding.state == State::Note);
        let notes: Vec<_> = notes.map(|finding| finding.part).collect();
        assert_eq!(notes, ["node", "clock", "DHT", "people", "reachable"]);
    }

    #[test]
    fn a_client_that_does_not_answer_is_told_with_its_reason() {
        let told = client("qBittorrent", "http://h", None, &["refused".into()]);
        assert_eq!(wrong(&told), [("client", "refused")]);
        assert_eq!(client("qBittorrent", "http://h", None, &[]).len(), 1);
        assert_eq!(client("qBittorrent", "http://h", Some("5.0"), &[])[0].state, State::Ok);
    }
}
