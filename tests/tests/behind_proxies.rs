//! A node and its client's web UI behind real reverse proxies, below paths and with TLS, as `docs/proxies.md` has them.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::collections::HashMap;

use reqwest::{Client, Method, Response, redirect::Policy};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use upseed_tests::{
    Generation, Person, QBittorrent, http, qbittorrent,
    reverse_proxy::{Kind, ReverseProxy},
    until,
};

/// A browser: it trusts the proxy's certificate, and keeps the cookies that it may keep.
struct Browser {
    runtime: Runtime,
    client: Client,
    origin: String,
    cookies: HashMap<String, String>,
}

struct Answer {
    status: u16,
    location: String,
    set_cookie: String,
    text: String,
}

impl Browser {
    fn before(proxy: &ReverseProxy) -> Self {
        let certificate = reqwest::Certificate::from_pem(&proxy.certificate()).unwrap();
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .resolve("nas.example", proxy.address())
            .tls_certs_merge([certificate])
            .build()
            .unwrap();
        let runtime = Runtime::new().unwrap();
        // Traefik listens before it has read what for.
        until("it passes requests on", || {
            let asked = runtime.block_on(client.get(format!("{}/forum/", proxy.origin())).send());
            asked.ok().filter(|answer| answer.status() == 303)
        });
        Self { runtime, client, origin: proxy.origin(), cookies: HashMap::new() }
    }

    fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = self.client.request(method, format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mine: Vec<_> =
            self.cookies.iter().filter(|(below, _)| path.starts_with(*below)).collect();
        for (_, cookie) in mine {
            request = request.header("Cookie", cookie);
        }
        self.runtime.block_on(request.body(body.to_owned()).send()).unwrap()
    }

    fn ask(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let answer = self.send(method, path, headers, body);
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (status, location, set_cookie) =
            (answer.status().as_u16(), header("location"), header("set-cookie"));
        if let Some((cookie, rest)) = set_cookie.split_once(';') {
            let mut parts = rest.split(';').filter_map(|part| part.trim().split_once('='));
            let below = parts.rfind(|(name, _)| name.eq_ignore_ascii_case("path"));
            let below = below.map_or("/", |(_, path)| path);
            self.cookies.insert(below.to_owned(), cookie.to_owned());
        }
        let text = self.runtime.block_on(answer.text()).unwrap();
        Answer { status, location, set_cookie, text }
    }

    fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[("Accept", "text/html")], "")
    }

    fn post(&mut self, path: &str, body: &str) -> Answer {
        let origin = self.origin.clone();
        let form = [("Origin", &*origin), ("Content-Type", "application/x-www-form-urlencoded")];
        self.ask(Method::POST, path, &form, body)
    }
}

/// What a page leads to on its own host.
fn addresses(page: &str) -> Vec<String> {
    let names = ["href=\"", "src=\"", "action=\"", "data-events=\"", "formaction=\""];
    let found = names.iter().flat_map(|name| page.split(name).skip(1));
    let found = found.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"));
    found.filter(|to| to.starts_with('/')).collect()
}

fn all_below(prefix: &str, page: &str) {
    let addresses = addresses(page);
    assert!(!addresses.is_empty(), "{page}");
    for address in addresses {
        assert!(address.starts_with(prefix), "{address}");
    }
}

fn token_of(page: &str) -> String {
    let rest = page.split("name=\"page_token\" value=\"").nth(1).expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

fn the_view(ann: &Person, browser: &mut Browser) {
    let id = ann.post("upseed", "Words", "Behind a proxy.\n");
    let locked = browser.get("/forum/upseed/");
    assert_eq!(locked.status, 401);
    all_below("/forum/upseed/", &locked.text);
    assert_eq!(browser.get("/forum/").location, "/forum/upseed/");

    let link = ann.run(&["open", "--at", &format!("{}/forum", browser.origin)]).ok();
    let path = link.text().trim().strip_prefix(&browser.origin).unwrap().to_owned();
    let opened = browser.get(&path);
    assert_eq!(opened.status, 200, "{}", opened.text);
    for part in ["Path=/forum/upseed;", "; Secure", "; SameSite=Strict"] {
        assert!(opened.set_cookie.contains(part), "{}", opened.set_cookie);
    }
    for page in ["", &format!("t/{id}"), "boards", "me", "search?q=words", "p/nobody"] {
        all_below("/forum/upseed/", &browser.get(&format!("/forum/upseed/{page}")).text);
    }
    // A form, and where it leads back to.
    let me = browser.get("/forum/upseed/me");
    assert_eq!(me.status, 200, "{}", me.text);
    let form = format!("page_token={}&back=me&name=Ann&about=", token_of(&me.text));
    let saved = browser.post("/forum/upseed/profile", &form);
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert!(saved.location.starts_with("/forum/upseed/me?"), "{}", saved.location);

    // A feed names this address, and what it names is there: for a program, which has no cookie.
    let cookies = std::mem::take(&mut browser.cookies);
    let token =
        ann.call("POST", "/feed", &Value::Null).json()["token"].as_str().unwrap().to_owned();
    for path in ["rss?sort=new", "find?q=words"] {
        let feed = browser.get(&format!("/forum/upseed/{path}&feed={token}"));
        let here = format!("{}/forum/upseed/", browser.origin);
        let named = feed.text.matches(&here).count();
        assert!(named > 0, "{}", feed.text);
        assert_eq!(feed.text.matches("https://nas").count(), named, "{}", feed.text);
        assert!(
            !feed.text.contains("http://nas") && !feed.text.contains("127.0.0.1"),
            "{}",
            feed.text
        );
        let torrent = feed.text.split(&here).find(|rest| rest.contains(".torrent?")).unwrap();
        let torrent = torrent.split(['"', '<']).next().unwrap();
        assert_eq!(browser.get(&format!("/forum/upseed/{torrent}")).status, 200, "{torrent}");
    }

    browser.cookies = cookies;

    // Events come while the stream is open.
    let mut stream = browser.send(Method::GET, "/forum/upseed/api/v1/events", &[], "");
    assert_eq!(stream.status(), 200);
    let next = ann.post("upseed", "News", "Told at once.\n");
    let mut heard = String::new();
    while !heard.contains(&next) {
        let part = browser.runtime.block_on(stream.chunk()).unwrap().expect("the stream goes on");
        heard.push_str(&String::from_utf8_lossy(&part));
    }
}

fn the_tab(browser: &mut Browser) {
    let login = format!("username={}&password={}", qbittorrent::USER, qbittorrent::PASSWORD);
    let login = browser.post("/torrents/api/v2/auth/login", &login);
    assert_eq!(login.status, 200, "{}", login.text);
    assert!(login.set_cookie.to_lowercase().contains("path=/torrents/"), "{}", login.set_cookie);
    let page = browser.get("/torrents/");
    assert!(page.text.contains("<script src=\"/torrents/upseed-tab.js\" defer>"), "{}", page.text);
    let script = browser.get("/torrents/upseed-tab.js").text;
    assert!(script.contains("const prefix = \"/torrents\";"), "{script}");
    let given = browser.post("/torrents/upseed/frame", "");
    assert_eq!(given.status, 200, "{}", given.text);
    let given: Value = serde_json::from_str(&given.text).unwrap();
    let frame =
        browser.get(&format!("/torrents/upseed/?token={}", given["token"].as_str().unwrap()));
    assert_eq!(frame.status, 200, "{}", frame.text);
    all_below("/torrents/upseed/", &frame.text);
    assert!(frame.text.contains("/torrents/upseed/assets/"), "{}", frame.text);
    assert_eq!(browser.get("/torrents/upseed/assets/upseed.js").status, 200);
}

fn behind(kind: Kind) {
    if !kind.is_there() {
        eprintln!("NOT RUN: {kind:?} is not installed here");
        return;
    }
    let client = QBittorrent::tame(Generation::Here, "127.0.0.1", "");
    // As the document says, or everybody is one address to it.
    client.set(&json!({ "web_ui_reverse_proxy_enabled": true,
        "web_ui_reverse_proxies_list": "127.0.0.1" }));
    let ann = Person::named("Ann").arg("--host").arg("nas.example");
    let mut ann = ann.arg("--trusted-proxy").arg("127.0.0.1").offline();
    ann.connect(&client);
    ann.restart();
    let tab = until("the tab is served", || ann.tab());
    let proxy = ReverseProxy::start(kind, ann.api(), tab);
    let mut browser = Browser::before(&proxy);
    the_view(&ann, &mut browser);
    the_tab(&mut browser);
}

#[test]
fn nginx_below_paths_and_with_tls() {
    behind(Kind::Nginx);
}

#[test]
fn caddy_below_paths_and_with_tls() {
    behind(Kind::Caddy);
}

#[test]
fn traefik_below_paths_and_with_tls() {
    behind(Kind::Traefik);
}

#[test]
fn nobody_is_believed_but_who_was_declared() {
    let ann = Person::named("Ann").arg("--host").arg("nas.example").start();
    let token =
        ann.call("POST", "/feed", &Value::Null).json()["token"].as_str().unwrap().to_owned();
    let said = [
        ("Host", "nas.example"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Prefix", "/forum"),
    ];
    let path = format!("/upseed/rss?sort=new&feed={token}");
    let feed = http::request(ann.api(), "GET", &path, &said, b"");
    let text = String::from_utf8_lossy(&feed.body).into_owned();
    assert!(text.contains("http://nas.example/upseed/"), "{text}");
    assert!(
        !text.contains("https://") && !text.contains("/forum") && !text.contains("evil"),
        "{text}"
    );
    assert!(ann.log().contains("--trusted-proxy 127.0.0.1"), "{}", ann.log());

    let bob = Person::named("Bob").arg("--host").arg("nas.example");
    let bob = bob.arg("--trusted-proxy").arg("127.0.0.0/8").start();
    // A page of a stranger whose name leads here comes from the proxy's own machine, too.
    for host in ["evil.example", "nas.example"] {
        let named =
            [("Host", host), ("X-Forwarded-Host", "localhost"), ("X-Forwarded-Prefix", "/forum")];
        let answer = http::request(bob.api(), "GET", "/", &named, b"");
        let wanted = if host == "evil.example" { 421 } else { 303 };
        assert_eq!(answer.status, wanted, "{host}");
    }
    let known = [("Host", "nas.example"), ("X-Forwarded-Host", "evil.example")];
    assert_eq!(http::request(bob.api(), "GET", "/", &known, b"").status, 421);
    let odd = [("Host", "nas.example"), ("X-Forwarded-Prefix", "//evil.example")];
    let refused = http::request(bob.api(), "GET", "/", &odd, b"");
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["hint"].as_str().unwrap().contains("reverse proxy"),
        "{:?}",
        refused.json()
    );
}
