//! One text out of a pack of 10,000 of which only the infohash and one address are known, from a stock seed: bytes and time,
//! on this machine and 50 ms away. The floor is the same text with a torrent of its own, from the same seed.
//!
//!     cargo bench -p upseed-packing --bench pack
#![allow(clippy::unwrap_used)]

#[path = "../../swarm/tests/support/counting.rs"]
mod counting;
#[path = "../tests/support/engine.rs"]
mod engine;
#[path = "../../swarm/benches/support/figures.rs"]
mod figures;
#[path = "../tests/support/forge.rs"]
mod forge;
#[path = "../../swarm/tests/support/stock.rs"]
mod stock;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use counting::counting_behind;
use engine::{engine, engine_telling};
use figures::{measuring, quantile, report, stated};
use forge::{Forged, Whole, item, pack};
use stock::Stock;
use upseed_packing::{PackFetch, gives_page};
use upseed_swarm::Event;

const PATIENCE: Duration = Duration::from_secs(60);

/// Seeds every NAME.torrent of the folder, and prints its port.
const SEED: &str = "
torrents = []
for name in os.listdir(folder):
    if name.endswith('.torrent'):
        params = lt.add_torrent_params()
        params.ti, params.save_path = lt.torrent_info(folder + '/' + name), folder
        params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
        torrents.append(session.add_torrent(params))
while not (all(t.status().is_seeding for t in torrents) and session.listen_port()): time.sleep(0.1)
say(session.listen_port())
sys.stdin.read()
";

fn main() {
    let fetches = if measuring() { 20 } else { 2 };
    let items: Vec<Whole> = (0..fetches).map(|number| item(number, 600)).collect();
    let start = Instant::now();
    let forged = pack(&items, 10_000);
    let packed = start.elapsed();
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), &forged, &items);
    let mut seed = Stock::run(SEED, &[folder.path().to_str().unwrap()]);
    let seed: SocketAddr = ([127, 0, 0, 1], seed.line().parse().unwrap()).into();
    stated(
        "the pack",
        &format!("{} bytes, metadata {}", forged.file.len(), forged.info.bytes().len()),
        &format!("laid out in {:.0} ms", packed.as_secs_f64() * 1e3),
        "-",
    );
    for (name, round_trip, limit) in [("on this machine", 0, 0.4), ("50 ms away", 50, 0.4)] {
        let delay = Duration::from_millis(round_trip) / 2;
        let (times, bytes) = out_of_the_pack(&forged, &items, seed, delay);
        let (alone, alone_bytes) = each_alone(&items, seed, delay);
        let (ours, floor) = (quantile(&times, 0.5), quantile(&alone, 0.5));
        report(
            &format!("one text out of a pack of 10,000, {name}"),
            &format!(
                "{bytes} bytes, p50 {:.0} ms, p99 {:.0} ms",
                ours * 1e3,
                quantile(&times, 0.99) * 1e3
            ),
            &format!("a torrent each: {alone_bytes} bytes, p50 {:.0} ms", floor * 1e3),
            &format!("x{:.1} bytes, x{:.1} time", bytes as f64 / alone_bytes as f64, ours / floor),
            "<= 64 kB, p50 <= 400 ms",
            bytes <= 64_000 && ours <= limit,
        );
        let known = with_metadata(&forged, &items, seed, delay);
        let (at_once, at_once_bytes) = all_at_once(&forged, &items, seed, delay);
        stated(
            &format!("with its metadata known, {name}"),
            &format!("p50 {:.0} ms", quantile(&known, 0.5) * 1e3),
            &format!(
                "{} texts at once: {at_once_bytes} bytes, {:.0} ms",
                items.len(),
                at_once * 1e3
            ),
            "-",
        );
    }
}

fn save(folder: &Path, forged: &Forged, items: &[Whole]) {
    std::fs::write(folder.join(forged.info.file_name()), &forged.file).unwrap();
    std::fs::write(folder.join("pack.torrent"), forged.torrent()).unwrap();
    for (item, text) in items {
        let torrent = [b"d4:info", item.header(), b"e"].concat();
        std::fs::write(folder.join(format!("{}.torrent", item.infohash())), torrent).unwrap();
        std::fs::write(folder.join(item.file_name()), text).unwrap();
    }
}

/// Sorted seconds and the most bytes, each text by an engine that knows nothing.
fn out_of_the_pack(
    forged: &Forged,
    items: &[Whole],
    seed: SocketAddr,
    delay: Duration,
) -> (Vec<f64>, usize) {
    let mut most = 0;
    let times = items.iter().map(|(item, text)| {
        let (swarm, (addr, received)) = (engine(), counting_behind(seed, delay));
        let start = Instant::now();
        let fetch = PackFetch::new(forged.info.infohash(), vec![item.infohash()]);
        let fetched = fetch.peers(vec![addr]).run(&swarm, PATIENCE).unwrap();
        let time = start.elapsed().as_secs_f64();
        assert!(fetched.texts[0].1.as_ref().unwrap().text.as_bytes() == text);
        most = most.max(received.bytes());
        time
    });
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    (times, most)
}

fn with_metadata(forged: &Forged, items: &[Whole], seed: SocketAddr, delay: Duration) -> Vec<f64> {
    let times = items.iter().enumerate().map(|(number, _)| {
        let (swarm, (addr, _)) = (engine(), counting_behind(seed, delay));
        let start = Instant::now();
        gives_page(&swarm, &forged.info, 20 + number, vec![addr], PATIENCE).unwrap();
        start.elapsed().as_secs_f64()
    });
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times
}

fn all_at_once(
    forged: &Forged,
    items: &[Whole],
    seed: SocketAddr,
    delay: Duration,
) -> (f64, usize) {
    let (swarm, (addr, received)) = (engine(), counting_behind(seed, delay));
    let start = Instant::now();
    let wanted = items.iter().map(|(item, _)| item.infohash()).collect();
    let fetch = PackFetch::new(forged.info.infohash(), wanted).peers(vec![addr]);
    let fetched = fetch.run(&swarm, PATIENCE).unwrap();
    let time = start.elapsed().as_secs_f64();
    assert!(fetched.texts.iter().all(|(_, found)| found.is_ok()));
    (time, received.bytes())
}

fn each_alone(items: &[Whole], seed: SocketAddr, delay: Duration) -> (Vec<f64>, usize) {
    let mut most = 0;
    let times = items.iter().map(|(item, _)| {
        let (sender, events) = mpsc::channel();
        let swarm = engine_telling(move |event| drop(sender.send(event)));
        let (addr, received) = counting_behind(seed, delay);
        let start = Instant::now();
        swarm.fetch(*item.infohash().as_bytes(), None, vec![addr], vec![]).unwrap();
        while !matches!(events.recv_timeout(PATIENCE).unwrap(), Event::Fetched { .. }) {}
        let time = start.elapsed().as_secs_f64();
        most = most.max(received.bytes());
        time
    });
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    (times, most)
}
