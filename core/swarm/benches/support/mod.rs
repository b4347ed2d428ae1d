//! What the benches of this crate share: items of the usual size, stock clients, and how a figure is told.
#![allow(dead_code, clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use sha1::{Digest, Sha1};
use upseed_swarm::{Infohash, Settings};

/// On this machine, as `upseed run --listen 127.0.0.1:…` does it.
pub fn settings() -> Settings {
    Settings {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        dht: false,
        private_network: true,
        lsd: false,
        outgoing_utp: false,
        ..Settings::default()
    }
}

#[derive(Clone)]
pub struct Item {
    pub name: String,
    pub infohash: Infohash,
    pub info: Vec<u8>,
    pub text: Vec<u8>,
}

/// A text with a dictionary as long as an item's, about 500 bytes.
pub fn item(number: usize, length: usize) -> Item {
    let text: Vec<u8> =
        (0..length).map(|i| b'a' + ((i * 7 + i / 26 + number) % 26) as u8).collect();
    let name = format!("post.{number:032x}.md");
    let mut info =
        format!("d6:lengthi{length}e4:name{}:{name}12:piece lengthi65536e6:pieces20:", name.len())
            .into_bytes();
    info.extend(Sha1::digest(&text));
    info.extend(
        format!("6:upseedd3:key32:{number:032x}3:sig64:{number:064x}4:text32:{number:032x}5:title120:{number:0120}ee")
            .into_bytes(),
    );
    let infohash = Sha1::digest(&info).into();
    Item { name, infohash, info, text }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Debian's python3-libtorrent, as any client out there.
pub struct Stock {
    child: Child,
    out: BufReader<ChildStdout>,
}

/// Libtorrent's defaults, but that it stays on this machine.
const SETUP: &str = "
import libtorrent as lt, sys, time, os
session = lt.session({'listen_interfaces': '127.0.0.1:0', 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
    'enable_natpmp': False})
folder = sys.argv[1]
def say(*words): print(*words, flush=True)
";

impl Stock {
    pub fn run(script: &str, arguments: &[&str]) -> Stock {
        let mut child = Command::new("/usr/bin/python3")
            .arg("-c")
            .arg(format!("{SETUP}{script}"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this bench needs python3 and python3-libtorrent");
        let out = BufReader::new(child.stdout.take().unwrap());
        Stock { child, out }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(
            self.out.read_line(&mut line).unwrap() > 0,
            "the stock client ended; is python3-libtorrent installed?"
        );
        line.trim().to_owned()
    }

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

/// One line for each figure.
pub fn report(name: &str, measured: &str, floor: &str, ratio: &str, target: &str, met: bool) {
    let verdict = if met { "ok" } else { "MISSED" };
    println!("{name} | {measured} | {floor} | {ratio} | {target} | {verdict}");
}

/// A figure without a target.
pub fn stated(name: &str, measured: &str, floor: &str, ratio: &str) {
    println!("{name} | {measured} | {floor} | {ratio} | stated | -");
}

/// `cargo test --benches` only wants to see that it works.
pub fn measuring() -> bool {
    std::env::args().any(|arg| arg == "--bench")
}

/// A quantile of sorted values.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}
