//! Clients behind a server of their own: Basic authentication, redirects to TLS, certificates of its own making.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;

use serde_json::{Value, json};
use upseed_tests::{
    Generation, Person, QBittorrent, TransmissionDaemon, free_port, http, qbittorrent,
    reverse_proxy::ReverseProxy, until,
};

/// What nginx must be told before a qBittorrent.
fn before(web: std::net::SocketAddr) -> String {
    format!(
        "proxy_pass http://{web}; proxy_http_version 1.1; proxy_set_header Host $proxy_host;\n\
         proxy_set_header X-Forwarded-Host $http_host;"
    )
}

fn kept(ann: &Person) -> Value {
    serde_json::from_slice(&fs::read(ann.data().join("client.json")).unwrap()).unwrap()
}

#[test]
fn qbittorrent_behind_basic_authentication() {
    let client = QBittorrent::tame(Generation::Here, "127.0.0.1", "");
    let pass = before(client.web());
    let front = ReverseProxy::nginx(|port, _, _, folder| {
        let users = folder.join("users");
        fs::write(&users, "me:{PLAIN}hunter2\n").unwrap();
        format!(
            "server {{ listen 127.0.0.1:{port}; auth_basic here; auth_basic_user_file {};\n\
             location / {{ {pass} }} }}",
            users.display()
        )
    });
    let url = format!("http://{}", front.address());
    let mut ann = Person::named("Ann").offline();
    let file = |word: &str| {
        let file = ann.scratch().join(word);
        fs::write(&file, format!("{word}\n")).unwrap();
        file.display().to_string()
    };
    let (right, wrong) = (file("hunter2"), file("other"));
    let plain = ["connect", "qbittorrent", "--url", &url, "--user", "admin", "--password-stdin"];
    for more in [&[][..], &["--basic-user", "me", "--basic-password-file", &wrong]] {
        let refused = ann.run_with(&[&plain[..], more].concat(), qbittorrent::PASSWORD.as_bytes());
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("--basic-user NAME"), "{refused:?}");
    }
    let basic = ["--basic-user", "me", "--basic-password-file", &right];
    let connected =
        ann.run_with(&[&plain[..], &basic].concat(), qbittorrent::PASSWORD.as_bytes()).ok();
    assert!(!format!("{connected:?} {}", kept(&ann)).contains("hunter2"), "{connected:?}");
    // It is kept.
    ann.run(&["connect", "qbittorrent"]).ok();
    ann.restart();
    let id = ann.post("upseed", "In front", "Two log-ins.\n");
    until("it is hosted", || ann.listed(&id).filter(|item| item["hosting"] == "hosting"));
    until("it is there", || client.torrent(&id));
    // The tab's user logs in at both, as without Upseed.
    let tab = until("the tab is served", || ann.tab());
    let html = ("Accept", "text/html");
    let asked = http::request(tab, "GET", "/", &[html], b"");
    assert_eq!(asked.status, 401, "{asked:?}");
    assert!(asked.header("www-authenticate").unwrap().starts_with("Basic"), "{asked:?}");
    // me:hunter2
    let page =
        http::request(tab, "GET", "/", &[html, ("Authorization", "Basic bWU6aHVudGVyMg==")], b"");
    assert_eq!(page.status, 200, "{page:?}");
    assert!(!ann.log().contains("hunter2"), "{}", ann.log());
}

/// Two servers: plain HTTP that leads to TLS, and TLS.
fn leading_to_tls(pass: &str) -> (ReverseProxy, String, String) {
    let tls = free_port("127.0.0.1");
    let front = ReverseProxy::nginx(|port, cert, key, _| {
        format!(
            "server {{ listen 127.0.0.1:{port}; return 301 https://localhost:{tls}$request_uri; }}\n\
             server {{ listen 127.0.0.1:{tls} ssl; ssl_certificate {cert}; ssl_certificate_key {key};\n\
             location / {{ {pass} }} }}"
        )
    });
    let plain = format!("http://localhost:{}", front.address().port());
    (front, plain, format!("https://localhost:{tls}/"))
}

#[test]
fn a_redirect_to_tls_is_followed_and_a_certificate_is_believed_if_it_is_given() {
    let qbittorrent = QBittorrent::tame(Generation::Here, "127.0.0.1", "");
    let login = json!({ "rpc-authentication-required": true, "rpc-username": "me",
        "rpc-password": "secret" });
    let transmission = TransmissionDaemon::start(Generation::Here, "127.0.0.1", &login);
    let rpc = transmission.rpc_addr();
    for (name, user, password, pass) in [
        ("qbittorrent", qbittorrent::USER, qbittorrent::PASSWORD, before(qbittorrent.web())),
        ("transmission", "me", "secret", format!("proxy_pass http://{rpc};")),
    ] {
        let (front, plain, tls) = leading_to_tls(&pass);
        let ann = Person::named("Ann").offline();
        let args = ["connect", name, "--url", &plain, "--user", user, "--password-stdin"];
        let refused = ann.run_with(&args, password.as_bytes());
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("--certificate FILE"), "{refused:?}");
        let certificate = front.certificate_file();
        let trusting = [&args[..], &["--certificate", &certificate]].concat();
        ann.run_with(&trusting, password.as_bytes()).ok();
        let kept = kept(&ann);
        assert!(kept["url"].as_str().unwrap().starts_with(&tls), "{kept}");
        ann.run(&["connect", name]).ok();
    }
}

#[test]
fn a_password_is_not_carried_to_another_host() {
    let elsewhere = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = elsewhere.local_addr().unwrap();
    let front = ReverseProxy::nginx(|port, _, _, _| {
        format!("server {{ listen 127.0.0.1:{port}; return 307 http://{to}$request_uri; }}")
    });
    let url = format!("http://{}", front.address());
    for name in ["qbittorrent", "transmission"] {
        let ann = Person::named("Ann").offline();
        let args = ["connect", name, "--url", &url, "--user", "admin", "--password-stdin"];
        let refused = ann.run_with(&args, b"secret");
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains(&format!("redirects to http://{to}")), "{refused:?}");
        assert!(elsewhere.accept().is_err(), "{name} went there");
    }
}
