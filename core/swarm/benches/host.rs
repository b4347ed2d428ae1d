//! What 10,000 hosted items cost: bytes, time to add, and CPU while nobody asks. The floor is libtorrent alone with a stock
//! client's settings and its own disk, in Python. Each figure is of a process of its own.
//!
//!     cargo bench -p upseed-swarm --bench host
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use support::{Stock, item, measuring, report, settings};
use upseed_swarm::{Infohash, Settings, Swarm, Texts};

const ITEMS: usize = 10_000;
/// Handed over together, so that what is only on its way weighs little.
const WINDOW: usize = 500;
const IDLE: Duration = Duration::from_secs(20);
/// Nodes of the private DHT beside the one that is measured.
const DHT_NODES: usize = 8;

/// Adds what the bench's own dictionaries are, as seeds, and tells what they cost.
const FLOOR: &str = "
import hashlib, resource
count, mode = int(sys.argv[2]), sys.argv[3]
def info(number):
    name, text = b'post.%032x.md' % number, hashlib.sha1(b'%d' % number).digest()
    return {b'length': 100, b'name': name, b'piece length': 65536, b'pieces': text, b'upseed':
        {b'key': b'%032x' % number, b'sig': b'%064x' % number, b'text': b'%032x' % number, b'title': b'%0120d' % number}}
def params(number):
    params = lt.add_torrent_params()
    params.ti, params.save_path = lt.torrent_info({b'info': info(number)}), folder
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    params.flags |= lt.torrent_flags.seed_mode
    return params
def rss(): return int(open('/proc/self/statm').read().split()[1]) * 4096
def cpu(): return sum(float(x) for x in open('/proc/self/stat').read().rsplit(')', 1)[1].split()[11:13]) / os.sysconf('SC_CLK_TCK')
if mode == 'rate':
    all = [params(n) for n in range(count)]
    start = time.monotonic()
    for p in all: session.async_add_torrent(p)
    while len(session.get_torrents()) < count: time.sleep(0.002)
    say(count / (time.monotonic() - start))
else:
    before = rss()
    for n in range(0, count, 500):
        for m in range(n, min(n + 500, count)): session.async_add_torrent(params(m))
        while len(session.get_torrents()) < min(n + 500, count): time.sleep(0.002)
        session.pop_alerts()
    time.sleep(1)
    after = rss()
    time.sleep(4)
    start = cpu()
    time.sleep(float(sys.argv[4]))
    say((after - before) / count, (cpu() - start) / float(sys.argv[4]) * 100)
";

struct Nothing;

impl Texts for Nothing {
    fn read(&self, _: &Infohash) -> Option<Vec<u8>> {
        None
    }
}

fn start(settings: Settings) -> Swarm {
    Swarm::start(settings, Arc::new(Nothing), |_| {}).unwrap()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        return child(&arguments[at + 1], &arguments[at + 2], arguments[at + 3].parse().unwrap());
    }
    let (count, idle) = if measuring() { (ITEMS, IDLE.as_secs_f64()) } else { (100, 0.1) };

    let folder = tempfile::tempdir().unwrap();
    let stock = |mode: &str| {
        let (count, idle) = (count.to_string(), idle.to_string());
        Stock::run(FLOOR, &[folder.path().to_str().unwrap(), &count, mode, &idle]).line()
    };
    let floor_rate: f64 = stock("rate").parse().unwrap();
    let floor = stock("memory");
    let (floor_bytes, floor_cpu) = floor.split_once(' ').unwrap();
    let (floor_bytes, floor_cpu): (f64, f64) =
        (floor_bytes.parse().unwrap(), floor_cpu.parse().unwrap());

    // best of three: other programs only ever slow it down
    let rates: Vec<f64> = (0..3).map(|_| run("rate", "", count, idle)[0]).collect();
    let rate = rates.iter().copied().fold(0.0, f64::max);
    report(
        "hosting 10,000 items: adding",
        &format!("{rate:.0}/s"),
        &format!("python3-libtorrent: {floor_rate:.0}/s"),
        &format!("{:.2}", rate / floor_rate),
        ">= 20,000/s",
        rate >= 20_000.0,
    );

    let dht: Vec<Swarm> =
        (0..DHT_NODES).map(|_| start(Settings { dht: true, ..settings() })).collect();
    let bootstrap = dht[0].listen_port();
    for one in &dht {
        for other in &dht {
            one.dht_add_node(([127, 0, 0, 1], other.listen_port()).into());
        }
    }
    for (name, bootstrap) in
        [("", String::new()), (", LSD and DHT on", format!("127.0.0.1:{bootstrap}"))]
    {
        let [bytes, cpu] = run("memory", &bootstrap, count, idle)[..] else {
            panic!("two figures")
        };
        report(
            &format!("hosting 10,000 items{name}: memory"),
            &format!("{:.2} kB each", bytes / 1e3),
            &format!("python3-libtorrent: {:.2} kB", floor_bytes / 1e3),
            &format!("{:.2}", bytes / floor_bytes),
            "<= 4.5 kB",
            bytes <= 4_500.0,
        );
        report(
            &format!("hosting 10,000 items{name}: idle CPU"),
            &format!("{cpu:.2} % of a core"),
            &format!("python3-libtorrent: {floor_cpu:.2} %"),
            &if floor_cpu > 0.0 { format!("{:.2}", cpu / floor_cpu) } else { "-".to_owned() },
            "<= 2 %",
            cpu <= 2.0,
        );
    }
}

/// Measures in a fresh process.
fn run(mode: &str, bootstrap: &str, count: usize, idle: f64) -> Vec<f64> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--child", mode, bootstrap, &count.to_string()])
        .env("UPSEED_BENCH_IDLE", idle.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .split_whitespace()
        .map(|figure| figure.parse().unwrap())
        .collect()
}

fn child(mode: &str, bootstrap: &str, count: usize) {
    let idle: f64 = std::env::var("UPSEED_BENCH_IDLE").unwrap().parse().unwrap();
    let open = !bootstrap.is_empty();
    let swarm = start(Settings {
        dht: open,
        lsd: open,
        bootstrap: if open { vec![bootstrap.to_owned()] } else { Vec::new() },
        ..settings()
    });
    if let Ok(bootstrap) = bootstrap.parse::<SocketAddr>() {
        swarm.dht_add_node(bootstrap);
        until(|| swarm.status().dht_nodes > 0);
    }
    let pair = |number| {
        let item = item(number, 100);
        (item.infohash, item.info)
    };
    let all_hosted = |count: usize| until(|| swarm.status().hosted as usize == count);
    if mode == "rate" {
        let items: Vec<_> = (0..count).map(pair).collect();
        let start = Instant::now();
        swarm.host_many(items).unwrap();
        all_hosted(count);
        println!("{}", count as f64 / start.elapsed().as_secs_f64());
        return;
    }
    // the first pages of every arena, and of what the alerts are kept in
    let warm: HashMap<_, _> = (count..count + 10).map(pair).collect();
    swarm.host_many(warm.into_iter().collect()).unwrap();
    all_hosted(10);
    let before = resident();
    for first in (0..count).step_by(WINDOW) {
        let last = (first + WINDOW).min(count);
        swarm.host_many((first..last).map(pair).collect()).unwrap();
        all_hosted(10 + last);
    }
    std::thread::sleep(Duration::from_secs(1));
    let bytes = (resident() - before) / count as f64;
    // let what adding set off come to rest
    std::thread::sleep(Duration::from_secs(4));
    let start = cpu();
    std::thread::sleep(Duration::from_secs_f64(idle));
    println!("{bytes} {}", (cpu() - start) / idle * 100.0);
}

fn until(done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "not in a minute");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Bytes of this process in memory.
fn resident() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4_096.0
}

/// Seconds of CPU that this process has used, of 10 ms each (CLK_TCK is 100 on Linux).
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let times = after_name.split_whitespace().skip(11).take(2);
    times.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}
