//! A tracker for one client (BEP 3, 23 and 48): how a Transmission that shares no folder
//! with this node, and to which no peer can be told, learns where the texts are.
//!
//! Its path cannot be guessed, it knows no other infohashes than those it was given, and it
//! names nobody but this node's own engine.

use std::{
    collections::HashSet,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use data_encoding::HEXLOWER;
use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode, body::Bytes, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time::timeout};
use upseed_model::Infohash;

use crate::{
    addresses,
    announce::{Announced, Failed, Scraped, encode},
};

/// Longest that one connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections at a time.
const CONNECTIONS: usize = 64;

/// Bytes of a request's head. An announce has about 400; hyper takes no smaller bound.
const MAX_HEAD: usize = 8_192;

/// What it answers from.
struct Known {
    secret: String,
    engine: Mutex<SocketAddr>,
    items: Mutex<HashSet<Infohash>>,
}

/// A running tracker. It ends when dropped.
pub struct Tracker {
    known: Arc<Known>,
    urls: Vec<String>,
    _tasks: JoinSet<()>,
}

impl Tracker {
    /// Listens on a free port of each address. It is no failure if some of them are not to be had.
    /// `tag` names the node in the addresses, so that it knows them again.
    pub async fn start(
        addresses: &[IpAddr],
        engine: SocketAddr,
        tag: &str,
    ) -> std::io::Result<Self> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|error| std::io::Error::other(error.to_string()))?;
        let known = Arc::new(Known {
            secret: format!("{tag}-{}", HEXLOWER.encode(&secret)),
            engine: Mutex::new(engine),
            items: Mutex::default(),
        });
        let (mut urls, mut tasks) = (Vec::new(), JoinSet::new());
        let mut failed = None;
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        for address in addresses {
            match TcpListener::bind((*address, 0)).await {
                Ok(listener) => {
                    let here = listener.local_addr()?;
                    urls.push(format!("http://{here}/{}/announce", known.secret));
                    tasks.spawn(serve(listener, here.ip(), known.clone(), connections.clone()));
                }
                Err(error) => failed = Some(error),
            }
        }
        match (urls.is_empty(), failed) {
            (true, Some(error)) => Err(error),
            (true, None) => Err(std::io::Error::other("no address to listen on")),
            (false, _) => Ok(Self { known, urls, _tasks: tasks }),
        }
    }

    /// The announce addresses: for nobody but the user's own client.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Tells of these items from now on.
    pub fn offer(&self, items: impl IntoIterator<Item = Infohash>) {
        self.known.items.lock().extend(items);
    }

    /// Does not tell of it any more.
    pub fn withdraw(&self, item: &Infohash) {
        self.known.items.lock().remove(item);
    }

    /// Where the engine listens now.
    pub fn set_engine(&self, engine: SocketAddr) {
        *self.known.engine.lock() = engine;
    }
}

/// Whether an announce address is one that a tracker of the node of this tag once had.
pub(crate) fn is_of(announce: &str, tag: &str) -> bool {
    let path = announce.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
    let secret = path.and_then(|(_, path)| path.strip_suffix("/announce"));
    let secret = secret.and_then(|secret| secret.strip_prefix(tag)?.strip_prefix('-'));
    secret.is_some_and(|hex| HEXLOWER.decode(hex.as_bytes()).is_ok_and(|bytes| bytes.len() == 16))
}

async fn serve(
    listener: TcpListener,
    here: IpAddr,
    known: Arc<Known>,
    connections: Arc<Semaphore>,
) {
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else { return };
        let Ok((stream, caller)) = listener.accept().await else {
            // Out of file descriptors, most likely: that passes.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let known = known.clone();
        tokio::spawn(async move {
            let meeting = Meeting { here, caller: caller.ip().to_canonical() };
            let answer = hyper::service::service_fn(move |request| {
                let answer = known.answer(&request, meeting);
                async move { Ok::<_, Infallible>(answer) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .max_buf_size(MAX_HEAD)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), answer);
            // Whoever is slow or speaks nonsense is cut off.
            let _ = timeout(PATIENCE, served).await;
            drop(permit);
        });
    }
}

/// Between whom an announce goes.
#[derive(Debug, Clone, Copy)]
struct Meeting {
    /// The address of ours at which we were called.
    here: IpAddr,
    caller: IpAddr,
}

impl Meeting {
    /// Where an engine that listens everywhere is found by this caller. Never at a loopback address:
    /// Transmission calls none, not even on this machine.
    fn ways(self) -> Vec<IpAddr> {
        let mut ways: Vec<_> = Some(self.here).filter(|ip| is_way(*ip)).into_iter().collect();
        let ours = addresses::ours();
        if self.caller.is_loopback() || ours.contains(&self.caller) {
            // From this machine all of them lead here, and it may refuse its own.
            ways.extend(ours.into_iter().filter(|ip| !ways.contains(ip)).collect::<Vec<_>>());
            ways.sort_by_key(|ip| *ip == self.caller);
        }
        ways
    }
}

fn is_way(ip: IpAddr) -> bool {
    !ip.is_loopback() && !ip.is_unspecified()
}

impl Known {
    fn answer<B>(&self, request: &Request<B>, meeting: Meeting) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(&self.secret));
        let scrape = below == Some("/scrape");
        if request.method() != Method::GET || !(scrape || below == Some("/announce")) {
            let mut answer = Response::new(Full::default());
            *answer.status_mut() = StatusCode::NOT_FOUND;
            return answer;
        }
        let query = request.uri().query().unwrap_or_default();
        let body = match infohash(query) {
            // One at a time is what clients of the kind ask with one tracker a torrent (BEP 48).
            Some(infohash) if scrape => {
                let known = self.items.lock().contains(&infohash);
                encode(&Scraped::of(known.then_some(infohash)))
            }
            Some(infohash) if self.items.lock().contains(&infohash) => {
                let engine = *self.engine.lock();
                let ways = match engine.ip() {
                    _ if stopped(query) => Vec::new(),
                    ip if ip.is_unspecified() => meeting.ways(),
                    ip => vec![ip],
                };
                encode(&Announced::new(&ways, engine.port()))
            }
            _ => encode(&Failed::unknown()),
        };
        Response::new(Full::new(body.into()))
    }
}

fn value<'a>(query: &'a str, key: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}

fn infohash(query: &str) -> Option<Infohash> {
    let bytes: Vec<u8> =
        percent_encoding::percent_decode_str(value(query, "info_hash")?).take(21).collect();
    Infohash::from_slice(&bytes)
}

fn stopped(query: &str) -> bool {
    value(query, "event") == Some("stopped")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            secret: "s".into(),
            engine: Mutex::new("0.0.0.0:258".parse().unwrap()),
            items: Mutex::new([Infohash::from_bytes([0xab; 20])].into()),
        }
    }

    fn ask(method: &str, uri: &str) -> (u16, Vec<u8>) {
        let request = Request::builder().method(method).uri(uri).body(()).unwrap();
        let meeting =
            Meeting { here: "10.0.0.5".parse().unwrap(), caller: "10.0.0.6".parse().unwrap() };
        let answer = known().answer(&request, meeting);
        let status = answer.status().as_u16();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let body = runtime.block_on(http_body_util::BodyExt::collect(answer.into_body())).unwrap();
        (status, body.to_bytes().to_vec())
    }

    #[test]
    fn it_names_the_engine_for_our_items_alone() {
        let ours = "%ab".repeat(20);
        let (status, body) = ask("GET", &format!("/s/announce?info_hash={ours}&compact=1"));
        assert_eq!(status, 200);
        let wanted = b"d8:completei1e10:incompletei0e8:intervali120e5:peers6:\x0a\0\0\x05\x01\x02e";
        assert_eq!(body, wanted);
        for uri in [
            "/s/announce",
            "/s/announce?info_hash=abc",
            &format!("/s/announce?info_hash={ours}%00"),
        ] {
            assert_eq!(ask("GET", uri), (200, b"d14:failure reason7:unknowne".to_vec()), "{uri}");
        }
        for uri in ["/", "/announce", "/x/announce", "/s/x", "//s/announce"] {
            assert_eq!(ask("GET", &format!("{uri}?info_hash={ours}")), (404, Vec::new()), "{uri}");
        }
        let (_, scraped) = ask("GET", &format!("/s/scrape?info_hash={ours}"));
        upseed_model::bencode::scan(&scraped).unwrap();
        assert!(scraped.starts_with(b"d5:filesd20:\xab\xab"));
        assert_eq!(ask("POST", &format!("/s/announce?info_hash={ours}")).0, 404);
    }

    #[test]
    fn nobody_is_sent_to_a_loopback_address() {
        let ways = |here: &str, caller: &str| {
            Meeting { here: here.parse().unwrap(), caller: caller.parse().unwrap() }.ways()
        };
        let wanted: IpAddr = "10.0.0.5".parse().unwrap();
        assert_eq!(ways("10.0.0.5", "203.0.113.6"), [wanted], "where it called us");
        assert_eq!(ways("127.0.0.1", "203.0.113.6"), Vec::<IpAddr>::new());
        let ours = addresses::ours();
        assert!(ours.iter().all(|ip| is_way(*ip)), "{ours:?}");
        assert_eq!(ways("127.0.0.1", "127.0.0.1"), ours, "on this machine, all of ours");
    }
}
