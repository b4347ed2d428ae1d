//! The proxy before real clients of two generations, on profiles that nobody has touched.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Stdio},
    sync::Arc,
};

use serde_json::Value;
use tokio::runtime::Runtime;
use upseed_http::{Server, ServerConfig};
use upseed_node::{Config, SwarmConfig};
use upseed_proxy::{Addresses, Doorway, Host, Hosts};
use upseed_qbittorrent::proxy::{Exposure, REVERSE_PROXY, exposure};
use upseed_tests::{
    Generation, free_port,
    http::{self, Response},
    until,
};

/// A client that ends with its test.
struct Client {
    child: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn start(
    generation: Generation,
    program: &str,
    arguments: impl Fn(&Path, u16) -> Vec<String>,
) -> Client {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port("127.0.0.1");
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let child = generation
        .command(program)
        .args(arguments(folder.path(), port))
        .env("HOME", folder.path())
        .stdin(Stdio::null())
        .stderr(log.try_clone().unwrap())
        .stdout(log)
        .spawn()
        .unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let client = Client { child, address, folder };
    until("the client answers", || std::net::TcpStream::connect(address).ok());
    client
}

/// qBittorrent's default profile, but for the legal notice and what leaves this machine.
fn qbittorrent(generation: Generation) -> Client {
    start(generation, "qbittorrent-nox", |folder, port| {
        let config = folder.join("qBittorrent/config");
        fs::create_dir_all(&config).unwrap();
        let text = "[LegalNotice]\nAccepted=true\n[Preferences]\nWebUI\\Address=127.0.0.1\n\
                    [BitTorrent]\nSession\\DHTEnabled=false\nSession\\LSDEnabled=false\n";
        fs::write(config.join("qBittorrent.conf"), text).unwrap();
        vec![format!("--profile={}", folder.display()), format!("--webui-port={port}")]
    })
}

/// From 4.6.1 on there is no password that everybody knows.
fn password(client: &Client, generation: Generation) -> String {
    if generation == Generation::Here {
        return "adminadmin".into();
    }
    until("qBittorrent says its password", || {
        let log = fs::read_to_string(client.folder.path().join("log")).unwrap();
        let rest = log.split("session: ").nth(1)?.to_owned();
        rest.contains('\n').then(|| rest.lines().next().unwrap().trim().to_owned())
    })
}

fn transmission(generation: Generation, password: Option<&str>) -> Client {
    start(generation, "transmission-daemon", |folder, port| {
        let folder = folder.display().to_string();
        let mut arguments = vec!["-f", "-g", &folder, "--no-dht", "--no-lpd", "--no-portmap"];
        arguments.extend(["-w", &folder]);
        if let Some(password) = password {
            arguments.extend(["-t", "-u", "ann", "-v", password]);
        }
        let mut arguments: Vec<String> = arguments.into_iter().map(Into::into).collect();
        let peers = free_port("127.0.0.1");
        arguments.extend(["-p".into(), port.to_string(), "-P".into(), peers.to_string()]);
        arguments
    })
}

/// A node, and proxies before it.
struct Home {
    server: Server,
    runtime: Arc<Runtime>,
    _data: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let runtime = Arc::new(Runtime::new().unwrap());
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
        let server = runtime.block_on(upseed_http::start(listening, node, None)).unwrap();
        Self { server, runtime, _data: data }
    }

    /// A proxy that has learnt nothing yet.
    fn proxy(&self, host: Host) -> Proxy {
        let server = self.server.clone();
        let doorway = Doorway::new(self.server.address(), self.server.passing_on(), move || {
            server.frame_token().map_err(|error| error.to_string())
        });
        let listener = self.runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.unwrap();
        let address = listener.local_addr().unwrap();
        self.runtime.spawn(async move {
            let addresses = Addresses::new(Hosts::new(address, &["nas.local".to_owned()]), &[]);
            upseed_proxy::serve(listener, host, doorway, addresses, std::future::pending()).await
        });
        Proxy { address, origin: format!("http://{address}") }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.runtime.block_on(self.server.stop());
    }
}

struct Proxy {
    address: SocketAddr,
    origin: String,
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const HTML: (&str, &str) = ("Accept", "text/html");
const STRANGER: (&str, &str) = ("Host", "nas.local");

impl Proxy {
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        http::request(self.address, method, path, headers, body.as_bytes())
    }

    fn log_in(&self, password: &str, more: &[(&str, &str)]) -> Response {
        let body = format!("username=admin&password={password}");
        let headers = [more, &[FORM]].concat();
        self.ask("POST", "/api/v2/auth/login", &headers, &body)
    }

    fn token(&self, credentials: &[(&str, &str)]) -> Response {
        let ours = ("Origin", self.origin.as_str());
        self.ask("POST", "/upseed/frame", &[&[ours], credentials].concat(), "")
    }
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

fn cookie(response: &Response) -> String {
    let cookie = response.header("set-cookie").expect("a session");
    cookie.split(';').next().unwrap().to_owned()
}

fn logs_in_and_shows(generation: Generation) {
    let client = qbittorrent(generation);
    let password = password(&client, generation);
    let home = Home::new();
    let upstream = format!("http://{}", client.address);
    let host = || upseed_qbittorrent::proxy::host(upstream.parse().unwrap(), None);
    let proxy = home.proxy(host());

    // The log-in page is as it was; nobody gets a token.
    let page = proxy.ask("GET", "/", &[HTML], "");
    assert_eq!(page.status, 200);
    assert!(!text(&page).contains("upseed"));
    assert_eq!(proxy.token(&[]).status, 401);
    assert_eq!(proxy.token(&[("Cookie", "SID=made-up")]).status, 401);

    // qBittorrent's own check of Origin and Referer is content; another site's is not let through.
    let referer = format!("{}/", proxy.origin);
    let ours = [("Origin", proxy.origin.as_str()), ("Referer", referer.as_str())];
    let foreign = [("Origin", "http://evil.example")];
    assert_eq!(proxy.log_in(&password, &foreign).status, 403);
    assert_eq!(proxy.log_in(&password, &[("Referer", "http://evil.example/")]).status, 401);
    let session = cookie(&proxy.log_in(&password, &ours));
    let session = ("Cookie", session.as_str());
    let page = proxy.ask("GET", "/", &[HTML, session], "");
    assert!(text(&page).contains("<script src=\"/upseed-tab.js\" defer></script></body>"));

    // The token opens the view through the proxy, and nothing of qBittorrent.
    let given = proxy.token(&[session]).json();
    let token = given["token"].as_str().unwrap();
    let view = proxy.ask("GET", &format!("/upseed/?token={token}"), &[HTML, session], "");
    assert_eq!(view.status, 200);
    assert_eq!(view.header("x-content-type-options"), Some("nosniff"));
    let null = [("Origin", "null"), session];
    assert_eq!(proxy.ask("GET", "/api/v2/app/preferences", &null, "").status, 403);
    assert_eq!(proxy.ask("GET", "/upseed/", &[HTML, session], "").status, 401);

    // On the default profile everybody is asked for a password, and the banned are all of them.
    let preferences =
        || -> Value { proxy.ask("GET", "/api/v2/app/preferences", &[session], "").json() };
    let (here, everywhere) = ("127.0.0.1:7668".parse().unwrap(), "0.0.0.0:7668".parse().unwrap());
    let loopback = "127.0.0.1".parse().unwrap();
    assert_eq!(exposure(&preferences(), everywhere, loopback), Exposure::Shared);
    assert_eq!(home.proxy(host()).ask("GET", "/", &[STRANGER, HTML], "").status, 200);

    // Told to let this machine in, it would let everybody in behind the proxy: nobody passes.
    let set = |preferences: &str| {
        let headers = [ours[0], session, FORM];
        let body = format!("json={preferences}");
        assert_eq!(proxy.ask("POST", "/api/v2/app/setPreferences", &headers, &body).status, 200);
    };
    set(r#"{"bypass_local_auth":true}"#);
    assert_eq!(exposure(&preferences(), everywhere, loopback), Exposure::MustSet);
    assert_eq!(exposure(&preferences(), here, loopback), Exposure::Fine);
    assert_eq!(home.proxy(host()).token(&[]).status, 200, "who sits here is let in");
    let refused = home.proxy(host()).ask("GET", "/", &[STRANGER, HTML], "");
    assert_eq!(refused.status, 403);
    assert!(text(&refused).contains("qBittorrent asks nobody on its own machine"));

    // Told to believe the proxy as well, it asks strangers, and bans only them.
    set(REVERSE_PROXY);
    assert_eq!(exposure(&preferences(), everywhere, loopback), Exposure::Fine);
    let proxy = home.proxy(host());
    let page = proxy.ask("GET", "/", &[STRANGER, HTML], "");
    assert!(
        page.status == 200 && !text(&page).contains("upseed"),
        "the log-in page: {}",
        page.status
    );
    assert_eq!(proxy.ask("GET", "/api/v2/app/version", &[STRANGER], "").status, 403);
    for _ in 0..8 {
        let wrong = proxy.log_in("wrong", &[STRANGER]);
        assert!(wrong.header("set-cookie").is_none());
    }
    let banned = proxy.log_in(&password, &[STRANGER]);
    assert_eq!(banned.status, 403, "{}", text(&banned));
    assert_eq!(proxy.ask("GET", "/api/v2/app/version", &[], "").status, 200, "who sits here");
}

#[test]
fn qbittorrent_of_debian_12() {
    logs_in_and_shows(Generation::Here);
}

#[test]
fn qbittorrent_of_debian_13() {
    logs_in_and_shows(Generation::Trixie);
}

fn with_and_without_a_password(generation: Generation) {
    let home = Home::new();
    let host = |client: &Client| {
        let url = format!("http://{}", client.address).parse().unwrap();
        upseed_transmission::proxy::host(url, None)
    };

    // The default profile asks nobody on this machine, and so nobody else passes.
    let open = transmission(generation, None);
    let proxy = home.proxy(host(&open));
    let root = proxy.ask("GET", "/", &[HTML], "");
    assert!((300..400).contains(&root.status), "{}", root.status);
    assert!(root.header("location").unwrap().ends_with("/transmission/web/"), "{:?}", root.headers);
    let page = proxy.ask("GET", "/transmission/web/", &[HTML], "");
    assert!(text(&page).contains("<script src=\"/upseed-button.js\" defer></script></body>"));
    assert_eq!(proxy.token(&[]).status, 200);
    assert_eq!(proxy.ask("GET", "/transmission/web/", &[STRANGER, HTML], "").status, 403);
    // The handshake passes untouched; another site's is refused, which Transmission itself answers.
    let rpc = |headers: &[(&str, &str)]| {
        proxy.ask("POST", "/transmission/rpc", headers, "{\"method\":\"session-get\"}")
    };
    let first = rpc(&[]);
    assert_eq!(first.status, 409);
    let id = first.header("x-transmission-session-id").unwrap();
    assert_eq!(rpc(&[("X-Transmission-Session-Id", id)]).json()["result"], "success");
    assert_eq!(rpc(&[("X-Transmission-Session-Id", id), ("Origin", "null")]).status, 403);

    // With one, everybody is asked for it.
    let locked = transmission(generation, Some("secret"));
    let proxy = home.proxy(host(&locked));
    let (right, wrong) =
        (("Authorization", "Basic YW5uOnNlY3JldA=="), ("Authorization", "Basic eA=="));
    for path in ["/transmission/web/", "/transmission/rpc"] {
        assert_eq!(proxy.ask("GET", path, &[HTML, wrong], "").status, 401);
    }
    // Thousands of refused requests come from here, few of them to Transmission.
    for n in 0..300 {
        let refused = if n % 2 == 0 { proxy.token(&[]) } else { proxy.token(&[wrong]) };
        assert_eq!(refused.status, 401);
        let challenge = refused.header("www-authenticate");
        assert_eq!(challenge, Some("Basic realm=\"Transmission\""));
        assert_eq!(proxy.ask("GET", "/transmission/web/", &[STRANGER, HTML], "").status, 401);
    }
    let page = http::request(locked.address, "GET", "/transmission/web/", &[right], b"");
    assert_eq!(page.status, 200, "Transmission itself is not locked");
}

#[test]
fn transmission_of_debian_12() {
    with_and_without_a_password(Generation::Here);
}

#[test]
fn transmission_of_debian_13() {
    with_and_without_a_password(Generation::Trixie);
}
