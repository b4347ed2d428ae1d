//! A real transmission-daemon with a folder of its own.

use std::{
    fs::{File, Permissions},
    net::SocketAddr,
    os::unix::{
        fs::{PermissionsExt as _, chown, symlink},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Generation, free_port, http, until};

/// A running daemon. It ends when dropped, by its pid.
pub struct TransmissionDaemon {
    child: Option<Child>,
    folder: TempDir,
    generation: Generation,
    apart: bool,
    port: u16,
    login: Option<(String, String)>,
    user: Option<(u32, u32)>,
}

impl TransmissionDaemon {
    /// One whose settings are `docs`' test profile, bound to `ip`, with `more` on top.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(generation: Generation, ip: &str, more: &Value) -> Self {
        let mut daemon = Self::prepare(generation);
        let mut settings = json!({
            "bind-address-ipv4": ip,
            "bind-address-ipv6": "::1",
            "peer-port": 26891,
            "dht-enabled": false,
            "lpd-enabled": false,
            "pex-enabled": false,
            "utp-enabled": false,
            "rpc-bind-address": "127.0.0.1",
            "rpc-port": daemon.port,
            "rpc-whitelist-enabled": false,
            "rpc-host-whitelist-enabled": false,
            "rpc-authentication-required": false,
            "download-dir": daemon.downloads(),
            "port-forwarding-enabled": false,
            "download-queue-enabled": false,
            "seed-queue-enabled": false,
            "encryption": 1,
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            settings[key] = value.clone();
        }
        if let (Some(user), Some(password)) =
            (more["rpc-username"].as_str(), more["rpc-password"].as_str())
        {
            daemon.login = Some((user.into(), password.into()));
        }
        let path = daemon.config().join("settings.json");
        std::fs::write(path, settings.to_string()).expect("its folder can be written");
        daemon.resume();
        daemon
    }

    /// Like [`TransmissionDaemon::start`], but what it saves lies on a disk that only it sees: the folder of
    /// the same name on this side is another one, as with a container.
    ///
    /// # Panics
    /// If it does not start.
    pub fn apart(generation: Generation, ip: &str, more: &Value) -> Self {
        let mut daemon = Self::start(generation, ip, more);
        daemon.stop();
        daemon.apart = true;
        daemon.resume();
        daemon
    }

    /// One that was never told anything but its RPC port and its folders: what a new user has. Only in
    /// a namespace of its own, for it uses its default peer port and looks for others.
    ///
    /// # Panics
    /// If it does not start.
    pub fn untouched(generation: Generation) -> Self {
        let mut daemon = Self::prepare(generation);
        daemon.resume();
        daemon
    }

    /// One as Debian's package makes it: a service of a user and a group of its own, whose settings
    /// its group may read and others not, behind a link; with a password, and for this machine alone.
    /// Only where [`crate::namespace::enter_with_users`] is true.
    ///
    /// # Panics
    /// If it does not start.
    pub fn service(user: u32, group: u32, password: &str) -> Self {
        let mut daemon = Self::prepare(Generation::Here);
        let etc = daemon.folder().join("etc");
        std::fs::create_dir(&etc).expect("a folder in it");
        let settings = json!({
            "download-dir": daemon.downloads(),
            "encryption": 1,
            "peer-port": 51413,
            "port-forwarding-enabled": false,
            "rpc-authentication-required": true,
            "rpc-username": "transmission",
            "rpc-password": password,
            "rpc-whitelist": "127.0.0.1",
        });
        let file = etc.join("settings.json");
        std::fs::write(&file, settings.to_string()).expect("it can be written");
        symlink(&file, daemon.config().join("settings.json")).expect("a link to it");
        for (path, mode) in [
            (daemon.folder().to_owned(), 0o755),
            (daemon.config(), 0o2750),
            (daemon.downloads(), 0o2775),
            (etc, 0o755),
            (file, 0o660),
        ] {
            if path != daemon.folder() {
                chown(&path, Some(user), Some(group)).expect("it can be another user's");
            }
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its rights");
        }
        daemon.login = Some(("transmission".into(), password.into()));
        daemon.user = Some((user, group));
        daemon.resume();
        daemon
    }

    fn prepare(generation: Generation) -> Self {
        // Below /tmp, which Debian 13's sees too.
        let folder = tempfile::tempdir_in("/tmp").expect("a temporary folder");
        for name in ["config", "downloads"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder in it");
        }
        let port = free_port("127.0.0.1");
        Self { child: None, folder, generation, apart: false, port, login: None, user: None }
    }

    /// Starts it (again) on the same profile.
    ///
    /// # Panics
    /// If its RPC does not answer.
    pub fn resume(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = File::create(self.folder.path().join("log")).expect("a log");
        let both = log.try_clone().expect("a second handle of it");
        let mut command = self.generation.command("transmission-daemon");
        if self.apart {
            let inner = command;
            command = std::process::Command::new("unshare");
            command.args(["-m", "sh", "-ec", r#"mount -t tmpfs tmpfs "$0"; exec "$@""#]);
            command.arg(self.downloads()).arg(inner.get_program()).args(inner.get_args());
        }
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        let child = command
            .args(["-f", "-g"])
            .arg(self.config())
            .args(["-p", &self.port.to_string(), "-w"])
            .arg(self.downloads())
            .stdin(Stdio::null())
            .stdout(Stdio::from(log))
            .stderr(Stdio::from(both))
            .spawn()
            .expect("transmission-daemon is installed (`make test` does that)");
        self.child = Some(child);
        until("Transmission answers", || {
            std::net::TcpStream::connect(self.rpc_addr()).ok().map(drop)
        });
    }

    /// Ends it as a user does, and waits for that.
    ///
    /// # Panics
    /// If it does not end.
    pub fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let killed = std::process::Command::new("kill").arg(child.id().to_string()).status();
        assert!(killed.is_ok_and(|status| status.success()), "it can be told to end");
        until("Transmission has ended", || child.try_wait().ok().flatten());
    }

    /// Ends it as a power cut does.
    ///
    /// # Panics
    /// If it does not end.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it has ended");
    }

    /// Where its RPC answers.
    pub fn rpc_addr(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The address that a user types.
    pub fn url(&self) -> String {
        format!("http://{}", self.rpc_addr())
    }

    /// Where its settings lie.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// Where it saves.
    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    /// A folder for the test's own files, beside its own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote since it was started last.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Its process.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Asks it, as its own web page does.
    ///
    /// # Panics
    /// If it refuses.
    pub fn rpc(&self, method: &str, arguments: &Value) -> Value {
        let body = json!({ "method": method, "arguments": arguments }).to_string();
        let ask = |id: &str| {
            let mut headers = vec![("X-Transmission-Session-Id", id)];
            let login = self.login.as_ref().map(|(user, password)| {
                let plain = format!("{user}:{password}");
                format!("Basic {}", data_encoding::BASE64.encode(plain.as_bytes()))
            });
            headers.extend(login.as_deref().map(|login| ("Authorization", login)));
            http::request(self.rpc_addr(), "POST", "/transmission/rpc", &headers, body.as_bytes())
        };
        let mut answer = ask("none");
        if answer.status == 409 {
            let id = answer.header("X-Transmission-Session-Id").expect("an id").to_owned();
            answer = ask(&id);
        }
        let json = answer.json();
        assert_eq!(json["result"], "success", "{method}: HTTP {} {json}", answer.status);
        json["arguments"].clone()
    }

    /// One torrent's fields; `None` if it has no such torrent.
    pub fn torrent(&self, hash: &str, fields: &[&str]) -> Option<Value> {
        let answer = self.rpc("torrent-get", &json!({ "ids": [hash], "fields": fields }));
        answer["torrents"].get(0).cloned()
    }
}

impl Drop for TransmissionDaemon {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let ended = child.wait();
            assert!(ended.is_ok() || std::thread::panicking(), "Transmission is gone: {ended:?}");
        }
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(3_000);
            eprintln!("--- end of Transmission's log\n{}", log.get(from..).unwrap_or_default());
        }
    }
}
