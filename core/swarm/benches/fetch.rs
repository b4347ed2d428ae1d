//! How long it takes to get one text of which only the infohash and one address are known, from a stock seed on this
//! machine. The floor is a stock client that does the same with libtorrent's defaults.
//!
//!     cargo bench -p upseed-swarm --bench fetch
#![allow(clippy::unwrap_used)]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use support::{Item, Stock, hex, item, measuring, quantile, report, settings};
use upseed_swarm::{Event, Infohash, Settings, Swarm, Texts};

const FETCHES: usize = 200;
const STOCK_FETCHES: usize = 15;

/// Seeds every NAME.torrent of the folder, and prints its port.
const SEED: &str = "
torrents = []
for name in os.listdir(folder):
    if name.endswith('.torrent'):
        params = lt.add_torrent_params()
        params.ti, params.save_path = lt.torrent_info(folder + '/' + name), folder
        # a stock client would start five of them and the others by and by
        params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
        torrents.append(session.add_torrent(params))
while not (all(t.status().is_seeding for t in torrents) and session.listen_port()): time.sleep(0.1)
say(session.listen_port())
sys.stdin.read()
";

/// Fetches each magnet that it is told, and prints the seconds until it has the text.
const LEECH: &str = "
session.apply_settings({'alert_mask': lt.alert.category_t.all_categories})
for magnet in sys.stdin:
    params = lt.parse_magnet_uri(magnet.strip())
    params.save_path = folder
    start = time.monotonic()
    torrent = session.add_torrent(params)
    done = False
    while not done:
        session.wait_for_alert(1000)
        done = any(isinstance(a, lt.torrent_finished_alert) and a.handle == torrent for a in session.pop_alerts())
    say(time.monotonic() - start)
    session.remove_torrent(torrent)
";

struct Nothing;

impl Texts for Nothing {
    fn read(&self, _: &Infohash) -> Option<Vec<u8>> {
        None
    }
}

fn main() {
    let (fetches, stock_fetches) = if measuring() { (FETCHES, STOCK_FETCHES) } else { (3, 1) };
    let folder = tempfile::tempdir().unwrap();
    let items: Vec<Item> = (0..fetches).map(|number| item(number, 1_000 + number)).collect();
    for item in &items {
        let torrent = [b"d4:info", &item.info[..], b"e"].concat();
        std::fs::write(folder.path().join(format!("{}.torrent", item.name)), torrent).unwrap();
        std::fs::write(folder.path().join(&item.name), &item.text).unwrap();
    }
    let mut seed = Stock::run(SEED, &[folder.path().to_str().unwrap()]);
    let addr: SocketAddr = ([127, 0, 0, 1], seed.line().parse().unwrap()).into();

    let floor = stock(&items[..stock_fetches], addr);
    let floor_p50 = quantile(&floor, 0.5);
    let floor_text = format!(
        "libtorrent's defaults: p50 {:.0} ms, best {:.0} ms of {}",
        floor_p50 * 1e3,
        floor[0] * 1e3,
        floor.len()
    );
    for (name, outgoing_utp) in [("TCP", false), ("uTP first, as on the internet", true)] {
        let times = ours(&items, addr, outgoing_utp);
        let (p50, p99) = (quantile(&times, 0.5), quantile(&times, 0.99));
        report(
            &format!("one unknown text from one stock seed, {name}"),
            &format!("p50 {:.1} ms, p99 {:.1} ms", p50 * 1e3, p99 * 1e3),
            &floor_text,
            &format!("1/{:.0}", floor_p50 / p50),
            "p50 <= 100 ms",
            p50 <= 0.1,
        );
    }
}

/// Sorted seconds, one text after the other.
fn ours(items: &[Item], addr: SocketAddr, outgoing_utp: bool) -> Vec<f64> {
    let (sender, events) = mpsc::channel();
    let settings = Settings { outgoing_utp, ..settings() };
    let swarm = Swarm::start(settings, Arc::new(Nothing), move |event| {
        let _ = sender.send(event);
    })
    .unwrap();
    let mut times: Vec<f64> = items
        .iter()
        .map(|item| {
            let start = Instant::now();
            swarm.fetch(item.infohash, None, vec![addr], vec![]).unwrap();
            loop {
                match events.recv_timeout(Duration::from_secs(60)).unwrap() {
                    Event::Fetched { infohash, text, .. } if infohash == item.infohash => {
                        assert!(text == item.text);
                        return start.elapsed().as_secs_f64();
                    }
                    Event::FetchFailed { detail, .. } => panic!("{detail}"),
                    _ => {}
                }
            }
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn stock(items: &[Item], addr: SocketAddr) -> Vec<f64> {
    let folder = tempfile::tempdir().unwrap();
    let mut leech = Stock::run(LEECH, &[folder.path().to_str().unwrap()]);
    let mut times: Vec<f64> = items
        .iter()
        .map(|item| {
            leech.say(&format!("magnet:?xt=urn:btih:{}&x.pe={addr}", hex(&item.infohash)));
            leech.line().parse().unwrap()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}
