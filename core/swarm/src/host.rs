//! What C++ calls. A panic must not cross into C++, so every call is caught here.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::bridge::ffi;
use crate::error::SwarmError;
use crate::event::{Event, FetchError};
use crate::files::Files;
use crate::mapping::{MappedBy, Mapping};
use crate::pages::{PagesError, Readers};
use crate::peer_id::PeerId;
use crate::texts::{ALL_BUFFERED, FEW_BUFFERED, Infohash, MAX_BUFFERED, Texts};

/// The receiving end, owned by the C++ session.
pub(crate) struct Host {
    pub(crate) events: Box<dyn Fn(Event) + Send + Sync>,
    pub(crate) texts: Arc<dyn Texts>,
    pub(crate) shared: Arc<Shared>,
}

/// What the network thread and the callers both see.
#[derive(Default)]
pub(crate) struct Shared {
    listen: Mutex<Listen>,
    changed: Condvar,
    buffers: Mutex<Buffers>,
    /// One for each way of asking.
    mapped: Mutex<BTreeMap<MappedBy, Mapping>>,
    pub(crate) files: Files,
    pub(crate) readers: Readers,
}

#[derive(Default)]
struct Listen {
    tcp: Vec<SocketAddr>,
    udp: Vec<SocketAddr>,
    failed: Vec<Failed>,
}

/// A socket that could not be opened.
struct Failed {
    port: u16,
    in_use: bool,
    reason: String,
}

/// What waits to be sent, to whom, and how much that is in all.
#[derive(Default)]
struct Buffers {
    peers: HashMap<PeerId, Buffered>,
    all: u64,
}

/// Bytes given to the network thread and bytes that have left, since the connection opened, BEP 10 headers included.
#[derive(Default)]
struct Buffered {
    given: u64,
    left: u64,
    refused: bool,
}

impl Buffered {
    fn waiting(&self) -> u64 {
        self.given.saturating_sub(self.left)
    }
}

/// Length, message id and extension id (BEP 10).
const HEADER: u64 = 6;

impl Shared {
    /// Waits for the first sockets. `fixed` are ports that must not fail, and no port may be in use; `tcp` says whether
    /// one TCP socket is needed.
    pub(crate) fn wait_listening(
        &self,
        fixed: &[u16],
        tcp: bool,
        deadline: Duration,
    ) -> Result<bool, SwarmError> {
        let mut listen = self.listen.lock();
        // All sockets are opened in one go, and their alerts come together: whatever is first, the rest has been tried.
        let waits =
            |l: &mut Listen| l.failed.is_empty() && l.tcp.is_empty() && (tcp || l.udp.is_empty());
        self.changed.wait_while_for(&mut listen, waits, deadline);
        let opened = !listen.tcp.is_empty() || (!tcp && !listen.udp.is_empty());
        let fatal = listen
            .failed
            .iter()
            .find(|failed| !opened || failed.in_use || fixed.contains(&failed.port));
        match fatal {
            Some(Failed { port, in_use, reason }) => {
                let (port, in_use, reason) = (*port, *in_use, reason.clone());
                Err(SwarmError::Listen { port, in_use, reason })
            }
            None => Ok(opened),
        }
    }

    /// What is open now is not open any more.
    pub(crate) fn forget_listeners(&self) {
        let mut listen = self.listen.lock();
        listen.tcp.clear();
        listen.udp.clear();
        self.mapped.lock().clear();
    }

    /// A port that the router opened.
    pub(crate) fn mapping(&self) -> Option<Mapping> {
        self.mapped.lock().values().next().copied()
    }

    /// This machine has these addresses, and no others: libtorrent closes what listened there.
    fn keep_present(&self, present: &[IpAddr]) {
        let mut listen = self.listen.lock();
        let Listen { tcp, udp, failed } = &mut *listen;
        for open in [tcp, udp] {
            open.retain(|at| at.ip().is_unspecified() || present.contains(&at.ip()));
        }
        // Only of use at a start.
        failed.clear();
    }

    pub(crate) fn listeners(&self) -> Vec<SocketAddr> {
        self.listen.lock().tcp.clone()
    }

    /// Takes note of a frame that is about to be sent.
    pub(crate) fn reserve(&self, peer: PeerId, bytes: usize) -> Result<(), SwarmError> {
        let mut buffers = self.buffers.lock();
        let Buffers { peers, all } = &mut *buffers;
        let buffered = peers.get_mut(&peer).ok_or(SwarmError::NoPeer(peer))?;
        let size = bytes as u64 + HEADER;
        let most = if *all + size > ALL_BUFFERED as u64 { FEW_BUFFERED } else { MAX_BUFFERED };
        // A frame of the full length still goes out when nothing else is waiting, whatever the headers add.
        if buffered.waiting() > 0 && buffered.waiting() + size > most as u64 {
            buffered.refused = true;
            return Err(SwarmError::Full(peer));
        }
        buffered.given += size;
        *all += size;
        Ok(())
    }

    pub(crate) fn buffered(&self, peer: PeerId) -> Option<usize> {
        self.buffers.lock().peers.get(&peer).map(|b| b.waiting() as usize)
    }
}

fn guard<T: Default>(what: &str, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        tracing::error!(what, "a callback of the swarm panicked");
        T::default()
    })
}

impl Host {
    fn emit(&self, event: Event) {
        guard("event", || (self.events)(event));
    }

    pub(crate) fn listening(&self, addr: ffi::Endpoint, tcp: bool) {
        let addr = SocketAddr::from(addr);
        tracing::debug!(%addr, tcp, "listening");
        let mut listen = self.shared.listen.lock();
        let open = if tcp { &mut listen.tcp } else { &mut listen.udp };
        // One that went and came back is told once more.
        if !open.contains(&addr) {
            open.push(addr);
        }
        self.shared.changed.notify_all();
    }

    pub(crate) fn listen_failed(&self, port: u16, in_use: bool, reason: &str) {
        // One of several addresses is no failure; if it was the only one, the error says so.
        tracing::info!(port, reason, "cannot listen");
        let reason = reason.to_owned();
        self.shared.listen.lock().failed.push(Failed { port, in_use, reason });
        self.shared.changed.notify_all();
    }

    /// The router opened a port, or said no or nothing: `port` is 0 then.
    pub(crate) fn mapped(&self, nat_pmp: bool, port: u16) {
        let by = if nat_pmp { MappedBy::NatPmp } else { MappedBy::Upnp };
        tracing::debug!(?by, port, "a port of the router");
        let mut mapped = self.shared.mapped.lock();
        match port {
            0 => drop(mapped.remove(&by)),
            port => drop(mapped.insert(by, Mapping { by, port })),
        }
    }

    pub(crate) fn addresses(&self, present: Vec<ffi::Endpoint>) {
        let present: Vec<IpAddr> =
            present.into_iter().map(|endpoint| SocketAddr::from(endpoint).ip()).collect();
        self.shared.keep_present(&present);
    }

    pub(crate) fn peer_opened(&self, opened: ffi::Opened) {
        let peer = PeerId(opened.peer);
        self.shared.buffers.lock().peers.insert(peer, Buffered::default());
        self.emit(Event::PeerOpened {
            peer,
            rendezvous: opened.rendezvous,
            addr: opened.addr.into(),
            outgoing: opened.outgoing,
            utp: opened.utp,
            listen_port: (opened.listen_port != 0).then_some(opened.listen_port),
        });
    }

    pub(crate) fn frame(&self, peer: u64, frame: &[u8]) {
        self.emit(Event::Frame { peer: PeerId(peer), frame: frame.to_vec() });
    }

    pub(crate) fn sent(&self, peer: u64, total: u64) {
        let peer = PeerId(peer);
        let mut buffers = self.shared.buffers.lock();
        let Buffers { peers, all } = &mut *buffers;
        let drained = match peers.get_mut(&peer) {
            Some(buffered) => {
                *all = all.saturating_sub(total.saturating_sub(buffered.left));
                buffered.left = total;
                buffered.waiting() <= MAX_BUFFERED as u64 / 4
                    && std::mem::take(&mut buffered.refused)
            }
            None => false,
        };
        drop(buffers);
        if drained {
            self.emit(Event::Drained { peer });
        }
    }

    pub(crate) fn peer_closed(&self, peer: u64, reason: &str) {
        let peer = PeerId(peer);
        let mut buffers = self.shared.buffers.lock();
        let waiting = buffers.peers.remove(&peer).map_or(0, |buffered| buffered.waiting());
        buffers.all = buffers.all.saturating_sub(waiting);
        drop(buffers);
        self.emit(Event::PeerClosed { peer, reason: reason.to_owned() });
    }

    pub(crate) fn metadata(&self, infohash: &Infohash, info: &[u8]) {
        self.emit(Event::Metadata { infohash: *infohash, info: info.to_vec() });
    }

    pub(crate) fn fetched(&self, infohash: &Infohash, info: &[u8], text: &[u8]) {
        self.emit(Event::Fetched { infohash: *infohash, info: info.to_vec(), text: text.to_vec() });
    }

    pub(crate) fn fetch_failed(&self, infohash: &Infohash, error: ffi::FetchError, detail: &str) {
        let (error, detail) = (error.into(), detail.to_owned());
        self.emit(Event::FetchFailed { infohash: *infohash, error, detail });
    }

    pub(crate) fn host_failed(&self, infohash: &Infohash, reason: &str) {
        self.shared.files.remove(infohash);
        self.emit(Event::HostFailed { infohash: *infohash, reason: reason.to_owned() });
    }

    pub(crate) fn host_seen(&self, infohash: &Infohash, addr: ffi::Endpoint) {
        self.emit(Event::HostSeen { infohash: *infohash, addr: addr.into() });
    }

    pub(crate) fn peer_named(&self, infohash: &Infohash, addr: ffi::Endpoint) {
        self.emit(Event::PeerNamed { infohash: *infohash, addr: addr.into() });
    }

    pub(crate) fn scraped(
        &self,
        infohash: &Infohash,
        tracker: &str,
        complete: u32,
        incomplete: u32,
    ) {
        let (infohash, tracker) = (*infohash, tracker.to_owned());
        self.emit(Event::Scraped { infohash, tracker, complete, incomplete });
    }

    pub(crate) fn dht_peers(&self, infohash: &Infohash, peers: Vec<ffi::Endpoint>) {
        let peers = peers.into_iter().map(SocketAddr::from).collect();
        self.emit(Event::DhtPeers { infohash: *infohash, peers });
    }

    pub(crate) fn piece(&self, infohash: &Infohash, start: u64, length: u32) -> Vec<u8> {
        match self.shared.files.read(infohash, start, length) {
            Some(Ok(bytes)) => bytes,
            Some(Err(error)) => {
                tracing::warn!(%error, "a pack's file");
                Vec::new()
            }
            None => guard("text", || self.texts.read(infohash)).unwrap_or_default(),
        }
    }

    pub(crate) fn on_demand(&self, infohash: &Infohash) -> Vec<u8> {
        guard("on demand", || self.texts.on_demand(infohash)).unwrap_or_default()
    }

    pub(crate) fn choose_pages(&self, reader: u64, info: &[u8]) -> Vec<u32> {
        let reader = self.shared.readers.get(reader);
        reader.map(|reader| guard("choose", || reader.choose(info))).unwrap_or_default()
    }

    pub(crate) fn page(&self, reader: u64, piece: u32, bytes: &[u8]) -> Vec<u32> {
        let reader = self.shared.readers.get(reader);
        reader.map(|reader| guard("page", || reader.page(piece, bytes))).unwrap_or_default()
    }

    pub(crate) fn pages_ended(&self, reader: u64) {
        self.end_reading(reader, Ok(()));
    }

    pub(crate) fn pages_failed(&self, reader: u64, error: ffi::FetchError, detail: &str) {
        tracing::debug!(detail, "pieces were not read");
        self.end_reading(reader, Err(error.into()));
    }

    fn end_reading(&self, reader: u64, end: Result<(), PagesError>) {
        if let Some(reader) = self.shared.readers.remove(reader) {
            guard("ended", || reader.ended(end));
        }
    }

    pub(crate) fn note(&self, message: &str) {
        tracing::warn!(message, "libtorrent");
    }
}

impl From<SocketAddr> for ffi::Endpoint {
    fn from(addr: SocketAddr) -> Self {
        let mut ip = [0; 16];
        let (v6, scope) = match addr {
            SocketAddr::V4(v4) => {
                ip[..4].copy_from_slice(&v4.ip().octets());
                (false, 0)
            }
            SocketAddr::V6(v6) => {
                ip = v6.ip().octets();
                (true, v6.scope_id())
            }
        };
        ffi::Endpoint { ip, v6, scope, port: addr.port() }
    }
}

impl From<ffi::Endpoint> for SocketAddr {
    fn from(endpoint: ffi::Endpoint) -> Self {
        let ip = endpoint.ip;
        if endpoint.v6 {
            SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::from(ip), endpoint.port, 0, endpoint.scope))
        } else {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3])), endpoint.port)
        }
    }
}

impl From<ffi::FetchError> for FetchError {
    fn from(code: ffi::FetchError) -> Self {
        match code {
            ffi::FetchError::NotOneText => Self::NotOneText,
            ffi::FetchError::WrongMetadata => Self::WrongMetadata,
            ffi::FetchError::Occupied => Self::Occupied,
            _ => Self::Engine,
        }
    }
}

impl From<ffi::FetchError> for PagesError {
    fn from(code: ffi::FetchError) -> Self {
        match FetchError::from(code) {
            FetchError::NotOneText => Self::NotAPack,
            FetchError::WrongMetadata => Self::WrongMetadata,
            FetchError::Occupied => Self::Occupied,
            FetchError::Engine => Self::Engine,
        }
    }
}
