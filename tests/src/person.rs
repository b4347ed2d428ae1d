//! A person: a data folder of their own and, most of the time, a running node.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    net::{IpAddr, SocketAddr},
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Home, ended, http,
    qbittorrent::{self, QBittorrent},
    until, view,
    wait::patient,
};

/// The command under test: `UPSEED_BINARY`, else the one that lies beside this test's own program.
///
/// # Panics
/// If it is not there.
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("UPSEED_BINARY") {
        return named.into();
    }
    let me = std::env::current_exe().expect("a test knows its own program");
    // target/<profile>/deps/<test>
    let profile = me.parent().and_then(Path::parent).expect("tests lie in target/<profile>/deps");
    let binary = profile.join("upseed");
    assert!(
        binary.exists(),
        "{} is not there: build it first with `cargo build -p upseed` (`make test` does)",
        binary.display()
    );
    binary
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Output {
    /// The exit code; `None` if a signal ended it (an abort is one).
    pub code: Option<i32>,
    /// Standard output, byte for byte.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Standard output as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the command prints UTF-8")
    }

    /// Asserts exit code 0.
    ///
    /// # Panics
    /// With everything the command said, otherwise.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

/// How a person's node is to be started.
#[derive(Debug, Clone)]
pub struct Setup {
    name: String,
    data: Option<PathBuf>,
    listen: String,
    proxy_listen: String,
    swarm_listen: SocketAddr,
    everywhere: bool,
    dht: bool,
    lsd: bool,
    user: Option<(u32, u32)>,
    umask: Option<&'static str>,
    network: Option<String>,
    more: Vec<String>,
    env: Vec<(String, PathBuf)>,
}

impl Setup {
    /// Meets this person's node in every board, at the address it has now.
    pub fn peer(self, other: &Person) -> Self {
        self.peer_at(other.swarm_addr())
    }

    /// Meets whoever listens there.
    pub fn peer_at(self, addr: SocketAddr) -> Self {
        self.arg("--peer").arg(&addr.to_string())
    }

    /// Uses a DHT, entered at these addresses alone. They must be on this machine.
    pub fn dht(mut self, bootstrap: &[SocketAddr]) -> Self {
        assert!(!bootstrap.is_empty(), "without one the public routers would be asked");
        self.dht = true;
        for addr in bootstrap {
            self = self.arg("--bootstrap").arg(&addr.to_string());
        }
        self
    }

    /// Uses a DHT as people do who name no bootstrap node; only inside a [`crate::namespace`], from which no way leads to
    /// the routers that libtorrent knows.
    pub fn public_dht(mut self) -> Self {
        self.dht = true;
        self
    }

    /// Uses a DHT, with a bootstrap node of this name, which must not lead out of this machine.
    pub fn bootstrap(mut self, name: &str) -> Self {
        self.dht = true;
        self.arg("--bootstrap").arg(name)
    }

    /// Uses local service discovery; only inside a [`crate::namespace`].
    pub fn lsd(mut self) -> Self {
        self.lsd = true;
        self
    }

    /// Where the engine listens, instead of 127.0.0.1:0.
    ///
    /// # Panics
    /// If that is not an address and a port.
    pub fn swarm_listen(mut self, addr: &str) -> Self {
        self.swarm_listen = addr.parse().expect("ADDR:PORT");
        self
    }

    /// The engine listens wherever a node listens by itself; only inside a [`crate::namespace`].
    pub fn everywhere(mut self) -> Self {
        self.everywhere = true;
        self
    }

    /// Where the API listens, instead of 127.0.0.1:0.
    pub fn listen(mut self, addr: &str) -> Self {
        self.listen = addr.to_owned();
        self
    }

    /// Where the client's web UI is served, instead of 127.0.0.1:0.
    pub fn proxy_listen(mut self, addr: &str) -> Self {
        self.proxy_listen = addr.to_owned();
        self
    }

    /// Keeps the data there instead of in a temporary folder; it is not deleted then.
    pub fn data(mut self, folder: &Path) -> Self {
        self.data = Some(folder.to_owned());
        self
    }

    /// Everything runs as this user of this group; only where [`crate::namespace::enter_with_users`] is
    /// true.
    pub fn user(mut self, user: u32, group: u32) -> Self {
        self.user = Some((user, group));
        self
    }

    /// Everything runs on the machine of this home.
    pub fn inside(mut self, home: &Home) -> Self {
        self.network = Some(home.network());
        self
    }

    /// Everything runs with this umask, as in a shell.
    pub fn umask(mut self, umask: &'static str) -> Self {
        self.umask = Some(umask);
        self
    }

    /// One more argument of `upseed run`.
    pub fn arg(mut self, argument: &str) -> Self {
        self.more.push(argument.to_owned());
        self
    }

    /// One more variable of the environment, which names a file.
    pub fn env(mut self, name: &str, file: &Path) -> Self {
        self.env.push((name.to_owned(), file.to_owned()));
        self
    }

    /// Makes the person without starting the node: [`Person::restart`] does.
    ///
    /// # Panics
    /// If there is no room for a temporary folder.
    pub fn offline(self) -> Person {
        let folder = tempfile::Builder::new()
            .prefix(&format!("upseed-{}-", self.name))
            .tempdir()
            .expect("a temporary folder");
        let data = self.data.clone().unwrap_or_else(|| folder.path().join("data"));
        if let Some((user, group)) = self.user {
            chown(folder.path(), Some(user), Some(group)).expect("it can be another user's");
        }
        Person { setup: self, data, folder, process: None, api: None, starts: 0 }
    }

    /// Starts the node and returns when it answers.
    ///
    /// # Panics
    /// If it does not; the log is shown.
    pub fn start(self) -> Person {
        let mut person = self.offline();
        person.restart();
        person
    }
}

/// A person and their node.
///
/// The node ends when this is dropped; what it logged is shown if the test is failing.
pub struct Person {
    setup: Setup,
    data: PathBuf,
    /// Holds the log, and the data unless they were put elsewhere.
    folder: TempDir,
    process: Option<Child>,
    api: Option<SocketAddr>,
    starts: u32,
}

impl Person {
    /// Begins a person on loopback, without DHT, local discovery or peers.
    pub fn named(name: &str) -> Setup {
        Setup {
            name: name.to_owned(),
            data: None,
            listen: "127.0.0.1:0".into(),
            proxy_listen: "127.0.0.1:0".into(),
            swarm_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            everywhere: false,
            dht: false,
            lsd: false,
            user: None,
            umask: None,
            network: None,
            more: Vec::new(),
            env: Vec::new(),
        }
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A folder for this test's files, deleted with the person.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// The node's pid.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("this person's node runs").id()
    }

    /// The most memory that the node took so far, in KiB.
    ///
    /// # Panics
    /// If it does not run.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("a running process has a status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok());
        peak.expect("Linux tells the peak")
    }

    /// Changes how the node is started, for the next [`Person::restart`]:
    /// `ann.change(|setup| setup.peer(&bob))`.
    pub fn change(&mut self, change: impl FnOnce(Setup) -> Setup) {
        self.setup = change(self.setup.clone());
    }

    /// What the node has written to standard error since it was first started.
    pub fn log(&self) -> String {
        let mut log = Vec::new();
        if let Ok(mut file) = File::open(self.log_file()) {
            let _ = file.read_to_end(&mut log);
        }
        String::from_utf8_lossy(&log).into_owned()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// `upseed ARGS --data DIR`, to be run by the test itself.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = match (self.setup.umask, &self.setup.network) {
            (None, None) => Command::new(binary()),
            (None, Some(network)) => {
                let mut command = Command::new("nsenter");
                command.arg(network).arg(binary());
                command
            }
            (Some(umask), _) => {
                let mut command = Command::new("sh");
                command.args(["-c", r#"umask "$0"; exec "$@""#, umask]).arg(binary());
                command
            }
        };
        if let Some((user, group)) = self.setup.user {
            command.uid(user).gid(group);
        }
        command.args(args).arg("--data").arg(&self.data);
        command.env_remove("UPSEED_DATA").env_remove("UPSEED_LOG");
        command.envs(self.setup.env.iter().map(|(name, file)| (name, file)));
        command.env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    /// `upseed run` as this person would start it, to be run by the test itself.
    pub fn run_command(&self) -> Command {
        let listen = self.setup.swarm_listen.to_string();
        let mut args = vec!["run", "--listen", &self.setup.listen];
        if !self.setup.everywhere {
            args.extend(["--swarm-listen", &listen]);
        }
        args.extend(["--proxy-listen", &self.setup.proxy_listen]);
        if !self.setup.dht {
            args.push("--no-dht");
        }
        if !self.setup.lsd {
            args.push("--no-lsd");
        }
        args.extend(self.setup.more.iter().map(String::as_str));
        let mut command = self.command(&args);
        command.env("UPSEED_LOG", "info,upseed_node=debug,hyper=warn");
        command
    }

    /// Runs `upseed ARGS` in the scratch folder with nothing on standard input.
    ///
    /// # Panics
    /// If it does not end; it is killed then.
    pub fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, b"")
    }

    /// Like [`Person::run`] with something on standard input.
    ///
    /// # Panics
    /// As [`Person::run`].
    pub fn run_with(&self, args: &[&str], input: &[u8]) -> Output {
        let mut command = self.command(&patient(args));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut stdin = child.stdin.take().expect("it was started with a pipe");
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            // A command that refuses early closes its end: no failure of the test's.
            scope.spawn(move || stdin.write_all(input));
            let stdout = scope.spawn(move || drain(out.as_mut()));
            let stderr = scope.spawn(move || drain(err.as_mut()));
            let code = ended(&mut child, &format!("upseed {args:?} of {}", self.setup.name));
            let stdout = stdout.join().unwrap_or_default();
            let stderr = stderr.join().unwrap_or_default();
            let stderr = String::from_utf8_lossy(&stderr).into_owned();
            Output { code, stdout, stderr }
        })
    }

    /// Runs `upseed ARGS --json` and reads what it prints.
    ///
    /// # Panics
    /// If it fails, or prints anything but one JSON value.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.json_with(args, b"")
    }

    /// Like [`Person::json`] with something on standard input.
    ///
    /// # Panics
    /// As [`Person::json`].
    #[track_caller]
    pub fn json_with(&self, args: &[&str], input: &[u8]) -> Value {
        let output = self.run_with(&[args, &["--json"]].concat(), input);
        assert_eq!(output.code, Some(0), "{} {args:?}: {output:?}", self.setup.name);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{} {args:?}: {error}: {output:?}", self.setup.name))
    }

    /// Writes a post and gives its id.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn post(&self, board: &str, title: &str, text: &str) -> String {
        id(&self.json_with(&["post", "--board", board, "--title", title], text.as_bytes()))
    }

    /// Writes a comment and gives its id.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn comment(&self, parent: &str, text: &str) -> String {
        id(&self.json_with(&["comment", parent], text.as_bytes()))
    }

    /// Connects a qBittorrent: `upseed connect qbittorrent`. The node must be restarted to use it.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn connect(&self, client: &QBittorrent) -> Value {
        let args = ["connect", "qbittorrent", "--url", &client.url(), "--user", qbittorrent::USER];
        self.json_with(&[&args[..], &["--password-stdin"]].concat(), client.password().as_bytes())
    }

    /// Where the client's web UI is served, once the node has said so.
    pub fn tab(&self) -> Option<SocketAddr> {
        let log = self.log();
        let mark = "with Upseed in it: http://";
        let page = log.lines().rev().find_map(|line| line.split_once(mark));
        page.and_then(|(_, page)| page.split('/').next()?.parse().ok())
    }

    /// Clicks on the upvote in the rank view inside the connected client's own page, in Chromium.
    /// `client` are the environment of `tests/browser/vote-in-page.mjs`: which client, and how to
    /// log in there.
    ///
    /// # Panics
    /// With what the browser said, if that fails.
    pub fn vote_in_page(&self, id: &str, client: &[(&str, &str)]) {
        let origin = self.tab().expect("it is printed");
        let voted = Command::new("node")
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/browser"))
            .arg("vote-in-page.mjs")
            .env("ORIGIN", format!("http://{origin}"))
            .env("ID", id)
            .envs(client.iter().copied())
            .output()
            .expect("Node.js is installed");
        assert!(voted.status.success(), "{}", String::from_utf8_lossy(&voted.stderr));
    }

    /// A page of the view, as a browser gets it that came by a one-time link.
    ///
    /// # Panics
    /// If it is not there.
    pub fn page(&self, path: &str) -> String {
        view::page(self.api(), path, &self.cookie())
    }

    /// A session of the view, as a browser gets it by a one-time link.
    ///
    /// # Panics
    /// If there is none.
    pub fn cookie(&self) -> String {
        let link = self.json(&["open"])["link"].as_str().expect("a link").to_owned();
        view::cookie(self.api(), &link)
    }

    /// Sends a form of the view, as a browser that opened a one-time link would.
    ///
    /// # Panics
    /// If the view refuses.
    #[track_caller]
    pub fn form(&self, path: &str, fields: &str) {
        view::form(self.api(), &self.cookie(), path, fields);
    }

    /// `upseed top --window all --limit 1000`, of every board that was joined.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn top(&self) -> Vec<Value> {
        let top = self.json(&["top", "--window", "all", "--limit", "1000"]);
        top.as_array().expect("top gives an array").clone()
    }

    /// The item with this id in [`Person::top`].
    #[track_caller]
    pub fn listed(&self, id: &str) -> Option<Value> {
        self.top().into_iter().find(|item| item["id"] == id)
    }

    /// `upseed status`.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.json(&["status"])
    }

    /// Where the node's engine listens.
    ///
    /// # Panics
    /// If the node does not run.
    pub fn swarm_addr(&self) -> SocketAddr {
        let port = self.status()["swarm_port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.filter(|port| *port != 0).expect("a running engine listens");
        let ip: IpAddr = self.setup.swarm_listen.ip();
        SocketAddr::new(ip, port)
    }

    /// Where the node's API listens.
    ///
    /// # Panics
    /// If the node does not run.
    pub fn api(&self) -> SocketAddr {
        self.api.expect("this person's node runs")
    }

    /// The token that opens the API.
    ///
    /// # Panics
    /// If there is none yet.
    pub fn token(&self) -> String {
        let token = std::fs::read_to_string(self.data.join("api-token"));
        token.expect("a started node has a token").trim().to_owned()
    }

    /// One request to the API (`path` below `/upseed/api/v1`) with the token.
    ///
    /// # Panics
    /// If the node does not answer.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> http::Response {
        let bearer = format!("Bearer {}", self.token());
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let path = format!("/upseed/api/v1{path}");
        http::request(self.api(), method, &path, &headers, body.as_bytes())
    }

    /// Starts the node again, as it was set up, and returns when it answers. The engine gets
    /// another port unless [`Setup::swarm_listen`] named one.
    ///
    /// # Panics
    /// If it runs already, or does not answer.
    pub fn restart(&mut self) {
        assert!(self.process.is_none(), "{}'s node runs already", self.setup.name);
        let log = File::options().create(true).append(true).open(self.log_file());
        let mut log = log.expect("the log can be written");
        self.starts += 1;
        writeln!(log, "--- start {} of {}", self.starts, self.setup.name).expect("the log");
        let child = self
            .run_command()
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("the node starts");
        let pid = child.id();
        self.process = Some(child);
        let what = format!("the node of {} answers", self.setup.name);
        let file = self.data.join("node.json");
        let api = until(&what, || {
            let running: Value = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
            // What a killed node left behind names another process.
            let ours = running["pid"] == pid;
            let ended = self.process.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                self.process = None;
                panic!("the node of {} ended at once: {status}\n{}", self.setup.name, self.log());
            }
            ours.then(|| running["address"].as_str()?.parse().ok()).flatten()
        });
        self.api = Some(api);
    }

    /// Stops the node as Ctrl-C would, and asserts that it ends well.
    ///
    /// # Panics
    /// If it does not run, does not end, or ends with a failure.
    pub fn stop(&mut self) {
        self.stop_by("TERM");
    }

    /// The same by another signal.
    ///
    /// # Panics
    /// As [`Person::stop`].
    pub fn stop_by(&mut self, signal: &str) {
        let mut child = self.process.take().expect("this person's node runs");
        self.api = None;
        let pid = child.id();
        // The shell's own kill: not every machine has one as a program.
        let told = Command::new("sh")
            .args(["-c", r#"kill "-$1" "$0""#, &pid.to_string(), signal])
            .status();
        assert!(told.is_ok_and(|status| status.success()), "pid {pid} can be told to end");
        let code = ended(&mut child, &format!("the node of {}", self.setup.name));
        assert_eq!(code, Some(0), "the node of {} ended with it:\n{}", self.setup.name, self.log());
        assert_gone(pid);
    }

    /// Ends the node as a power cut would.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill9(&mut self) {
        let mut child = self.process.take().expect("this person's node runs");
        self.api = None;
        child.kill().expect("a child can be killed");
        child.wait().expect("a child can be waited for");
        assert_gone(child.id());
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let end = &lines[lines.len().saturating_sub(60)..];
            eprintln!("--- the end of {}'s log:\n{}", self.setup.name, end.join("\n"));
        }
        let Some(mut child) = self.process.take() else { return };
        let ended = child.kill().and_then(|()| child.wait());
        if !thread::panicking() {
            ended.expect("a child can be killed");
            assert_gone(child.id());
        }
    }
}

/// The pid was waited for, so the kernel has forgotten it.
fn assert_gone(pid: u32) {
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "process {pid} is still there");
}

fn drain(stream: Option<&mut impl std::io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        let _ = stream.read_to_end(&mut bytes);
    }
    bytes
}

#[track_caller]
fn id(item: &Value) -> String {
    item["id"].as_str().expect("an item has an id").to_owned()
}
