//! The proxy between a browser, a web UI and a node, all three played by the test: what passes,
//! what is changed, and what is refused.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use tokio::runtime::Runtime;
use upseed_proxy::{Addresses, Doorway, Host, Hosts, LogIn, Script};
use upseed_tests::{
    http::{self, Response as Answer},
    until,
};

/// What a played server was asked.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    headers: HeaderMap,
    bytes: usize,
}

type Log = Arc<Mutex<Vec<Asked>>>;

#[derive(Clone, Default)]
struct Played {
    log: Log,
    /// Whether it lets strangers in.
    open: bool,
    /// Whether it wants Basic authentication.
    basic: bool,
}

async fn play(State(played): State<Played>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().len();
    let path = parts.uri.path_and_query().unwrap().as_str().to_owned();
    let cookie = parts.headers.get("cookie").is_some_and(|cookie| cookie == "SID=right");
    let right = parts.headers.get("authorization").is_some_and(|given| given == "Basic right");
    let asked = Asked { path, headers: parts.headers, bytes };
    played.log.lock().unwrap().push(asked);
    let html = [("content-type", "text/html; charset=utf-8")];
    if played.basic && !right {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let page = |text: &str| format!("<html><body><p>{text}</p></body></html>");
    match parts.uri.path().trim_start_matches("/below") {
        "/me" if cookie || right || played.open => "yes".into_response(),
        "/me" => StatusCode::FORBIDDEN.into_response(),
        "/marked" => (
            [html[0], ("etag", "\"x\""), ("content-security-policy", "default-src 'self'")],
            page("the-mark"),
        )
            .into_response(),
        "/plain.html" => (html, page("another")).into_response(),
        "/not-html" => ([("content-type", "text/plain")], page("the-mark")).into_response(),
        "/zipped.html" => {
            ([html[0], ("content-encoding", "gzip")], page("the-mark")).into_response()
        }
        "/missing.html" => (StatusCode::NOT_FOUND, html, page("the-mark")).into_response(),
        "/huge.html" => (html, page("the-mark") + &"x".repeat(9 << 20)).into_response(),
        "/big" => Body::from(vec![7; 64 << 20]).into_response(),
        "/moved" => (
            StatusCode::FOUND,
            [
                ("location", "/below/there"),
                ("set-cookie", "SID=right; Path=/below/; Domain=x; HttpOnly"),
            ],
        )
            .into_response(),
        "/hop" => {
            ([("connection", "x-mine"), ("x-mine", "1"), ("x-other", "2")], "").into_response()
        }
        "/node-cookie" | "/upseed/cookie" => ([("set-cookie", "upseed=1")], "").into_response(),
        _ => "ok".into_response(),
    }
}

struct Stage {
    runtime: Runtime,
    proxy: SocketAddr,
    upstream: SocketAddr,
    upstream_log: Log,
    node: SocketAddr,
    node_log: Log,
    minted: Arc<AtomicU32>,
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

impl Stage {
    fn new() -> Self {
        Self::with(Played::default(), |_| {})
    }

    fn with(played: Played, change: impl FnOnce(&mut Host)) -> Self {
        let runtime = Runtime::new().unwrap();
        let serve = |played: &Played| {
            let listener = listener();
            let address = listener.local_addr().unwrap();
            let app = Router::new().fallback(play).with_state(played.clone());
            runtime.spawn(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, app).await.unwrap();
            });
            address
        };
        let upstream = serve(&played);
        let node = Played::default();
        let node_address = serve(&node);
        let minted = Arc::new(AtomicU32::new(0));
        let mut host = Host {
            name: "Client",
            upstream: format!("http://{upstream}/").parse().unwrap(),
            marks: &["the-mark"],
            script: Script { path: "/upseed-tab.js", text: "/* own */" },
            log_in: LogIn {
                method: Method::GET,
                path: "/me".into(),
                yes: &[200],
                realm: played.basic.then_some("Client"),
            },
            trust: None,
        };
        change(&mut host);
        let counted = minted.clone();
        let doorway = Doorway::new(node_address, "secret", move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok("the-token".to_owned().into())
        });
        let listener = listener();
        let proxy = listener.local_addr().unwrap();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let hosts = Hosts::new(proxy, &["nas.local".to_owned()]);
            let addresses = Addresses::new(hosts, &["127.0.0.2".parse().unwrap()]);
            let stop = std::future::pending();
            upseed_proxy::serve(listener, host, doorway, addresses, stop).await.unwrap();
        });
        let (upstream_log, node_log) = (played.log, node.log);
        Self { runtime, proxy, upstream, upstream_log, node: node_address, node_log, minted }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        http::request(self.proxy, method, path, headers, body)
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, b"")
    }

    fn origin(&self) -> String {
        format!("http://{}", self.proxy)
    }

    /// What the upstream was asked last.
    fn upstream_got(&self) -> Asked {
        self.upstream_log.lock().unwrap().last().unwrap().clone()
    }

    fn asked(&self) -> usize {
        self.upstream_log.lock().unwrap().len()
    }
}

fn value<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.headers.get(name).map(|value| value.to_str().unwrap())
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[test]
fn a_host_name_of_its_own_choice_gets_nothing_anywhere() {
    let stage = Stage::new();
    for path in ["/", "/marked", "/upseed/", "/upseed/frame", "/upseed-tab.js", "/me"] {
        for host in ["evil.example", "127.0.0.1.evil.example:1", "", "evil.example:80"] {
            for method in ["GET", "POST"] {
                let answer = stage.ask(method, path, &[("Host", host)], b"");
                assert_eq!(answer.status, 421, "{method} {path} {host}");
            }
        }
        assert_ne!(stage.get(path, &[("Host", "localhost:1")]).status, 421);
    }
    assert!(stage.node_log.lock().unwrap().iter().all(|asked| asked.path == "/upseed/"));
}

#[test]
fn the_upstream_is_asked_as_by_its_own_page() {
    let stage = Stage::new();
    let (origin, upstream) = (stage.origin(), stage.upstream.to_string());
    let referer = format!("{origin}/index.html?a");
    let headers = [
        ("Origin", origin.as_str()),
        ("Referer", &referer),
        ("Cookie", "SID=right; upseed-7667=the-nodes; other=1"),
        ("Authorization", "Bearer key"),
        ("X-Custom", "kept"),
        ("Accept-Encoding", "gzip"),
        ("Upgrade", "h2c"),
        ("TE", "trailers"),
        ("X-Hop", "1"),
        ("Connection", "X-Hop"),
    ];
    assert_eq!(stage.get("/api?x=%2F%20y&z", &headers).status, 200);
    let got = stage.upstream_got();
    assert_eq!(got.path, "/api?x=%2F%20y&z");
    assert_eq!(value(&got, "host"), Some(upstream.as_str()));
    assert_eq!(value(&got, "origin"), Some(format!("http://{upstream}").as_str()));
    assert_eq!(value(&got, "referer"), Some(format!("http://{upstream}/index.html?a").as_str()));
    assert_eq!(value(&got, "cookie"), Some("SID=right; other=1"));
    assert_eq!(value(&got, "authorization"), Some("Bearer key"));
    assert_eq!(value(&got, "x-custom"), Some("kept"));
    assert_eq!(value(&got, "accept-encoding"), Some("gzip"), "no page: as it was asked");
    assert_eq!(value(&got, "x-forwarded-for"), Some("127.0.0.1"));
    for gone in ["upgrade", "te", "x-hop"] {
        assert_eq!(value(&got, gone), None, "{gone}");
    }
    // A referrer of another site is left for the client to judge.
    stage.get("/api", &[("Referer", "http://evil.example/x")]);
    assert_eq!(value(&stage.upstream_got(), "referer"), Some("http://evil.example/x"));
    // A page is asked for readable, whole and new.
    let page = [
        ("Accept", "text/html,*/*"),
        ("Accept-Encoding", "gzip, br"),
        ("If-None-Match", "\"x\""),
        ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("Range", "bytes=0-5"),
    ];
    stage.get("/marked", &page);
    let got = stage.upstream_got();
    assert_eq!(value(&got, "accept-encoding"), Some("identity"));
    for gone in ["if-none-match", "if-modified-since", "range"] {
        assert_eq!(value(&got, gone), None, "{gone}");
    }
    // And its answer comes without what is of that connection.
    let answer = stage.get("/hop", &[]);
    assert_eq!((answer.header("x-mine"), answer.header("x-other")), (None, Some("2")));
}

#[test]
fn other_sites_and_the_frame_do_not_reach_the_upstream() {
    let stage = Stage::new();
    let near = format!("{}0", stage.origin());
    for origin in ["null", "http://evil.example", "", "file://", "http://127.0.0.1", &near] {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer =
                stage.ask(method, "/api", &[("Origin", origin), ("Cookie", "SID=right")], b"");
            assert_eq!(answer.status, 403, "{method} {origin}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
    let both = [("Origin", stage.origin()), ("Origin", "null".into())];
    let both: Vec<_> = both.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(stage.get("/api", &both).status, 403);
    for path in ["/a/../me", "/%2e%2e/me", "/upseed/../me", "/a/%2E./me", "/a%2f..%2fme"] {
        assert_eq!(stage.get(path, &[]).status, 400, "{path}");
    }
    assert_eq!(stage.asked(), 0);
}

#[test]
fn only_the_marked_page_gets_the_script() {
    let stage = Stage::new();
    let html = [("Accept", "text/html")];
    let line = "<script src=\"/upseed-tab.js\" defer></script></body>";
    let marked = stage.get("/marked", &html);
    assert_eq!(text(&marked), format!("<html><body><p>the-mark</p>{line}</html>"));
    assert_eq!(marked.header("content-length"), Some(marked.body.len().to_string().as_str()));
    assert_eq!(marked.header("etag"), None);
    let policies = marked.headers.iter().filter(|line| line.starts_with("content-security-policy"));
    assert_eq!(policies.count(), 2, "its own, and that of frames: {:?}", marked.headers);
    for path in ["/plain.html", "/not-html", "/zipped.html", "/missing.html"] {
        let answer = stage.get(path, &html);
        assert!(!text(&answer).contains("upseed"), "{path}");
        assert!(answer.header("content-security-policy").is_none(), "{path}");
    }
    // Too large to be a page that is marked: whole, and as it was.
    let huge = stage.get("/huge.html", &html);
    assert!(!text(&huge).contains("upseed-tab"));
    assert_eq!(huge.body.iter().filter(|byte| **byte == b'x').count(), 9 << 20);
    let script = stage.get("/upseed-tab.js", &[]);
    assert!(text(&script).contains("/* own */") && text(&script).contains("allow-scripts"));
    assert!(!text(&script).contains("allow-same-origin\""));
    assert_eq!(stage.ask("POST", "/upseed-tab.js", &[], b"").status, 405);
}

#[test]
fn what_is_large_passes_through() {
    let stage = Stage::new();
    let down = stage.get("/big", &[]);
    assert_eq!(down.body.len(), 64 << 20);
    let up = stage.ask("POST", "/upload", &[], &vec![1; 48 << 20]);
    assert_eq!(up.status, 200);
    let got = stage.upstream_got();
    assert_eq!(got.bytes, 48 << 20);
    assert_eq!(value(&got, "content-length"), Some((48 << 20).to_string().as_str()));
    assert_eq!(value(&got, "transfer-encoding"), None);
    // Without a length it is held, since clients do not read chunks; so there is a limit.
    for (size, status) in [(1000, 200), (2 << 20, 413)] {
        let mut stream = TcpStream::connect(stage.proxy).unwrap();
        let head = format!(
            "POST /upload HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n",
            stage.proxy
        );
        stream.write_all(head.as_bytes()).unwrap();
        let _ = stream.write_all(&vec![1; size]).and_then(|()| stream.write_all(b"\r\n0\r\n\r\n"));
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"));
    }
    let got = stage.upstream_got();
    assert_eq!((got.bytes, value(&got, "content-length")), (1000, Some("1000")));
}

#[test]
fn below_a_path_redirects_and_cookies_are_ours() {
    let stage = Stage::with(Played::default(), |host| {
        host.upstream = host.upstream.join("below/").unwrap();
    });
    let moved = stage.get("/moved", &[]);
    assert_eq!(moved.status, 302, "passed on, not followed");
    assert_eq!(moved.header("location"), Some("/there"));
    assert_eq!(moved.header("set-cookie"), Some("SID=right; Path=/; HttpOnly"));
    assert_eq!(stage.upstream_got().path, "/below/moved");
    assert_eq!(stage.asked(), 1);
    let origin = stage.origin();
    let headers = [("Origin", origin.as_str()), ("Cookie", "SID=right")];
    assert_eq!(stage.ask("POST", "/upseed/frame", &headers, b"").status, 200);
    assert_eq!(stage.upstream_got().path, "/below/me");
}

#[test]
fn a_frame_gets_a_token_for_who_is_logged_in() {
    let stage = Stage::new();
    let origin = stage.origin();
    let (ours, cookie) = (("Origin", origin.as_str()), ("Cookie", "SID=right"));
    let post = |headers: &[_]| stage.ask("POST", "/upseed/frame", headers, b"");
    assert_eq!(stage.get("/upseed/frame", &[ours, cookie]).status, 405);
    for refused in ["null", "http://evil.example", "", "https://localhost"] {
        assert_eq!(post(&[("Origin", refused), cookie]).status, 403, "{refused}");
    }
    assert_eq!(post(&[cookie]).status, 403, "no Origin at all");
    assert_eq!(stage.asked(), 0);
    let refused = post(&[ours, ("Cookie", "SID=wrong")]);
    assert_eq!(refused.status, 401);
    assert!(refused.json()["hint"].is_string(), "{}", text(&refused));
    assert_eq!(post(&[ours]).status, 401);
    assert_eq!(stage.minted.load(Ordering::Relaxed), 0);
    let given = post(&[ours, ("Cookie", "upseed-7667=the-nodes; SID=right")]);
    assert_eq!(value(&stage.upstream_got(), "cookie"), Some("SID=right"));
    assert_eq!(given.json()["token"], "the-token");
    assert_eq!(given.header("cache-control"), Some("no-store"));
    assert_eq!(given.header("access-control-allow-origin"), None);
    assert_eq!(value(&stage.upstream_got(), "x-forwarded-for"), Some("127.0.0.1"));
}

#[test]
fn the_node_gets_nothing_of_the_clients() {
    let stage = Stage::new();
    let headers = [
        ("Cookie", "SID=right"),
        ("Authorization", "Basic right"),
        ("Referer", "http://127.0.0.1/x"),
        ("Origin", "null"),
        ("X-Forwarded-Host", "x"),
        ("Accept", "application/json"),
    ];
    let answer = stage.ask("POST", "/upseed/vote?token=t", &headers, b"up=1");
    assert_eq!(answer.status, 200);
    let got = stage.node_log.lock().unwrap().last().unwrap().clone();
    assert_eq!((got.path.as_str(), got.bytes), ("/upseed/vote?token=t", 4));
    assert_eq!(value(&got, "host"), Some(stage.node.to_string().as_str()));
    assert_eq!(value(&got, "origin"), Some("null"));
    assert_eq!(value(&got, "accept"), Some("application/json"));
    for gone in ["cookie", "authorization", "referer", "x-forwarded-for"] {
        assert_eq!(value(&got, gone), None, "{gone}");
    }
    stage.get("/upseed/", &[("Origin", &stage.origin())]);
    let got = stage.node_log.lock().unwrap().last().unwrap().clone();
    assert_eq!(value(&got, "origin"), Some(stage.origin().as_str()));
    // It is told that this is its own, and believes the secret.
    assert_eq!(value(&got, "x-forwarded-host"), Some(stage.proxy.to_string().as_str()));
    assert_eq!(value(&got, "x-upseed-passed-on"), Some("secret"));
    assert_eq!(stage.get("/upseed/cookie", &[]).header("set-cookie"), None);
    assert_eq!(stage.asked(), 0, "and the client nothing of the node's");
}

#[test]
fn strangers_come_in_only_where_the_client_asks_for_a_password() {
    // By another name, or brought by another proxy, they are not of this machine.
    let strange = [("Host", "nas.local"), ("X-Forwarded-For", "127.0.0.1")];
    let open = Stage::with(Played { open: true, ..Played::default() }, |_| {});
    for header in strange {
        for path in ["/", "/marked", "/upseed/", "/upseed/frame", "/me"] {
            let refused = open.get(path, &[header, ("Accept", "text/html")]);
            assert_eq!(refused.status, 403, "{path} {header:?}");
            assert!(
                text(&refused).contains("asks nobody on its own machine"),
                "{}",
                text(&refused)
            );
        }
    }
    assert_eq!(open.asked(), 1, "asked once, remembered for a while");
    assert_eq!(open.get("/me", &[]).status, 200, "this machine's own");
    let closed = Stage::new();
    for header in strange {
        assert_eq!(closed.get("/x", &[header]).status, 200);
        // What they say of themselves is not believed.
        assert_eq!(value(&closed.upstream_got(), "x-forwarded-for"), Some("192.0.2.1"));
    }
}

#[test]
fn a_client_that_counts_is_not_asked_in_vain() {
    let stage = Stage::with(Played { basic: true, ..Played::default() }, |_| {});
    let origin = stage.origin();
    let ours = ("Origin", origin.as_str());
    for n in 0..150 {
        let (method, path) = if n % 2 == 0 { ("POST", "/upseed/frame") } else { ("GET", "/page") };
        let refused = stage.ask(method, path, &[ours], b"");
        assert_eq!(refused.status, 401);
        assert!(refused.header("www-authenticate").unwrap().starts_with("Basic"), "{n}");
    }
    assert_eq!(stage.asked(), 1);
    // A crowd that comes before the first answer takes turns.
    let crowd = Stage::with(Played { basic: true, ..Played::default() }, |_| {});
    std::thread::scope(|scope| {
        for _ in 0..150 {
            scope.spawn(|| assert_eq!(crowd.get("/page", &[]).status, 401));
        }
    });
    assert!(crowd.asked() <= 8, "{} requests", crowd.asked());
    let right = ("Authorization", "Basic right");
    assert_eq!(stage.get("/page", &[right]).status, 200);
    for n in 0..150 {
        let wrong = format!("Basic wrong {n}");
        assert_eq!(stage.get("/page", &[("Authorization", &wrong)]).status, 401);
    }
    assert!(stage.asked() < 90, "{} requests", stage.asked());
    assert_eq!(stage.ask("POST", "/upseed/frame", &[ours, right], b"").status, 200);
}

#[test]
fn a_client_that_is_away_is_named() {
    let stage = Stage::with(Played::default(), |host| {
        // A port that was free a moment ago.
        let port = listener().local_addr().unwrap().port();
        host.upstream = format!("http://127.0.0.1:{port}/").parse().unwrap();
    });
    let page = stage.get("/", &[("Accept", "text/html")]);
    assert_eq!(page.status, 502);
    assert!(text(&page).contains("Client does not answer at http://127.0.0.1:"), "{}", text(&page));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let json = stage.get("/api", &[]);
    assert_eq!(json.status, 502);
    assert!(json.json()["hint"].as_str().unwrap().contains("running"));
    let origin = stage.origin();
    assert_eq!(stage.ask("POST", "/upseed/frame", &[("Origin", &origin)], b"").status, 502);
    assert_eq!(stage.get("/upseed/", &[]).status, 200, "the node is not away");
}

#[test]
fn half_an_answer_is_no_page() {
    let broken = listener();
    broken.set_nonblocking(false).unwrap();
    let address = broken.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in broken.incoming().take(2) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\nthe-mark";
            let _ = stream.write_all(head.as_bytes());
        }
    });
    let stage = Stage::with(Played::default(), |host| {
        host.upstream = format!("http://{address}/").parse().unwrap();
    });
    let answer = stage.get("/", &[("Accept", "text/html")]);
    assert_eq!(answer.status, 502);
    assert!(!text(&answer).contains("the-mark"));
}

#[test]
fn an_upstream_with_a_certificate_of_its_own_making() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=here"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-keyout", &at("key"), "-out", &at("cert")])
        .output()
        .expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::write(at("index.html"), "<body>the-mark</body>").unwrap();
    let script = "import http.server, ssl, sys, os\n\
        os.chdir(sys.argv[1])\n\
        server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n\
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
        context.load_cert_chain('cert', 'key')\n\
        server.socket = context.wrap_socket(server.socket, server_side=True)\n\
        print(server.server_address[1], flush=True)\n\
        server.serve_forever()\n";
    let mut server = Command::new("python3")
        .args(["-c", script, &at("")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut port = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(server.stdout.take().unwrap()),
        &mut port,
    )
    .unwrap();
    let upstream = format!("https://127.0.0.1:{}/", port.trim());
    let trusting = Stage::with(Played::default(), |host| {
        host.upstream = upstream.parse().unwrap();
        let cert = std::fs::read(at("cert")).unwrap();
        host.trust = Some(reqwest::Certificate::from_pem(&cert).unwrap());
    });
    let page = until("the page comes over TLS", || {
        let page = trusting.get("/", &[("Accept", "text/html")]);
        (page.status == 200).then_some(page)
    });
    assert!(text(&page).contains("upseed-tab.js"));
    let doubting = Stage::with(Played::default(), |host| {
        host.upstream = upstream.parse().unwrap();
    });
    let refused = doubting.get("/", &[("Accept", "text/html")]);
    assert_eq!(refused.status, 502);
    assert!(text(&refused).contains("certificate"), "{}", text(&refused));
    server.kill().unwrap();
    server.wait().unwrap();
    drop((trusting.runtime, doubting.runtime));
}

#[test]
fn an_address_that_is_none_is_refused_without_its_password() {
    let runtime = Runtime::new().unwrap();
    for wrong in ["ftp://127.0.0.1/", "http://user:hunter2@127.0.0.1/", "http://127.0.0.1/?a"] {
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let doorway = Doorway::new("127.0.0.1:1".parse().unwrap(), "secret", || Err("none".into()));
        let upstream = wrong.parse().unwrap();
        let addresses = Addresses::new(Hosts::new(listener.local_addr().unwrap(), &[]), &[]);
        let stop = std::future::pending();
        let serving =
            upseed_qbittorrent::proxy::serve(listener, upstream, None, doorway, addresses, stop);
        let error = runtime.block_on(serving).unwrap_err().to_string();
        assert!(error.contains("not the address") && !error.contains("hunter2"), "{error}");
    }
}
