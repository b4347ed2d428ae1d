//! A real qbittorrent-nox with a private profile.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::Mutex,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Generation, free_port, http, namespace::Machine, until};

/// A qBittorrent. It ends when this is dropped, by its pid.
pub struct QBittorrent {
    generation: Generation,
    profile: TempDir,
    process: Option<Child>,
    web: SocketAddr,
    untouched: bool,
    small_disk: Option<u32>,
    machine: Option<Machine>,
    user: Option<(u32, u32)>,
    /// The session's cookie, whatever its name.
    cookie: Mutex<String>,
}

/// The user of every profile.
pub const USER: &str = "admin";
/// The password of tame profiles, and of untouched ones of 4.5.
pub const PASSWORD: &str = "adminadmin";

/// `adminadmin` as 4.5 and 5.x keep it: PBKDF2 of the client's own making.
const PASSWORD_KEPT: &str = "@ByteArray(ARQ77eY1NUZaQsuDHbIMCA==:0WMRkYTUWVT9wVvdDtHAjU9b3b7uB8NR1Gur2hmQCvCDpm39Q+PsJRJPaCU51dEiz+dTzh8qbPsL8WkFljQYFQ==)";

impl QBittorrent {
    /// A profile for tests, which listens on `address` only and meets nobody by itself. `more` are
    /// further lines such as `Session\Interface=lo`, of the section `[BitTorrent]`.
    ///
    /// # Panics
    /// If it does not start.
    pub fn tame(generation: Generation, address: &str, more: &str) -> Self {
        Self::new(generation, false).configured(address, free_port(address), more).started()
    }

    /// Such a profile on another machine. One at a time.
    ///
    /// # Panics
    /// If it does not start.
    pub fn elsewhere(generation: Generation) -> Self {
        let mut new = Self::new(generation, false);
        let address = Machine::ADDRESS.parse().expect("an address");
        // Nothing else listens there.
        new.web = SocketAddr::new(address, 18_080);
        new.machine = Some(Machine::start());
        new.configured(Machine::ADDRESS, 26_881, "").started()
    }

    /// A tame one that runs as another user, and lets its group write where it saves. Only where
    /// [`crate::namespace::enter_with_users`] is true.
    ///
    /// # Panics
    /// If it does not start.
    pub fn service(address: &str, user: u32, group: u32) -> Self {
        let mut new = Self::new(Generation::Here, false);
        new.user = Some((user, group));
        let new = new.configured(address, free_port(address), "");
        fs::create_dir_all(new.save_path()).expect("a profile can be written");
        let own = |args: &[&str]| {
            let done =
                std::process::Command::new(args[0]).args(&args[1..]).arg(new.profile()).status();
            assert!(done.is_ok_and(|status| status.success()), "{args:?}");
        };
        own(&["chown", "-R", &format!("{user}:{group}")]);
        own(&["chmod", "-R", "u+rwX,g+rwXs,o+rX"]);
        new.started()
    }

    fn configured(self, address: &str, port: u16, more: &str) -> Self {
        let folder = self.folder();
        let config = format!(
            "[LegalNotice]\nAccepted=true\n[BitTorrent]\nSession\\Port={port}\n\
             Session\\InterfaceAddress={address}\nSession\\DefaultSavePath={save}\n\
             Session\\DHTEnabled=false\nSession\\LSDEnabled=false\nSession\\PeXEnabled=false\n\
             Session\\QueueingSystemEnabled=false\nSession\\MultiConnectionsPerIp=true\n{more}\n\
             [Network]\nPortForwardingEnabled=false\n[Preferences]\nWebUI\\Address={ip}\n\
             WebUI\\Port={web}\nConnection\\ResolvePeerCountries=false\nWebUI\\UseUPnP=false\nWebUI\\Username={USER}\n\
             WebUI\\Password_PBKDF2=\"{PASSWORD_KEPT}\"\n",
            save = self.save_path().display(),
            ip = self.web.ip(),
            web = self.web.port(),
        );
        fs::create_dir_all(folder.join("config")).expect("a profile can be written");
        fs::write(folder.join("config/qBittorrent.conf"), config)
            .expect("a profile can be written");
        self
    }

    /// A profile that nobody ever touched, but for the port of its web UI. Only inside a
    /// [`crate::namespace`]: it listens and asks wherever it can.
    ///
    /// # Panics
    /// If it does not start.
    pub fn untouched(generation: Generation) -> Self {
        Self::new(generation, true).started()
    }

    fn new(generation: Generation, untouched: bool) -> Self {
        let profile = tempfile::Builder::new().prefix("upseed-qb-").tempdir();
        let web = SocketAddr::from(([127, 0, 0, 1], free_port("127.0.0.1")));
        let profile = profile.expect("a temporary folder");
        let cookie = Mutex::default();
        Self {
            generation,
            profile,
            process: None,
            web,
            untouched,
            small_disk: None,
            machine: None,
            user: None,
            cookie,
        }
    }

    fn started(mut self) -> Self {
        self.start();
        self
    }

    fn folder(&self) -> PathBuf {
        self.profile.path().join("qBittorrent")
    }

    /// Where it saves.
    pub fn save_path(&self) -> PathBuf {
        self.folder().join("downloads")
    }

    /// The whole profile.
    pub fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Its web UI's address.
    pub fn web(&self) -> SocketAddr {
        self.web
    }

    /// Its web UI as people type it.
    pub fn url(&self) -> String {
        format!("http://{}", self.web)
    }

    /// Its user's password: from 4.6 on an untouched profile makes one and prints it.
    pub fn password(&self) -> String {
        let log = fs::read_to_string(self.profile.path().join("out")).unwrap_or_default();
        let mark = "temporary password is provided for this session: ";
        let made = log.lines().rev().find_map(|line| line.split_once(mark));
        made.map_or_else(|| PASSWORD.to_owned(), |(_, password)| password.trim().to_owned())
    }

    /// Its pid.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// From the next start on it saves to a disk of its own of so many bytes, which nobody else sees.
    pub fn on_a_small_disk(&mut self, bytes: u32) {
        self.small_disk = Some(bytes);
    }

    /// Starts it (again).
    ///
    /// # Panics
    /// If its web UI does not answer.
    pub fn start(&mut self) {
        let out = File::create(self.profile.path().join("out")).expect("a log can be written");
        let err = out.try_clone().expect("a file can be shared");
        let mut command = self.generation.command("qbittorrent-nox");
        if let Some(bytes) = self.small_disk {
            let script = r#"mount -t tmpfs -o "size=$1" tmpfs "$2"; shift 2; exec "$@""#;
            fs::create_dir_all(self.save_path()).expect("a profile can be written");
            command = std::process::Command::new("unshare");
            command.args(["-rm", "sh", "-ec", script, "sh"]).arg(bytes.to_string());
            command.arg(self.save_path()).arg("qbittorrent-nox");
        }
        if let Some(machine) = &self.machine {
            let here = command;
            command = machine.command(&here.get_program().to_string_lossy());
            command.args(here.get_args());
        }
        if let Some((user, group)) = self.user {
            let here = command;
            command = std::process::Command::new("sh");
            command.args(["-c", r#"umask 002; exec "$@""#, "sh"]).arg(here.get_program());
            command.uid(user).gid(group);
        }
        command.arg(format!("--profile={}", self.profile.path().display()));
        if self.untouched {
            command.arg(format!("--webui-port={}", self.web.port()));
            if self.generation == Generation::Trixie {
                command.arg("--confirm-legal-notice");
            }
        }
        command.env("HOME", self.profile.path());
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        self.process = Some(command.spawn().expect("qbittorrent-nox is installed"));
        until("qBittorrent answers and takes the log-in", || {
            TcpStream::connect(self.web).ok()?;
            self.log_in().then_some(())
        });
    }

    fn log_in(&self) -> bool {
        let body = format!("username={USER}&password={}", self.password());
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Referer", &*format!("http://{}", self.web)),
        ];
        let answer =
            http::request(self.web, "POST", "/api/v2/auth/login", &headers, body.as_bytes());
        let cookie = answer.header("set-cookie").and_then(|set| set.split(';').next());
        *self.cookie.lock().expect("nobody panicked") = cookie.unwrap_or_default().to_owned();
        !cookie.unwrap_or_default().is_empty()
    }

    /// Ends it as its user would.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let pid = process.id().to_string();
            let asked = std::process::Command::new("kill").arg(&pid).status();
            assert!(asked.is_ok_and(|status| status.success()), "it ran until now");
            process.wait().expect("a child can be waited for");
        }
    }

    /// Ends it at once.
    pub fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            process.wait().expect("a child can be waited for");
        }
    }

    /// An answer of its API.
    ///
    /// # Panics
    /// If it is none.
    pub fn get(&self, path: &str) -> Value {
        let cookie = self.cookie.lock().expect("nobody panicked").clone();
        let path = format!("/api/v2/{path}");
        let answer = http::request(self.web, "GET", &path, &[("Cookie", &cookie)], b"");
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// A form sent to its API.
    ///
    /// # Panics
    /// If it is refused.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> String {
        let cookie = self.cookie.lock().expect("nobody panicked").clone();
        let body: Vec<String> =
            form.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Referer", &*format!("http://{}", self.web)),
        ];
        let path = format!("/api/v2/{path}");
        let answer = http::request(self.web, "POST", &path, &headers, body.join("&").as_bytes());
        assert!(matches!(answer.status, 200 | 204), "{path}: {answer:?}");
        String::from_utf8_lossy(&answer.body).into_owned()
    }

    /// Gives it a .torrent, as its user would by hand.
    ///
    /// # Panics
    /// If it is refused.
    pub fn add_by_hand(&self, torrent: &[u8]) {
        let cookie = self.cookie.lock().expect("nobody panicked").clone();
        let mut body = b"--upseed\r\nContent-Disposition: form-data; name=\"torrents\"; \
                         filename=\"a.torrent\"\r\nContent-Type: application/x-bittorrent\r\n\r\n"
            .to_vec();
        body.extend_from_slice(torrent);
        body.extend_from_slice(b"\r\n--upseed--\r\n");
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Content-Type", "multipart/form-data; boundary=upseed"),
            ("Referer", &*format!("http://{}", self.web)),
        ];
        let answer = http::request(self.web, "POST", "/api/v2/torrents/add", &headers, &body);
        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    }

    /// One torrent; nothing if it has none of that infohash.
    pub fn torrent(&self, infohash: &str) -> Option<Value> {
        self.get(&format!("torrents/info?hashes={infohash}")).as_array()?.first().cloned()
    }

    /// A torrent's state in its own words.
    pub fn state(&self, infohash: &str) -> Option<String> {
        Some(self.torrent(infohash)?["state"].as_str()?.to_owned())
    }

    /// Stops a torrent, as its user would. ("Pause" until 4.6.)
    pub fn stop_torrent(&self, infohash: &str) {
        let path = if self.generation == Generation::Here { "pause" } else { "stop" };
        self.post(&format!("torrents/{path}"), &[("hashes", infohash)]);
    }

    /// Starts one again.
    pub fn start_torrent(&self, infohash: &str) {
        let path = if self.generation == Generation::Here { "resume" } else { "start" };
        self.post(&format!("torrents/{path}"), &[("hashes", infohash)]);
    }

    /// Whether it says that its user stopped this.
    pub fn is_stopped(&self, infohash: &str) -> bool {
        let state = self.state(infohash).unwrap_or_default();
        matches!(state.as_str(), "pausedUP" | "stoppedUP")
    }

    /// Changes preferences.
    pub fn set(&self, preferences: &Value) {
        self.post("app/setPreferences", &[("json", &preferences.to_string())]);
    }

    /// Where its files lie for the client itself, also on a small disk.
    ///
    /// # Panics
    /// If it does not run.
    pub fn disk(&self) -> PathBuf {
        let path = self.save_path();
        let inside = path.strip_prefix("/").expect("an absolute path");
        Path::new(&format!("/proc/{}/root", self.pid())).join(inside)
    }

    /// Whether it says that it seeds this.
    pub fn seeds(&self, infohash: &str) -> bool {
        let state = self.state(infohash).unwrap_or_default();
        matches!(state.as_str(), "uploading" | "stalledUP" | "forcedUP")
    }
}

impl Drop for QBittorrent {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
        if std::thread::panicking() {
            let logs = self.folder().join("data/logs/qbittorrent.log");
            eprintln!("--- {logs:?}\n{}", fs::read_to_string(&logs).unwrap_or_default());
        }
    }
}

fn encoded(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    value.bytes().map(byte).collect()
}
