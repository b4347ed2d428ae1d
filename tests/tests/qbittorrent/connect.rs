//! `upseed connect qbittorrent`.

use std::{fs, process::Command};

use serde_json::{Value, json};
use upseed_tests::{
    Generation, Person, QBittorrent, http, interface, namespace, qbittorrent, until,
};

use crate::NETWORK;

#[test]
fn connecting_twice_is_as_good_as_once_and_is_undone() {
    if !namespace::enter("connect::connecting_twice_is_as_good_as_once_and_is_undone", NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let client = QBittorrent::untouched(generation);
        let ann = Person::named("Ann").offline();
        let first = ann.connect(&client);
        assert_eq!(first["failed"], serde_json::json!([]), "{first}");
        let done = serde_json::json!(["category", "feed", "rss", "plugin"]);
        assert_eq!(first["done"], done, "{first}");
        assert_eq!(ann.connect(&client)["done"], serde_json::json!([]));
        assert!(client.get("torrents/categories")["upseed"].is_object());
        assert_eq!(client.get("search/plugins")[0]["name"], "upseed");
        let plugin = ann.data().join("upseed.py");
        assert!(plugin.exists());
        ann.run(&["connect", "qbittorrent", "--undo"]).ok();
        assert!(!plugin.exists(), "it holds a token");
        assert!(client.get("torrents/categories")["upseed"].is_null());
        assert_eq!(client.get("search/plugins"), serde_json::json!([]));
        assert_eq!(client.get("rss/items"), serde_json::json!({}));
        assert_eq!(client.get("app/preferences")["rss_processing_enabled"], false);
        let again = ann.run(&["run", "--client", "qbittorrent"]);
        assert_eq!(again.code, Some(1), "{again:?}");
    }
}

fn printed(person: &Person, client: &QBittorrent) -> String {
    let args = ["connect", "qbittorrent", "--url", &client.url(), "--user", qbittorrent::USER];
    let args = [&args[..], &["--password-stdin"]].concat();
    person.run_with(&args, client.password().as_bytes()).ok().text().to_owned()
}

#[test]
fn it_prints_what_it_found() {
    if !namespace::enter("connect::it_prints_what_it_found", NETWORK) {
        return;
    }
    interface::home_and_vpn();
    for generation in Generation::ALL {
        let client = QBittorrent::tame(generation, "10.77.0.12", "");
        let kind = match generation {
            Generation::Here => json!(2),
            Generation::Trixie => json!("SOCKS5"),
        };
        client.set(&json!({ "current_network_interface": "vpn0", "current_interface_address": "",
            "proxy_type": kind, "proxy_ip": "127.0.0.1", "proxy_port": 1080,
            "proxy_bittorrent": true, "proxy_peer_connections": true,
            "queueing_enabled": true, "max_active_uploads": 7,
            "max_ratio_enabled": true, "max_ratio": 2, "autorun_enabled": true,
            "autorun_program": "true" }));
        let ann = Person::named("Ann").offline();
        let told = printed(&ann, &client);
        let save = client.save_path().display().to_string();
        for words in [
            "qBittorrent ",
            "bound to vpn0: Upseed's own engine uses vpn0",
            "uses the proxy 127.0.0.1:1080; Upseed's engine uses it too",
            "queueing is on (at most 7 torrents seed)",
            "share limits are on: they do not apply to Upseed's torrents",
            "runs a program for every torrent",
            &format!("saves to {save}, which seems to be on this machine"),
            "+ created the category",
            "Undo: upseed connect qbittorrent --undo",
        ] {
            assert!(told.contains(words), "{words}\n{told}");
        }
        client.set(&json!({ "current_network_interface": "tun77" }));
        let told = printed(&ann, &client);
        assert!(told.contains("tun77, which does not exist on this machine"), "{told}");
    }
}

#[test]
fn what_others_made_there_stays_theirs() {
    if !namespace::enter("connect::what_others_made_there_stays_theirs", NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let client = QBittorrent::tame(generation, "10.77.0.12", "");
        // The user has a folder of that name, and a second user connects after the first.
        client.post("rss/addFolder", &[("path", "Upseed")]);
        client.post("rss/addFeed", &[("url", "http://127.0.0.1:9/x"), ("path", "Upseed\\x")]);
        let ann = Person::named("Ann").offline();
        let bob = Person::named("Bob").offline();
        for person in [&ann, &bob] {
            assert_eq!(person.connect(&client)["failed"], json!([]));
            assert_eq!(person.connect(&client)["done"], json!([]), "twice is as good as once");
        }
        let names = |of: Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(client.get("rss/items")), ["Upseed", "Upseed 2", "Upseed 3"]);
        let plugins = || {
            let plugins = client.get("search/plugins");
            let names = plugins.as_array().unwrap().iter().map(|it| it["name"].clone());
            let mut names: Vec<String> = names.map(|it| it.as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(plugins(), ["upseed", "upseed2"]);
        // Each undoes what is theirs.
        ann.run(&["connect", "qbittorrent", "--undo"]).ok();
        assert_eq!(names(client.get("rss/items")), ["Upseed", "Upseed 3"]);
        assert_eq!(plugins(), ["upseed2"]);
        assert_eq!(client.get("app/preferences")["rss_processing_enabled"], true);
        bob.run(&["connect", "qbittorrent", "--undo"]).ok();
        assert_eq!(names(client.get("rss/items")), ["Upseed"]);
        assert_eq!(plugins(), [""; 0]);
    }
}

#[test]
fn nothing_of_one_client_is_told_to_another() {
    if !namespace::enter("connect::nothing_of_one_client_is_told_to_another", NETWORK) {
        return;
    }
    let mut old = QBittorrent::tame(Generation::Here, "10.77.0.12", "");
    let ann = Person::named("Ann").offline();
    ann.connect(&old);
    let kept = || fs::read_to_string(ann.data().join("client.json")).unwrap();
    let before = kept();
    for args in [
        &["connect", "qbittorrent", "--url", "http://127.0.0.1:9"][..],
        &["connect", "qbittorrent", "--undo", "--url", "http://127.0.0.1:9"],
        &["connect", "transmission", "--url", "http://127.0.0.1:9"],
        &["connect", "transmission", "--undo", "--url", "http://127.0.0.1:9"],
    ] {
        let refused = ann.run(args);
        assert_eq!(refused.code, Some(1), "{args:?} {refused:?}");
        assert!(refused.stderr.contains("connect qbittorrent --undo"), "{refused:?}");
        assert_eq!(kept(), before);
    }
    // It is gone for good: it is forgotten, and what is left there is said.
    old.kill9();
    let undone = ann.run(&["connect", "qbittorrent", "--undo"]).ok();
    for left in
        ["qBittorrent no longer answers", "the category", "the search plugin", "the RSS feed"]
    {
        assert!(undone.text().contains(left), "{undone:?}");
    }
    for file in ["client.json", "client-password", "upseed.py"] {
        assert!(!ann.data().join(file).exists(), "{file}");
    }
    let new = QBittorrent::tame(Generation::Here, "10.77.0.13", "");
    let no_password = ann.run(&["connect", "qbittorrent", "--url", &new.url(), "--user", "admin"]);
    assert_eq!(no_password.code, Some(1), "the old one's password is forgotten: {no_password:?}");
    ann.connect(&new);
}

#[test]
fn only_what_is_gone_is_called_gone() {
    if !namespace::enter("connect::only_what_is_gone_is_called_gone", NETWORK) {
        return;
    }
    let client = QBittorrent::tame(Generation::Trixie, "10.77.0.12", "");
    let ann = Person::named("Ann").offline();
    ann.connect(&client);
    client.post("search/uninstallPlugin", &[("names", "upseed")]);
    client.post("rss/moveItem", &[("itemPath", "Upseed"), ("destPath", "Mine")]);
    let undone = ann.run(&["connect", "qbittorrent", "--undo"]).ok();
    let told = undone.text();
    assert!(told.contains("uninstalled the search plugin (already gone)"), "{told}");
    assert!(told.contains("removed the category; the torrents in it stay\n"), "{told}");
    assert!(client.get("rss/items")["Mine"].is_object(), "it is the user's by now");
}

#[test]
fn a_certificate_of_its_own_making_is_trusted_if_it_is_given() {
    let test = "connect::a_certificate_of_its_own_making_is_trusted_if_it_is_given";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    for generation in Generation::ALL {
        let client = QBittorrent::tame(generation, "10.77.0.12", "");
        let at = |name: &str| client.profile().join(name).display().to_string();
        let (key, certificate) = (at("key.pem"), at("certificate.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
            .args(["-keyout", &key, "-out", &certificate])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        client.set(&json!({ "use_https": true, "web_ui_https_cert_path": certificate,
            "web_ui_https_key_path": key }));
        let url = format!("https://localhost:{}", client.web().port());
        let mut ann = Person::named("Ann").swarm_listen("10.77.0.12:0").offline();
        let args = ["connect", "qbittorrent", "--url", &url, "--user", "admin", "--password-stdin"];
        let password = client.password();
        let refused = until("it speaks TLS", || {
            let refused = ann.run_with(&args, password.as_bytes());
            refused.stderr.contains("certificate").then_some(refused)
        });
        assert!(refused.stderr.contains("--certificate"), "{refused:?}");
        let wrong = [&args[..], &["--certificate", &key]].concat();
        let refused = ann.run_with(&wrong, password.as_bytes());
        assert!(refused.stderr.contains("BEGIN CERTIFICATE"), "{refused:?}");
        let right = [&args[..], &["--certificate", &certificate]].concat();
        ann.run_with(&right, password.as_bytes()).ok();
        // It is kept: not said again, and the node and the tab trust it too.
        ann.run(&["connect", "qbittorrent"]).ok();
        ann.restart();
        let id = ann.post("upseed", "By TLS", "Secret on the way.\n");
        until("it is hosted there", || crate::hosting(&ann, &id));
        let address = until("the tab is served", || ann.tab());
        let page = http::request(address, "GET", "/", &[("Accept", "text/html")], b"");
        assert_eq!(page.status, 200, "{page:?}");

        // One that is not trusted any more is said to be that, by both.
        ann.stop();
        let file = ann.data().join("client.json");
        let mut kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        kept.as_object_mut().unwrap().remove("certificate").unwrap();
        fs::write(&file, kept.to_string()).unwrap();
        ann.restart();
        until("the node says so", || {
            ann.status()["client_warnings"].to_string().contains("--certificate").then_some(())
        });
        let address = until("the tab is served", || ann.tab());
        let page = http::request(address, "GET", "/", &[("Accept", "text/html")], b"");
        let text = String::from_utf8_lossy(&page.body);
        assert!(page.status == 502 && text.contains("certificate is not trusted"), "{text}");
    }
}
