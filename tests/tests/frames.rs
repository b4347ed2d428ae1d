//! The view in a frame of a client's page: what its token opens, and what it does not.
#![allow(clippy::unwrap_used, missing_docs)]

use std::net::SocketAddr;

use upseed_http::{Server, ServerConfig};
use upseed_node::{Config, NewPost, SwarmConfig};
use upseed_tests::http::{self, Response};

struct Framed {
    server: Server,
    token: String,
    id: String,
    _data: tempfile::TempDir,
}

impl Framed {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let listening = ServerConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            hosts: Vec::new(),
            proxies: Vec::new(),
        };
        let node = Config {
            data: data.path().join("data"),
            swarm: SwarmConfig {
                listen: Some("127.0.0.1:0".parse().unwrap()),
                ..SwarmConfig::default()
            },
            first_boards: vec!["upseed".parse().unwrap()],
        };
        let server = upseed_http::start(listening, node, None).await.unwrap();
        let post = NewPost {
            board: "upseed".parse().unwrap(),
            title: "A post".parse().unwrap(),
            text: b"Its text.".to_vec(),
        };
        let id = server.node().post(post).await.unwrap().infohash().to_string();
        let token = server.frame_token().unwrap().to_string();
        Self { server, token, id, _data: data }
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        ask(self.server.address(), method, path, headers, body).await
    }

    async fn get(&self, path: &str) -> Response {
        self.ask("GET", path, &[], "").await
    }

    /// Sends a form as the script of a page without an origin does.
    async fn form(&self, path: &str, fields: &str, page_token: &str) -> Response {
        let body = format!("page_token={page_token}&back=&{fields}");
        let path = format!("/upseed/{path}?token={}", self.token);
        let headers = [
            ("Origin", "null"),
            ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.ask("POST", &path, &headers, &body).await
    }

    fn page_token(&self) -> &str {
        &self.token[..32]
    }
}

async fn ask(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let own = |text: &str| text.to_owned();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (own(name), own(value))).collect();
    let (method, path, body) = (own(method), own(path), own(body));
    let asked = tokio::task::spawn_blocking(move || {
        let headers: Vec<_> = headers.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        http::request(to, &method, &path, &headers, body.as_bytes())
    });
    asked.await.unwrap()
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_the_pages_and_is_handed_on() {
    let framed = Framed::start().await;
    let (token, id) = (&framed.token, &framed.id);
    for path in ["", &format!("t/{id}"), "me", "inbox", "boards", "welcome", "search?q=a", "write"]
    {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = framed.get(&format!("/upseed/{path}{mark}token={token}&theme=dark")).await;
        assert_eq!(page.status, 200, "{path}");
        let csp = page.header("content-security-policy").unwrap();
        assert!(csp.contains("frame-ancestors 'self'"), "{path}: {csp}");
        assert_eq!(page.header("set-cookie"), None);
        let html = text(&page);
        assert!(html.contains("data-theme=\"dark\""), "{path}");
        let carried = format!("token={token}&amp;theme=dark");
        for part in html.split("=\"/upseed/").skip(1) {
            let address = part.split('"').next().unwrap();
            let asset = address.starts_with("assets/");
            assert!(asset || address.contains(&carried), "{path} leads to {address}");
        }
        assert!(!html.contains("name=\"back\" value=\"?token"), "{path}");
    }
    let refused = framed.get(&format!("/upseed/t/{id}x?token={token}")).await;
    assert!((400..500).contains(&refused.status));
    framed.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_a_frame_gets_nothing() {
    let framed = Framed::start().await;
    let (token, id) = (framed.token.clone(), framed.id.clone());
    let wrong = [
        String::new(),
        "x".into(),
        token[1..].into(),
        format!("{token}0"),
        token[..32].into(),
        token.to_uppercase(),
    ];
    for wrong in wrong.iter().filter(|wrong| **wrong != token) {
        for path in
            ["", &format!("t/{id}"), "me", &format!("torrent/{id}.torrent"), "api/v1/events"]
        {
            let page = framed.get(&format!("/upseed/{path}?token={wrong}")).await;
            assert_eq!(page.status, 401, "{path} {wrong}");
            assert!(!text(&page).contains("Its text"));
            // The locked page may be framed: its script asks for another token.
            let csp = page.header("content-security-policy");
            assert!(
                csp.is_none_or(|csp| csp.contains("frame-ancestors 'self'")),
                "{path}: {csp:?}"
            );
        }
        // The script can read that it was refused, and nothing was done.
        let headers = [
            ("Origin", "null"),
            ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let body = format!("page_token={}&back=&up={id}&understood=1", framed.page_token());
        let path = format!("/upseed/vote?token={wrong}");
        let refused = framed.ask("POST", &path, &headers, &body).await;
        assert_eq!(refused.status, 401, "{wrong}");
        assert_eq!(refused.header("access-control-allow-origin"), Some("null"));
        assert!(refused.json()["error"].is_string());
    }
    // No origin and no token at all: somebody else's page.
    for path in ["/upseed/", "/upseed/vote", "/upseed/api/v1/events"] {
        let refused = framed.ask("GET", path, &[("Origin", "null")], "").await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    framed.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_is_no_pass_for_other_sites() {
    let framed = Framed::start().await;
    let path = format!("/upseed/?token={}", framed.token);
    for origin in ["http://evil.example", "https://127.0.0.1:1", "", "file://"] {
        let refused = framed.ask("GET", &path, &[("Origin", origin)], "").await;
        assert_eq!(refused.status, 403, "{origin:?}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    let refused = framed.ask("GET", &path, &[("Host", "evil.example")], "").await;
    assert_eq!(refused.status, 421);
    framed.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_belong_to_the_frames_own_token() {
    let framed = Framed::start().await;
    let vote = format!("down={}", framed.id);
    let other = framed.server.frame_token().unwrap();
    for wrong in ["", &framed.token, &framed.token[1..33], &other[..32]] {
        let refused = framed.form("vote", &vote, wrong).await;
        assert_eq!(refused.status, 403, "{wrong}");
        assert_eq!(refused.header("access-control-allow-origin"), Some("null"));
    }
    let done = framed.form("vote", &vote, framed.page_token()).await;
    assert_eq!(done.status, 200, "{}", text(&done));
    assert_eq!(done.header("access-control-allow-origin"), Some("null"));
    assert_eq!(done.header("access-control-allow-credentials"), None);
    assert_eq!(done.json()["id"], *framed.id);
    // A plain form, as without script, comes back with the token.
    let body = format!("page_token={}&back=boards&join=garden", framed.page_token());
    let path = format!("/upseed/board?token={}&theme=light", framed.token);
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let back = framed.ask("POST", &path, &[("Origin", "null"), kind], &body).await;
    assert_eq!(back.status, 303);
    let to = back.header("location").unwrap();
    assert!(to.starts_with(&format!("/upseed/boards?token={}&theme=light", framed.token)), "{to}");
    framed.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_listens_and_is_refused_the_rest_of_the_api() {
    let framed = Framed::start().await;
    let address = framed.server.address();
    let events = format!("/upseed/api/v1/events?token={}", framed.token);
    let opened = tokio::task::spawn_blocking(move || {
        http::Events::open(address, &events, &[("Origin", "null")]).next_event()
    });
    assert!(opened.await.unwrap().is_some());
    let id = &framed.id;
    for (method, path) in [
        ("GET", "status"),
        ("GET", "top"),
        ("GET", "identity"),
        ("GET", &format!("torrents/{id}")),
        ("POST", "votes"),
        ("POST", "posts"),
        ("POST", "links"),
        ("POST", "stop"),
        ("POST", "events"),
        ("POST", "identity/restore"),
    ] {
        let path = format!("/upseed/api/v1/{path}?token={}", framed.token);
        for headers in [&[][..], &[("Origin", "null")]] {
            let refused = framed.ask(method, &path, headers, "{}").await;
            assert_eq!(refused.status, 403, "{method} {path}");
        }
    }
    // Neither is the token one for the command, nor the command's one for a frame.
    let bearer = format!("Bearer {}", framed.token);
    let path = "/upseed/api/v1/status";
    let refused = framed.ask("GET", path, &[("Authorization", &bearer)], "").await;
    assert_eq!(refused.status, 401);
    framed.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_stays_out_of_frames() {
    let framed = Framed::start().await;
    for (path, fields) in [("backup", ""), ("restore", "phrase=x")] {
        let refused = framed.form(path, fields, framed.page_token()).await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(text(&refused).contains("upseed open"));
    }
    framed.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_need_no_token() {
    let framed = Framed::start().await;
    for name in ["upseed.js", "upseed.css", "upseed.svg"] {
        let path = format!("/upseed/assets/{name}");
        let asset = framed.ask("GET", &path, &[("Origin", "null")], "").await;
        assert_eq!(asset.status, 200, "{name}");
        assert_eq!(asset.header("access-control-allow-origin"), Some("*"));
        assert_eq!(asset.header("cross-origin-resource-policy"), Some("cross-origin"));
    }
    let refused = framed.ask("GET", "/upseed/assets/upseed.js", &[("Origin", "http://x.y")], "");
    assert_eq!(refused.await.status, 403);
    framed.server.stop().await;
}
