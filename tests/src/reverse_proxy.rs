//! Real reverse proxies in front of a node, with the configurations of `docs/proxies.md`.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{free_port, until};

/// The document whose configurations are run.
const DOCUMENT: &str = include_str!("../../docs/proxies.md");

/// A program that passes requests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Debian's nginx.
    Nginx,
    /// Debian's Caddy.
    Caddy,
    /// Traefik, which Debian does not have.
    Traefik,
}

/// One that runs, with TLS for `nas.example`. It ends when dropped.
pub struct ReverseProxy {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Kind {
    /// Whether it is on this machine.
    pub fn is_there(self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(self.program()).is_file())
    }

    const fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
        }
    }

    /// Its part of the document.
    fn documented(self) -> String {
        let mark = match self {
            Self::Nginx => "```nginx\n",
            Self::Caddy => "```caddyfile\n",
            Self::Traefik => "```yaml\n",
        };
        let from = DOCUMENT.split(mark).nth(1).expect("the document has it");
        from.split("```").next().unwrap_or_default().to_owned()
    }
}

impl ReverseProxy {
    /// Starts one before a node's view and a client's web UI.
    ///
    /// # Panics
    /// If it is not installed or does not start.
    pub fn start(kind: Kind, view: SocketAddr, tab: SocketAddr) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port("127.0.0.1");
        let at = |name: &str| folder.path().join(name).display().to_string();
        certificate(folder.path());
        let (cert, key) = (at("cert.pem"), at("key.pem"));
        let text = kind
            .documented()
            .replace("127.0.0.1:7667", &view.to_string())
            .replace("127.0.0.1:7668", &tab.to_string());
        let arguments = match kind {
            Kind::Nginx => {
                let server = text
                    .replace("listen 443", &format!("listen 127.0.0.1:{port}"))
                    .replace("/etc/ssl/nas.example.pem", &cert)
                    .replace("/etc/ssl/nas.example.key", &key);
                nginx(folder.path(), &server)
            }
            Kind::Caddy => {
                let site = text.replacen(
                    "nas.example {",
                    &format!("https://nas.example:{port} {{\n\tbind 127.0.0.1\n\ttls {cert} {key}"),
                    1,
                );
                let whole = format!("{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}");
                fs::write(at("Caddyfile"), whole).expect("its configuration");
                vec!["run".to_owned(), "--config".to_owned(), at("Caddyfile")]
            }
            Kind::Traefik => {
                let tls = format!(
                    "tls:\n  certificates:\n    - {{ certFile: {cert}, keyFile: {key} }}\n"
                );
                fs::write(at("dynamic.yaml"), format!("{text}{tls}")).expect("its configuration");
                let own = format!(
                    "entryPoints: {{ web: {{ address: \"127.0.0.1:{port}\" }} }}\n\
                     providers: {{ file: {{ filename: {} }} }}\n\
                     global: {{ checkNewVersion: false, sendAnonymousUsage: false }}\n",
                    at("dynamic.yaml")
                );
                fs::write(at("traefik.yaml"), own).expect("its configuration");
                vec![format!("--configFile={}", at("traefik.yaml"))]
            }
        };
        Self::run(kind, folder, port, &arguments)
    }

    /// Nginx with servers of a test's own. `servers` is told a port to listen on, a certificate for `localhost` and
    /// `nas.example`, its key, and a folder.
    ///
    /// # Panics
    /// If it is not installed or does not start.
    pub fn nginx(servers: impl FnOnce(u16, &str, &str, &Path) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port("127.0.0.1");
        certificate(folder.path());
        let at = |name: &str| folder.path().join(name).display().to_string();
        let servers = servers(port, &at("cert.pem"), &at("key.pem"), folder.path());
        let arguments = nginx(folder.path(), &servers);
        Self::run(Kind::Nginx, folder, port, &arguments)
    }

    fn run(kind: Kind, folder: TempDir, port: u16, arguments: &[String]) -> Self {
        let at = |name: &str| folder.path().join(name).display().to_string();
        let log = fs::File::create(at("log")).expect("its log");
        let child = Command::new(kind.program())
            .args(arguments)
            .env("HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("its log"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", kind.program()));
        let proxy = Self { child, folder, port };
        until("the reverse proxy listens", || TcpStream::connect(proxy.address()).ok());
        proxy
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// How browsers name it.
    pub fn origin(&self) -> String {
        format!("https://nas.example:{}", self.port)
    }

    /// The file with its certificate.
    pub fn certificate_file(&self) -> String {
        self.folder.path().join("cert.pem").display().to_string()
    }

    /// Its certificate, of its own making.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn certificate(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("cert.pem")).expect("its certificate")
    }
}

impl Drop for ReverseProxy {
    fn drop(&mut self) {
        // Nginx has workers, which end with their master when that is asked to.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let ended = asked.is_ok_and(|asked| asked.success()) && self.child.wait().is_ok();
        if std::thread::panicking() {
            for name in ["log", "error.log"] {
                eprintln!(
                    "{}",
                    fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
                );
            }
        } else {
            assert!(ended, "the reverse proxy does not end");
        }
    }
}

/// Writes its configuration, and gives its arguments.
fn nginx(folder: &Path, servers: &str) -> Vec<String> {
    let at = |name: &str| folder.join(name).display().to_string();
    let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {};\n", at(name)))
        .concat();
    let whole = format!(
        "daemon off; pid {}; error_log {};\nevents {{}}\nhttp {{ access_log off;\n{temp}{servers}}}\n",
        at("pid"),
        at("error.log")
    );
    fs::write(at("nginx.conf"), whole).expect("its configuration");
    vec!["-c".to_owned(), at("nginx.conf"), "-p".to_owned(), at("")]
}

fn certificate(folder: &Path) {
    let at = |name: &str| folder.join(name).display().to_string();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nas"])
        .args(["-addext", "subjectAltName=DNS:nas.example,DNS:localhost"])
        .args(["-keyout", &at("key.pem"), "-out", &at("cert.pem")])
        .output()
        .expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
