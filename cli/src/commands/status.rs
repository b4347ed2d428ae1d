//! `upseed status`: what is well, what is not, and what to do.

use upseed_api::{BoardStatus, PeopleRequest, Status};
use upseed_model::ClientKind;
use upseed_view::{Strings, nothing::Nothing};

use super::board;
use crate::{
    failure::Done,
    finding::{Finding, State, reached},
    people::shown,
    print::{self, plural},
    remote::Remote,
    terminal::{BAD, BOLD, DIM, GOOD, WARN, columns, paint, wrapped},
};

pub(super) async fn status(node: &Remote, json: bool) -> Done {
    let status = node.status().await?;
    if json {
        print::json(&status);
        return Ok(());
    }
    let you = match status.author {
        Some(key) => {
            let who = vec![key.to_hex()];
            node.people(&PeopleRequest { who }).await?.first().map(shown)
        }
        None => None,
    };
    let findings = findings(&status, you.as_deref());
    print::out(&paint(BOLD, &summary(&findings)));
    print::out("");
    let columns = columns();
    for finding in &findings {
        let mark = match finding.state {
            State::Ok => paint(GOOD, "✓"),
            State::Note => paint(WARN, "…"),
            State::Wrong => paint(BAD, "!"),
        };
        for (at, line) in wrapped(&finding.message, "    ", columns).iter().enumerate() {
            let line = line.trim_start();
            print::out(&if at == 0 { format!("  {mark} {line}") } else { format!("    {line}") });
        }
        for line in finding.hint.iter().flat_map(|hint| wrapped(hint, "    ", columns)) {
            print::out(&paint(DIM, &line));
        }
    }
    Ok(())
}

fn summary(findings: &[Finding]) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    match (count(State::Wrong), count(State::Note)) {
        (0, 0) => "All is well.".into(),
        (0, _) => "All is well; some of it is still under way.".into(),
        (1, _) => "One thing needs you.".into(),
        (many, _) => format!("{many} things need you."),
    }
}

/// All of it, in the order in which it matters.
fn findings(status: &Status, you: Option<&str>) -> Vec<Finding> {
    let mut found = vec![Finding::ok(
        "node",
        format!(
            "Your node (Upseed {}) has been running for {} at http://{}",
            status.version,
            duration(status.uptime),
            status.address
        ),
    )];
    found.push(match you {
        Some(you) => Finding::ok("you", format!("You are {you}")),
        None => Finding::ok(
            "you",
            "You have no key yet: it appears with the first thing that you write or upvote",
        ),
    });
    let client = format!("{} {}", status.client, status.client_version);
    let hosted = format!("{} of {}", status.hosted, plural(status.items, "known item"));
    found.push(match status.client_online {
        _ if status.client == ClientKind::Embedded => Finding::ok(
            "client",
            format!("The engine inside Upseed ({}) hosts {hosted}", status.client_version),
        ),
        true => Finding::ok("client", format!("{client} answers; {hosted} are hosted")),
        false => Finding::wrong("client", format!("{client} does not answer; {hosted} are hosted"))
            .hint("Start it. What you upvote meanwhile is kept, and given to it when it answers."),
    });
    found.extend(packs(status));
    found.extend(status.client_warnings.iter().map(|told| Finding::wrong("node", told)));
    if status.wanted > 0 {
        let says = format!(
            "{} to be hosted: their texts are being fetched or handed over",
            plural(status.wanted, "item")
        );
        found.push(Finding::note("hosting", says));
    }
    if !status.is_scored {
        let says = "Posts are being scored again; lists are in the order of before";
        found.push(Finding::note("ranks", says));
    }
    found.push(network(status));
    if status.boards.is_empty() {
        found
            .push(Finding::wrong("boards", "You joined no board").hint("upseed board join upseed"));
    }
    found.extend(status.boards.iter().map(of_board));
    found.push(reached(status));
    found
}

/// What older upvotes are hosted in.
fn packs(status: &Status) -> Option<Finding> {
    let hosted = || status.packs.iter().filter(|pack| pack.is_hosted);
    let (texts, bytes) = (
        hosted().map(|pack| u64::from(pack.texts)).sum::<u64>(),
        hosted().map(|pack| pack.bytes).sum::<u64>(),
    );
    let count = plural(hosted().count() as u64, "pack");
    (texts > 0).then(|| {
        let says = format!(
            "{texts} of them, the older ones, are in {count} ({} MB)",
            bytes.div_ceil(1_000_000)
        );
        Finding::ok("hosting", says)
    })
}

fn network(status: &Status) -> Finding {
    let (strings, people) = (Strings::english(), status.peers as u32);
    let nothing = Nothing::of(status.dht_nodes, people, people);
    let dht = plural(status.dht_nodes.into(), "DHT node");
    match nothing {
        Nothing::Empty if status.dht_nodes > 0 => {
            Finding::ok("people", format!("{} met, {dht} known", plural(people.into(), "member")))
        }
        Nothing::Empty => Finding::ok(
            "people",
            format!("{} met, without the DHT", plural(people.into(), "member")),
        ),
        Nothing::NoNetwork | Nothing::Nobody => {
            let known =
                if status.dht_nodes > 0 { format!(" ({dht} known)") } else { String::new() };
            let says = format!("{}{known}", nothing.title(strings));
            Finding::note("people", says).hint(nothing.help(strings))
        }
    }
}

fn of_board(status: &BoardStatus) -> Finding {
    let says = format!("Board {}", board::stands(status));
    if status.comparing.is_some_and(|(done, total)| done < total) {
        Finding::note("boards", says)
    } else {
        Finding::ok("boards", says)
    }
}

/// "3 hours".
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => plural(seconds, "second"),
        120..7_200 => plural(seconds / 60, "minute"),
        7_200..172_800 => plural(seconds / 3_600, "hour"),
        _ => plural(seconds / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn status(more: &str) -> Status {
        let json = r#"{"version":"0.1.0","address":"127.0.0.1:7667","uptime":180,"author":null,
            "client":"embedded","client_version":"2.0","client_online":true,"client_warnings":[],
            "peers":2,"boards":[{"name":"upseed","peers":2,"days":30,"comparing":null,"trackers":[]}],
            "items":10,"hosted":4,"wanted":0,"text_bytes":0,"is_scored":true,"dht_nodes":120,
            "swarm_port":6881,"reachable":"direct","outside_port":6881,"was_reached":true,"punched":0,
            "announced":[0,0]}"#;
        let mut status: serde_json::Value = serde_json::from_str(json).unwrap();
        let more: serde_json::Value = serde_json::from_str(more).unwrap();
        status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(status).unwrap()
    }

    fn told(more: &str) -> (String, String) {
        let found = findings(&status(more), Some("Ann 7nne9b47 (you)"));
        let all = found
            .iter()
            .map(|it| format!("{}\n{}\n", it.message, it.hint.as_deref().unwrap_or_default()))
            .collect();
        (summary(&found), all)
    }

    #[test]
    fn what_is_well_is_said_to_be_and_what_is_not_comes_with_what_to_do() {
        let (summary, all) = told("{}");
        assert_eq!(summary, "All is well.");
        for part in ["3 minutes", "Ann 7nne9b47", "4 of 10 known items", "2 members met"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        let (summary, all) = told(
            r#"{"client":"qbittorrent","client_online":false,"client_warnings":["It is paused."]}"#,
        );
        assert_eq!(summary, "2 things need you.");
        assert!(all.contains("does not answer") && all.contains("It is paused."), "{all}");
        let (summary, all) = told(r#"{"boards":[]}"#);
        assert!(summary == "One thing needs you." && all.contains("upseed board join"), "{all}");
    }

    #[test]
    fn no_network_and_nobody_are_two_things() {
        let (summary, none) = told(r#"{"peers":0,"dht_nodes":0}"#);
        assert!(summary.contains("under way") && none.contains("No network yet"), "{none}");
        let (_, nobody) = told(r#"{"peers":0}"#);
        assert!(nobody.contains("Nobody here yet (120 DHT nodes known)"), "{nobody}");
        assert!(!nobody.contains("No network yet"));
    }
}
