//! Debian's python3-libtorrent, as any client out there.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running one, which ends when dropped.
pub struct Stock {
    child: Child,
    out: BufReader<ChildStdout>,
}

/// Libtorrent's defaults, but that it stays on this machine, where all have one address.
const SETUP: &str = "
import libtorrent as lt, sys, time, os
session = lt.session({'listen_interfaces': '127.0.0.1:0', 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
    'enable_natpmp': False, 'allow_multiple_connections_per_ip': True})
folder = sys.argv[1]
def say(*words): print(*words, flush=True)
";

impl Stock {
    /// Runs what follows the setup of a `session`; `arguments` begin with the folder.
    pub fn run(script: &str, arguments: &[&str]) -> Stock {
        let mut child = Command::new("/usr/bin/python3")
            .arg("-c")
            .arg(format!("{SETUP}{script}"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 and python3-libtorrent are installed");
        let out = BufReader::new(child.stdout.take().unwrap());
        Stock { child, out }
    }

    /// The next line that it says.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(
            self.out.read_line(&mut line).unwrap() > 0,
            "the stock client ended; is python3-libtorrent installed?"
        );
        line.trim().to_owned()
    }

    /// Tells it a line.
    pub fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
