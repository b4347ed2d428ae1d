//! A network of its own for one test: nothing in it reaches the world, and addresses are free.
//! Disks of its own, too: what is mounted inside is seen inside only.

use std::{os::unix::fs::MetadataExt as _, path::Path, process::Command};

const INSIDE: &str = "UPSEED_TESTS_INSIDE";

/// Runs the calling test once more inside a fresh network namespace. True inside, where the test
/// goes on; false outside, where the test is done because it passed inside:
///
/// ```no_run
/// # use upseed_tests::namespace;
/// // #[test]
/// fn two_in_one_lan() {
///     if !namespace::enter("two_in_one_lan", &["10.77.0.1", "10.77.0.2"]) {
///         return;
///     }
///     // ... listens on 10.77.0.1:0
/// }
/// ```
///
/// Inside, the loopback interface is up, speaks multicast, and has the given addresses, all in one /24 (libtorrent hears local discovery from its own subnet only).
///
/// # Panics
/// If the test fails inside, or if this machine does not allow namespaces: then it says what to do.
pub fn enter(test: &str, addresses: &[&str]) -> bool {
    enter_by(test, addresses, &["-rnm"], "")
}

/// Like [`enter`], and other users' processes can be started inside: as root on this machine, or with
/// the ids that /etc/subuid gives to this user.
///
/// # Panics
/// As [`enter`].
pub fn enter_with_users(test: &str, addresses: &[&str]) -> bool {
    // Who owns this process?
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    let flags: &[&str] = if is_root { &["-nm"] } else { &["-rnm", "--map-auto"] };
    let advice = "For other users' ids: `sudo apt install uidmap`, and a line for this user in \
                  /etc/subuid and /etc/subgid.\n";
    enter_by(test, addresses, flags, advice)
}

fn enter_by(test: &str, addresses: &[&str], flags: &[&str], advice: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let possible = Command::new("unshare").args(flags).arg("true").output();
    assert!(
        possible.as_ref().is_ok_and(|output| output.status.success()),
        "this test needs a network namespace, and `unshare {flags:?} true` fails: {possible:?}\n\
         {advice}Allow it with `sudo sysctl kernel.unprivileged_userns_clone=1` (Debian), \
         `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu), or run the tests \
         as root; in a container, add --cap-add SYS_ADMIN or --security-opt seccomp=unconfined."
    );
    let mut script = String::from("set -e\nip link set lo up multicast on\n");
    for address in addresses {
        script += &format!("ip addr add {address}/24 dev lo\n");
    }
    script += "ip route add 224.0.0.0/4 dev lo\nexec \"$0\" \"$@\"\n";
    let me = std::env::current_exe().expect("a test knows its own program");
    let output = Command::new("unshare")
        .args(flags)
        .args(["sh", "-c", &script])
        .arg(me)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare runs; it ran a moment ago");
    let told = String::from_utf8_lossy(&output.stdout);
    eprintln!("{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{test} failed inside the namespace (above)");
    assert!(told.contains("1 passed"), "no test is called {test}: nothing ran in the namespace");
    false
}

/// Puts a disk of so many bytes in place of a folder, for every process that the test starts later.
///
/// # Panics
/// Outside a namespace.
pub fn small_disk(folder: &Path, bytes: u32) {
    let done = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
        .arg(folder)
        .status()
        .expect("mount can be run");
    assert!(done.success(), "a small disk at {}", folder.display());
}

/// Makes names known by this file, in the form of /etc/hosts, and by nothing else, to every process that the
/// test starts. What is written into it later counts too.
///
/// # Panics
/// Outside a namespace.
pub fn hosts(file: &Path) {
    stands_for(file, "/etc/hosts");
    // Without a server in it, this machine is asked, where nobody answers: at once.
    stands_for(Path::new("/dev/null"), "/etc/resolv.conf");
}

/// Has names looked up as this file says, in the form of /etc/resolv.conf.
///
/// # Panics
/// Outside a namespace.
pub fn resolver(file: &Path) {
    stands_for(file, "/etc/resolv.conf");
}

fn stands_for(from: &Path, to: &str) {
    let mut mount = Command::new("mount");
    let done = mount.arg("--bind").arg(from).arg(to).status().expect("mount can be run");
    assert!(done.success(), "{} stands for {to}", from.display());
}

/// Makes a folder one that nobody can write into, not even root.
///
/// # Panics
/// Outside a namespace.
pub fn read_only(folder: &Path) {
    for options in ["bind", "remount,bind,ro"] {
        let mut mount = Command::new("mount");
        mount.args(["-o", options]);
        let done = mount.arg(folder).arg(folder).status().expect("mount can be run");
        assert!(done.success(), "{} becomes read-only", folder.display());
    }
}

/// Another machine, in a network of its own beside the test's: `10.99.0.1` is the test's address in
/// between, `10.99.0.2` the other machine's. Nothing on its loopback is reached from here, nor the
/// other way round. It ends when this is dropped.
pub struct Machine {
    process: std::process::Child,
}

impl Machine {
    /// The other machine's address.
    pub const ADDRESS: &str = "10.99.0.2";

    /// Starts it. One at a time.
    ///
    /// # Panics
    /// Outside a namespace.
    pub fn start() -> Self {
        let process = Command::new("unshare").args(["-n", "sleep", "infinity"]).spawn();
        let machine = Self { process: process.expect("unshare runs") };
        let own = std::fs::read_link("/proc/self/ns/net").expect("Linux has namespaces");
        let there = format!("/proc/{}/ns/net", machine.process.id());
        crate::until("the other machine has its own network", || {
            std::fs::read_link(&there).ok().filter(|network| *network != own)
        });
        let pid = machine.process.id();
        let here = |script: String| {
            let done = Command::new("sh").args(["-ec", &script]).status().expect("sh runs");
            assert!(done.success(), "{script}");
        };
        // Linux takes the way to one that has ended away in its own time.
        here(format!(
            "ip link del far0 2>/dev/null || true
             ip link add far0 type veth peer name near0 netns {pid}
             ip addr add 10.99.0.1/24 dev far0
             ip link set far0 up"
        ));
        let done = machine
            .command("sh")
            .args([
                "-ec",
                "ip link set lo up
             ip addr add 10.99.0.2/24 dev near0
             ip link set near0 up",
            ])
            .status()
            .expect("sh runs");
        assert!(done.success(), "the other machine has an address");
        machine
    }

    /// A command that runs there. Its process is the program itself.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.process.id())).arg(program);
        command
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
