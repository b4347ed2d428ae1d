//! The search plugin and RSS.

use std::time::Duration;

use serde_json::Value;
use upseed_tests::{Generation, Person, QBittorrent, http, namespace, steadily, until};

use crate::NETWORK;

/// Bob, whose qBittorrent has the plugin and the feed, and what Ann posted. The node keeps its
/// port: the plugin names it.
fn bob(generation: Generation, ann: &Person) -> (Person, QBittorrent) {
    let client = QBittorrent::tame(generation, "10.77.0.12", "");
    let mut bob = Person::named("Bob").swarm_listen("10.77.0.12:0").peer(ann).start();
    // With a running node its own address is what the plugin is given.
    let report = bob.connect(&client);
    assert_eq!(report["failed"], serde_json::json!([]), "{report}");
    let listen = bob.api().to_string();
    bob.change(|setup| setup.listen(&listen));
    bob.stop();
    bob.restart();
    (bob, client)
}

fn search(client: &QBittorrent, words: &str) -> Value {
    let form = [("pattern", words), ("plugins", "upseed"), ("category", "all")];
    let id: Value = serde_json::from_str(&client.post("search/start", &form)).unwrap();
    let id = id["id"].to_string();
    until("the search ends", || {
        let status = client.get(&format!("search/status?id={id}"));
        (status[0]["status"] == "Stopped").then_some(())
    });
    client.get(&format!("search/results?id={id}"))["results"].clone()
}

#[test]
fn a_download_from_the_clients_search_is_a_vote() {
    if !namespace::enter("search::a_download_from_the_clients_search_is_a_vote", NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    for generation in Generation::ALL {
        let (bob, client) = bob(generation, &ann);
        let title = format!("Marmots of {generation:?}");
        let id = ann.post("upseed", &title, "They whistle.\n");
        let other = ann.post("upseed", "Chamois", "They climb.\n");
        until("Bob has their texts", || {
            (bob.listed(&id)?["text"].is_string() && bob.listed(&other)?["text"].is_string())
                .then_some(())
        });
        let found = search(&client, &format!("marmots {generation:?}"));
        assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found[0]["fileName"], format!("{title} (upseed, 0 votes)"), "{found}");
        assert_eq!(found[0]["fileSize"], 14);
        // What its web UI does for a download.
        client.post("torrents/add", &[("urls", found[0]["fileUrl"].as_str().unwrap())]);
        until("the download is a vote", || (bob.listed(&id)?["upvoted"] == true).then_some(()));
        until("and seeded", || client.seeds(&id).then_some(()));
        assert_eq!(bob.listed(&other).unwrap()["upvoted"], false);
        // The same address without a download in this client is no vote.
        let link = search(&client, "chamois")[0]["fileUrl"].as_str().unwrap().to_owned();
        let (_, path) = link.split_once("/upseed/").unwrap();
        let got = http::request(bob.api(), "GET", &format!("/upseed/{path}"), &[], b"");
        assert_eq!(got.status, 200);
        steadily(Duration::from_secs(3), "to look is not to vote", || {
            bob.listed(&other).unwrap()["upvoted"] == false
        });
    }
}

#[test]
fn an_rss_rule_hosts_without_a_vote_unless_the_setting_is_on() {
    let test = "search::an_rss_rule_hosts_without_a_vote_unless_the_setting_is_on";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    for generation in Generation::ALL {
        let (bob, client) = bob(generation, &ann);
        let rule = r#"{"enabled":true,"mustContain":"Rule","affectedFeeds":["FEED"]}"#;
        let feed =
            client.get("rss/items?withData=true")["Upseed"]["url"].as_str().unwrap().to_owned();
        let rule = rule.replace("FEED", &feed);
        client.post("rss/setRule", &[("ruleName", "all"), ("ruleDef", &rule)]);
        let on = r#"{"rss_auto_downloading_enabled":true}"#;
        client.post("app/setPreferences", &[("json", on)]);
        for (title, votes) in [("Rule of one", false), ("Rule of two", true)] {
            if votes {
                bob.form("/upseed/settings", "client_budget=500&additions_are_votes=1");
            }
            let id = ann.post("upseed", &format!("{title} {generation:?}"), "By itself.\n");
            until("Bob has the text", || bob.listed(&id).filter(|item| item["text"].is_string()));
            client.post("rss/refreshItem", &[("itemPath", "Upseed")]);
            until("the rule's download seeds", || client.seeds(&id).then_some(()));
            if votes {
                until("it is a vote", || (bob.listed(&id)?["upvoted"] == true).then_some(()));
            } else {
                steadily(Duration::from_secs(4), "it is no vote", || {
                    bob.listed(&id).unwrap()["upvoted"] == false
                });
            }
        }
    }
}
