//! Real deluged processes, of both generations, with the egg in their plugin folder.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Generation, free_port, until, wait::patient};

const PASSWORD: &str = "only-for-this-test";
/// The user of a thin client, of level 5.
const THIN: &str = "thin";

/// Of the word above: sha1(salt + password).
const SALT: &str = "c26ab3bbd8b137f99cd83c2c1c0963bcc1a35cad";
const SALTED: &str = "ff90c309e40e9c7515f934582ceefb6ea1f480b8";

/// Deluge's config files are two JSON objects in a row.
const VERSION: &str = r#"{"file":1,"format":1}"#;

/// The egg as `make deluge-egg` makes it, but with the quick build of the tests; or the one that `UPSEED_EGG` names, a
/// release for instance.
///
/// # Panics
/// If it cannot be made.
pub fn egg() -> &'static PathBuf {
    static EGG: OnceLock<PathBuf> = OnceLock::new();
    EGG.get_or_init(|| {
        if let Some(egg) = std::env::var_os("UPSEED_EGG") {
            return PathBuf::from(egg);
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deluge-plugin/egg");
        let output =
            Command::new(script).arg("--debug").output().expect("the egg's script can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
    })
}

/// How a deluged is to be started.
pub struct Setup {
    generation: Generation,
    core: Value,
    upseed: Value,
    label: &'static str,
    programs: Option<PathBuf>,
    installed: bool,
    elsewhere: bool,
}

impl Setup {
    /// Without the egg.
    pub const fn bare(mut self) -> Self {
        self.installed = false;
        self
    }

    /// On a machine that says it is of another kind (i686).
    pub const fn elsewhere(mut self) -> Self {
        self.elsewhere = true;
        self
    }

    /// A key of core.conf.
    pub fn core(mut self, key: &str, value: Value) -> Self {
        self.core[key] = value;
        self
    }

    /// A key of the plugin's own settings.
    pub fn upseed(mut self, key: &str, value: Value) -> Self {
        self.upseed[key] = value;
        self
    }

    /// Deluge from PyPI instead of the generation's own.
    ///
    /// # Panics
    /// If it cannot be installed.
    pub fn from_pypi(mut self) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/pypi-deluge");
        let output = Command::new(script).output().expect("tests/clients/pypi-deluge can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.programs = Some(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
        self
    }

    /// Part of the name of its folder.
    pub const fn folder(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    /// Starts it, with the egg and the probe in its plugin folder; neither is enabled yet.
    ///
    /// # Panics
    /// If it does not answer.
    pub fn start(self) -> Deluge {
        let folder =
            tempfile::Builder::new().prefix(self.label).tempdir().expect("a temporary folder");
        let config = folder.path().join("config");
        let plugins = config.join("plugins");
        let probe = plugins.join("UpseedProbe-1.egg");
        fs::create_dir_all(probe.join("EGG-INFO")).expect("the temporary folder can be written");
        fs::create_dir_all(folder.path().join("dl")).expect("the temporary folder can be written");
        let write =
            |path: PathBuf, text: &str| fs::write(path, text).expect("a file of the test's own");
        write(probe.join("deluge_probe.py"), include_str!("deluge_probe/deluge_probe.py"));
        write(folder.path().join("deluged.py"), include_str!("deluged.py"));
        write(probe.join("deluge_turns.py"), include_str!("deluge_probe/deluge_turns.py"));
        write(
            probe.join("EGG-INFO/PKG-INFO"),
            "Metadata-Version: 1.0\nName: UpseedProbe\nVersion: 1\n",
        );
        write(
            probe.join("EGG-INFO/entry_points.txt"),
            "[deluge.plugin.core]\nUpseedProbe = deluge_probe:CorePlugin\n",
        );
        if self.installed {
            fs::copy(egg(), plugins.join(egg().file_name().expect("an egg has a name")))
                .expect("the egg is copied");
        }
        let port = free_port("127.0.0.1");
        let mut core = self.core;
        core["daemon_port"] = json!(port);
        core["download_location"] = json!(folder.path().join("dl"));
        write(config.join("core.conf"), &format!("{VERSION}{core}"));
        write(config.join("upseed.conf"), &format!("{VERSION}{}", self.upseed));
        write(config.join("auth"), &format!("localclient:{PASSWORD}:10\n{THIN}:{PASSWORD}:5\n"));
        fs::set_permissions(config.join("auth"), fs::Permissions::from_mode(0o600))
            .expect("it is ours");
        let web_port = free_port("127.0.0.1");
        let web = json!({
            "port": web_port, "interface": "127.0.0.1", "pwd_salt": SALT, "pwd_sha1": SALTED,
            "first_login": false, "default_daemon": "here", "show_session_speed": false,
        });
        write(config.join("web.conf"), &format!("{VERSION}{web}"));
        let hosts = json!({ "hosts": [["here", "127.0.0.1", port, "localclient", PASSWORD]] });
        write(config.join("hostlist.conf"), &format!(r#"{{"file":3,"format":1}}{hosts}"#));
        let mut deluge = Deluge {
            generation: self.generation,
            programs: self.programs,
            elsewhere: self.elsewhere,
            folder,
            port,
            web_port,
            process: None,
            web: None,
            rpc: None,
            thin: None,
        };
        deluge.start();
        deluge
    }
}

/// A running deluged; it ends with the test.
pub struct Deluge {
    generation: Generation,
    programs: Option<PathBuf>,
    elsewhere: bool,
    folder: TempDir,
    port: u16,
    web_port: u16,
    process: Option<Child>,
    web: Option<Child>,
    rpc: Option<Rpc>,
    thin: Option<Rpc>,
}

struct Rpc {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// What a process has written so far.
fn told(log: &Path) -> String {
    String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned()
}

impl Deluge {
    /// Begins a deluged on loopback that looks for nobody, otherwise with its own defaults (which
    /// seed five torrents at a time).
    pub fn of(generation: Generation) -> Setup {
        let core = json!({
            "listen_ports": [0, 0], "random_port": false, "listen_interface": "127.0.0.1", "dht": false,
            "lsd": false, "upnp": false, "natpmp": false, "utpex": false, "new_release_check": false,
        });
        let upseed = json!({ "swarm_listen": "127.0.0.1:0" });
        let label = "upseed-deluge-";
        Setup { generation, core, upseed, label, programs: None, installed: true, elsewhere: false }
    }

    fn program(&self, name: &str) -> Command {
        match &self.programs {
            Some(folder) => Command::new(folder.join(name)),
            None if self.elsewhere => {
                let mut command = Command::new("setarch");
                command.arg("i686").arg(name);
                command
            }
            None => self.generation.command(name),
        }
    }

    /// Its config folder.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// Where it keeps what it downloads.
    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("dl")
    }

    /// The port of its RPC.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Starts the process (again).
    ///
    /// # Panics
    /// If it does not answer, or ends.
    pub fn start(&mut self) {
        let log = fs::File::create(self.folder.path().join("output")).expect("a log");
        let python = if self.programs.is_some() { "python3" } else { "/usr/bin/python3" };
        let mut command = self.program(python);
        command
            .arg(self.folder.path().join("deluged.py"))
            .arg("-d")
            .arg("-c")
            .arg(self.config())
            .arg("-l")
            .arg(self.folder.path().join("log"));
        let process = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("these tests need deluged");
        let process = self.process.insert(process);
        let (port, log) = (self.port, self.folder.path().join("output"));
        self.rpc = Some(until("deluged answers", || {
            let ended = process.try_wait().expect("it is our own process");
            assert_eq!(ended, None, "deluged ended: {}", told(&log));
            Rpc::connect(port, "localclient")
        }));
    }

    /// Sends a form of the view of the node inside.
    ///
    /// # Panics
    /// If the view refuses.
    pub fn form(&mut self, path: &str, fields: &str) {
        let status = self.call("upseed.status", json!([]));
        let api = status["address"].as_str().and_then(|address| address.parse().ok());
        let api = api.expect("the plugin's node runs");
        let link = self.call("upseed.one_time_link", json!([]));
        let cookie = crate::view::cookie(api, link.as_str().expect("a link"));
        crate::view::form(api, &cookie, path, fields);
    }

    /// Waits until Deluge's own settings on the disk have these plugins on.
    ///
    /// # Panics
    /// If they do not.
    pub fn keeps_plugins(&mut self, names: &[&str]) {
        // Deluge writes core.conf some seconds after a change of it, and does not count this one.
        self.call("core.set_config", json!([{ "max_connections_per_second": 21 }]));
        until("Deluge keeps which plugins are on", || {
            let config = fs::read_to_string(self.config().join("core.conf")).ok()?;
            let at = config.find("\"enabled_plugins\"")?;
            let list = config[at..].split(']').next()?;
            names.iter().all(|name| list.contains(&format!("\"{name}\""))).then_some(())
        });
    }

    /// Starts its deluge-web; gives its address and password.
    ///
    /// # Panics
    /// If it does not listen.
    pub fn start_web(&mut self) -> (String, &'static str) {
        let log = fs::File::create(self.folder.path().join("web")).expect("a log");
        let mut command = self.program("deluge-web");
        command
            .arg("-d")
            .arg("-c")
            .arg(self.config())
            .arg("-l")
            .arg(self.folder.path().join("web-log"));
        let web = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("these tests need deluge-web");
        self.web = Some(web);
        let address = ("127.0.0.1", self.web_port);
        until("deluge-web listens", || std::net::TcpStream::connect(address).ok());
        (format!("http://127.0.0.1:{}/", self.web_port), PASSWORD)
    }

    /// Ends it at once, as a power cut would.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        self.rpc = None;
        let mut process = self.process.take().expect("it runs");
        process.kill().expect("it is our own process");
        process.wait().expect("a killed process ends");
    }

    /// The names of its threads.
    ///
    /// # Panics
    /// If it does not run.
    pub fn threads(&self) -> Vec<String> {
        let pid = self.process.as_ref().expect("it runs").id();
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
        let name = |task: std::io::Result<fs::DirEntry>| {
            fs::read_to_string(task.ok()?.path().join("comm")).ok()
        };
        tasks.filter_map(name).map(|name| name.trim_end().to_owned()).collect()
    }

    /// What it and its deluge-web have written into their logs.
    pub fn logs(&self) -> String {
        let names = ["output", "log", "web", "web-log"];
        let texts = names.map(|name| fs::read(self.folder.path().join(name)).unwrap_or_default());
        texts.map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
    }

    /// Lets it stand still, as on a machine that sleeps, or go on.
    ///
    /// # Panics
    /// If it does not run.
    pub fn freeze(&self, still: bool) {
        let pid = self.process.as_ref().expect("it runs").id().to_string();
        let signal = if still { "-STOP" } else { "-CONT" };
        let done = Command::new("kill").args([signal, &pid]).status();
        assert!(done.expect("kill can be run").success(), "it is our own process");
    }

    /// Ends it as a service manager does.
    ///
    /// # Panics
    /// If it does not end by itself, or crashes.
    pub fn terminate(&mut self) {
        self.rpc = None;
        let mut process = self.process.take().expect("it runs");
        let done = Command::new("kill").arg(process.id().to_string()).status();
        assert!(done.expect("kill can be run").success(), "it is our own process");
        let ended = until("deluged ends", || process.try_wait().expect("it is our own process"));
        assert!(ended.success(), "{ended}: {}", told(&self.folder.path().join("output")));
    }

    /// A call of a thin client that may only look and add, and stays connected: the daemon remembers
    /// it as the one that called last.
    ///
    /// # Panics
    /// If the daemon refuses it.
    pub fn call_thin(&mut self, method: &str, arguments: Value) -> Value {
        let rpc = Rpc::connect(self.port, THIN).expect("the daemon runs");
        let rpc = self.thin.insert(rpc);
        rpc.call(&json!([method, arguments])).expect("deluged still runs")["ok"].take()
    }

    /// Calls a method; an error is what the daemon said.
    ///
    /// # Panics
    /// If the daemon is gone.
    pub fn try_call(&mut self, method: &str, arguments: Value) -> Result<Value, String> {
        let rpc = self.rpc.as_mut().expect("it runs");
        let answer = rpc.call(&json!([method, arguments])).expect("deluged still runs");
        match answer.get("ok") {
            Some(value) => Ok(value.clone()),
            None => Err(answer["error"].to_string()),
        }
    }

    /// Calls a method.
    ///
    /// # Panics
    /// If it fails.
    pub fn call(&mut self, method: &str, arguments: Value) -> Value {
        self.try_call(method, arguments).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// What deluge-console says to one command.
    ///
    /// # Panics
    /// If it fails.
    pub fn console(&self, command: &str) -> String {
        let line = format!("connect 127.0.0.1:{} localclient {PASSWORD}; {command}", self.port);
        let mut console = self.program("deluge-console");
        console.arg("-c").arg(self.scratch().join("console")).arg(line).stdin(Stdio::null());
        let output = console.output().expect("these tests need deluge-console");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Enables the plugin and waits for its node.
    ///
    /// # Panics
    /// If it does not run; its own sentence is shown.
    pub fn enable(&mut self) {
        assert_eq!(self.call("core.enable_plugin", json!(["Upseed"])), true);
        self.running();
    }

    /// Waits until the plugin's node runs and is connected to its Deluge.
    ///
    /// # Panics
    /// If it does not.
    pub fn running(&mut self) {
        until("the plugin's node runs", || {
            let status = self.try_call("upseed.status", json!([])).ok()?;
            assert_eq!(status["error"], Value::Null);
            (status["node"]["client_online"] == true).then_some(())
        });
    }

    /// What Deluge says of one torrent, or nothing if it has none.
    pub fn torrent(&mut self, id: &str, keys: &[&str]) -> Option<Value> {
        let told = self.call("core.get_torrent_status", json!([id, keys]));
        told.as_object().is_some_and(|fields| !fields.is_empty()).then_some(told)
    }

    /// `upseed ARGS` with the node inside this deluged, as JSON.
    ///
    /// # Panics
    /// If it fails.
    pub fn upseed(&self, args: &[&str]) -> Value {
        let mut command = Command::new(crate::binary());
        command.args(patient(args)).arg("--json").arg("--data").arg(self.config().join("upseed"));
        let output =
            command.env_remove("UPSEED_DATA").stdin(Stdio::null()).output().expect("upseed runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// Posts a text on the board `upseed`; its id.
    ///
    /// # Panics
    /// If it fails.
    pub fn post(&self, title: &str, text: &str) -> String {
        let file = self.folder.path().join("text");
        fs::write(&file, text).expect("a file of the test's own");
        let file = file.to_str().expect("temporary paths are UTF-8");
        let posted = self.upseed(&["post", "--board", "upseed", "--title", title, file]);
        posted["id"].as_str().expect("a post has an id").to_owned()
    }

    /// The folder for the test's own files.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }
}

impl Rpc {
    fn connect(port: u16, user: &str) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/deluge_rpc.py");
        let mut child = Command::new("/usr/bin/python3")
            .args([script, &port.to_string(), user, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need /usr/bin/python3 and Debian's deluge packages");
        let to = child.stdin.take().expect("it was started with a pipe");
        let from = BufReader::new(child.stdout.take().expect("it was started with a pipe"));
        let mut rpc = Self { child, to, from };
        rpc.line().filter(|told| told["ok"] == "connected").map(|_| rpc)
    }

    fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.from.read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    fn call(&mut self, request: &Value) -> Option<Value> {
        writeln!(self.to, "{request}").ok()?;
        self.line()
    }
}

impl Drop for Rpc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Deluge {
    fn drop(&mut self) {
        self.rpc = None;
        for mut process in self.process.take().into_iter().chain(self.web.take()) {
            let _ = process.kill();
            let ended = process.wait();
            assert!(ended.is_ok() || std::thread::panicking(), "deluged is gone: {ended:?}");
        }
        if std::thread::panicking() {
            for name in ["output", "log", "web", "web-log"] {
                let text = fs::read(self.folder.path().join(name)).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                let end: Vec<_> = text.lines().rev().take(30).collect();
                eprintln!("--- {name} of deluged ---");
                end.iter().rev().for_each(|line| eprintln!("{line}"));
            }
        }
    }
}
