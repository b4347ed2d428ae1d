//! A fresh node joins a board: the time until every header and text is there, what the node weighs, and what it does when
//! nothing happens. Every node is a process of its own.
//!
//!     cargo bench -p upseed-node --bench join
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use support::{RECORDS, author_of, config, fixtures, measuring, stated};
use upseed_node::Node;

const PATIENCE: Duration = Duration::from_secs(120);
const IDLE: Duration = Duration::from_secs(10);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--node") {
        return node(&arguments[at + 1..]);
    }
    let fixtures = fixtures();
    let bytes: u64 = fixtures.iter().map(|(_, text)| text.len() as u64).sum();
    let rounds = if measuring() { 3 } else { 1 };
    let idle = if measuring() { IDLE } else { Duration::from_millis(100) };

    let folder = tempfile::tempdir().unwrap();
    author_of(folder.path(), &fixtures);
    let author = Running::start(folder.path(), &[], 0, 0);
    let mut best: Option<(f64, f64)> = None;
    let mut readers = Vec::new();
    for _ in 0..rounds {
        readers.truncate(1);
        let folder = tempfile::tempdir().unwrap();
        let mut reader = Running::start(folder.path(), &[author.port], RECORDS as u64, bytes);
        let [headers, texts] = [reader.figure(), reader.figure()];
        if best.is_none_or(|(_, least)| texts < least) {
            best = Some((headers, texts));
        }
        readers.push((reader, folder));
    }
    let (headers, texts) = best.unwrap();
    stated(
        &format!("a fresh node joins a board of {RECORDS} items: all headers"),
        &format!("{headers:.2} s"),
        "-",
        &format!("{:.0}/s", RECORDS as f64 / headers),
    );
    stated(
        &format!("a fresh node joins a board of {RECORDS} items: all texts too"),
        &format!("{texts:.2} s"),
        "-",
        &format!("{:.0}/s", RECORDS as f64 / texts),
    );

    // The last one dials the author and two readers, who know each other too: three peers each.
    let folder = tempfile::tempdir().unwrap();
    let mut ports: Vec<u16> = readers.iter().map(|(reader, _)| reader.port).collect();
    ports.push(author.port);
    let mut last = Running::start(folder.path(), &ports, RECORDS as u64, bytes);
    let _ = [last.figure(), last.figure()];
    std::thread::sleep(idle);
    let nodes = [("it hosts them", &author), ("it has joined and read them", &last)];
    for (name, node) in nodes {
        let before = cpu(node.process.id());
        std::thread::sleep(idle);
        let share = (cpu(node.process.id()) - before) / idle.as_secs_f64() * 100.0;
        stated(
            &format!("a node with {RECORDS} items and {} peers, {name}: idle CPU", ports.len()),
            &format!("{share:.2} % of a core"),
            "-",
            "-",
        );
        stated(
            &format!("a node with {RECORDS} items, {name}: memory"),
            &format!(
                "{:.1} MB, at most {:.1} MB",
                status(node.process.id(), "VmRSS"),
                status(node.process.id(), "VmHWM")
            ),
            "-",
            "-",
        );
    }
}

/// A node in a process of its own. It prints its port, and the seconds until so many items and bytes of texts are there.
struct Running {
    process: Child,
    out: BufReader<ChildStdout>,
    port: u16,
}

impl Running {
    fn start(data: &Path, peers: &[u16], items: u64, bytes: u64) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("--node")
            .args([data.to_str().unwrap(), &items.to_string(), &bytes.to_string()])
            .args(peers.iter().map(u16::to_string))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let mut running = Self { process, out, port: 0 };
        running.port = running.figure() as u16;
        running
    }

    fn figure(&mut self) -> f64 {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim().parse().expect("the node failed")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // it ends when its input does
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn node(arguments: &[String]) {
    let number = |at: usize| -> u64 { arguments[at].parse().unwrap() };
    let peers =
        arguments[3..].iter().map(|port| SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())));
    let config = config(Path::new(&arguments[0]), peers.collect());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let node = Node::start(config).await.unwrap();
        println!("{}", node.status().await.unwrap().swarm_port);
        let (items, bytes) = (number(1), number(2));
        // none: a node that is only there for others
        let (mut headers, mut waiting) = (false, items > 0);
        while waiting {
            assert!(
                start.elapsed() < PATIENCE,
                "not all is there: {:?}",
                node.status().await.unwrap()
            );
            let status = node.status().await.unwrap();
            if !headers && status.items == items {
                headers = true;
                println!("{}", start.elapsed().as_secs_f64());
            }
            if headers && status.text_bytes == bytes {
                println!("{}", start.elapsed().as_secs_f64());
                waiting = false;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()))
            .await
            .unwrap()
            .unwrap();
        node.stop().await;
    });
}

/// MB, of a line of /proc/PID/status.
fn status(process: u32, what: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1_024.0 / 1e6
}

/// Seconds of CPU that a process has used, of 10 ms each (CLK_TCK is 100 on Linux).
fn cpu(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let times = after_name.split_whitespace().skip(11).take(2);
    times.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}
