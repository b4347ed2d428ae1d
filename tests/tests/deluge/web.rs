//! The plugin in deluge-web, request by request: who gets what, and what is said to the others.

use std::{fs, net::SocketAddr, sync::mpsc, thread};

use serde_json::json;
use upseed_tests::{
    Deluge, Generation,
    http::{self, Response},
    until,
};

use crate::probe;

fn get(web: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Response {
    http::request(web, "GET", path, headers, b"")
}

fn text(answer: &Response) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// The address of its deluge-web, once that has the plugin, and a session there.
fn logged_in(deluge: &mut Deluge) -> (SocketAddr, String) {
    let (address, password) = deluge.start_web();
    let web = address.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    let login = json!({ "method": "auth.login", "params": [password], "id": 1 }).to_string();
    let headers = [("Content-Type", "application/json")];
    let answer = http::request(web, "POST", "/json", &headers, login.as_bytes());
    let cookie = answer.header("set-cookie").and_then(|set| set.split(';').next());
    let cookie = cookie.expect("a session").to_owned();
    until("deluge-web has the plugin", || {
        (get(web, "/json/upseed/", &[]).status != 404).then_some(())
    });
    (web, cookie)
}

/// An address below the view that the door of the plugin leads to, and the page there.
fn opened(web: SocketAddr, cookie: &str) -> (String, Response) {
    let door = get(web, "/json/upseed/", &[("Cookie", cookie)]);
    assert_eq!(door.status, 302, "{door:?}");
    let path = door.header("location").unwrap().trim_start_matches("../..").to_owned();
    let page = get(web, &path, &[]);
    (path, page)
}

#[test]
fn who_is_logged_in_gets_the_view_and_nobody_else() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        let (web, cookie) = logged_in(&mut deluge);
        for session in [vec![], vec![("Cookie", "_session_id=0000")]] {
            let refused = get(web, "/json/upseed/", &session);
            assert_eq!(refused.status, 401, "{refused:?}");
            assert!(text(&refused).contains("Log in to Deluge first."), "{refused:?}");
        }
        let refused = get(web, "/upseed/", &[("Cookie", &cookie)]);
        assert_eq!(refused.status, 401, "a log-in is no token: {refused:?}");
        assert!(text(&refused).contains("Social button"), "{refused:?}");
        let forged = get(web, &format!("/upseed/?token={}", "0".repeat(64)), &[]);
        assert!([401, 403].contains(&forged.status), "{forged:?}");
        let (path, page) = opened(web, &cookie);
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.header("content-security-policy").unwrap().contains("sandbox"), "{page:?}");
        let elsewhere = get(web, &path, &[("Origin", "https://elsewhere.example")]);
        assert_eq!(elsewhere.status, 403, "{elsewhere:?}");
        let put = http::request(web, "PUT", &path, &[], b"Whatever");
        assert_eq!(put.status, 405, "{put:?}");
    }
}

/// A stylesheet is asked of the daemon once, and is there while the daemon stands still; who asks
/// for many that are not there keeps four requests at work and no more.
#[test]
fn assets_are_kept() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        let (web, cookie) = logged_in(&mut deluge);
        let (_, page) = opened(web, &cookie);
        let page = text(&page);
        let (_, name) = page.split_once("\"/upseed/assets/").expect("the page has a stylesheet");
        let path = format!("/upseed/assets/{}", name.split('"').next().unwrap());
        let asset = get(web, &path, &[]);
        assert_eq!(asset.status, 200, "{path}: {asset:?}");
        let cache = asset.header("cache-control");
        assert_eq!(cache, Some("public, max-age=31536000, immutable"), "{path}");
        assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            asset.header("access-control-allow-origin"),
            Some("*"),
            "for a frame without an origin"
        );
        assert!(asset.header("etag").is_some());
        deluge.freeze(true);
        let again = get(web, &path, &[]);
        assert_eq!((again.status, &again.body), (200, &asset.body));
        let told = ["cache-control", "content-type", "etag"];
        assert_eq!(told.map(|name| again.header(name)), told.map(|name| asset.header(name)));
        let (sender, statuses) = mpsc::channel();
        let asking: Vec<_> = (0..5)
            .map(|n| {
                let sender = sender.clone();
                let path = format!("/upseed/assets/none-{n}.css");
                thread::spawn(move || sender.send(get(web, &path, &[]).status).unwrap())
            })
            .collect();
        assert_eq!(statuses.recv().unwrap(), 503, "the fifth is told to come again");
        deluge.freeze(false);
        let others: Vec<u16> = (0..4).map(|_| statuses.recv().unwrap()).collect();
        assert_eq!(others, [404; 4]);
        asking.into_iter().for_each(|one| one.join().unwrap());
    }
}

/// A page that listens, and one that waits for an answer, are told when deluged goes away.
#[test]
fn who_waits_is_told_that_the_daemon_is_gone() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).start();
        deluge.enable();
        let (web, cookie) = logged_in(&mut deluge);
        probe(&mut deluge);
        let (path, _) = opened(web, &cookie);
        let token = path.split_once("token=").unwrap().1.split('&').next().unwrap();
        let events = format!("/upseed/api/v1/events?token={token}");
        let stream = thread::spawn(move || get(web, &events, &[("Origin", "null")]));
        until("it listens", || (deluge.call("upseedprobe.streams", json!([])) == 1).then_some(()));
        deluge.freeze(true);
        let page = thread::spawn(move || get(web, &path, &[]));
        deluge.kill();
        assert_eq!(stream.join().unwrap().status, 200);
        let page = page.join().unwrap();
        assert!([502, 404].contains(&page.status), "{page:?}");
    }
}

/// Deluge Web serves its plugins' scripts from files; where it cannot keep one the button is there all
/// the same.
#[test]
fn a_folder_of_deluge_webs_that_cannot_be_written() {
    let mut deluge = Deluge::of(Generation::Here).start();
    deluge.enable();
    let data = deluge.config().join("upseed/web");
    fs::write(&data, "a file where the folder belongs").unwrap();
    let (web, _) = logged_in(&mut deluge);
    let script = get(web, "/js/upseed/upseed.js", &[]);
    assert_eq!(script.status, 200, "{script:?}");
    assert!(text(&script).contains("Social"), "{script:?}");
}

/// Whatever is in the way is an answer with a sentence.
#[test]
fn what_is_in_the_way_is_said() {
    for generation in Generation::ALL {
        let mut deluge = Deluge::of(generation).upseed("peers", json!("not a list")).start();
        assert_eq!(deluge.call("core.enable_plugin", json!(["Upseed"])), true);
        let (web, cookie) = logged_in(&mut deluge);
        let session = [("Cookie", cookie.as_str())];
        let token = "0".repeat(64);
        for path in ["/json/upseed/".to_owned(), format!("/upseed/?token={token}")] {
            let answer = until("the node could not start", || {
                let answer = get(web, &path, &session);
                (!text(&answer).contains("still starting")).then_some(answer)
            });
            assert_eq!(answer.status, 502, "{path}: {answer:?}");
            assert!(text(&answer).contains("settings are wrong"), "{path}: {answer:?}");
        }
        assert!(!deluge.logs().contains(&token), "whose page it was is in a log");
        // deluge-web takes its plugins away while it has no daemon; until then it says why.
        deluge.kill();
        until("the daemon's end is seen", || {
            let answer = get(web, "/json/upseed/", &session);
            let said = answer.status == 502 && text(&answer).contains("not connected");
            (said || answer.status == 404).then_some(())
        });
    }
}
