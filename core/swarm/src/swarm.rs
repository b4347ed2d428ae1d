//! The handle to one libtorrent session.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use crate::bridge::ffi;
use crate::error::SwarmError;
use crate::event::Event;
use crate::host::{Host, Shared};
use crate::mapping::Mapping;
use crate::peer_id::PeerId;
use crate::settings::{Off, Proxy, Settings};
use crate::texts::{Infohash, MAX_FRAME, Texts};

/// For an interface that is just coming up.
const LISTEN_TIME: Duration = Duration::from_secs(5);

/// Ports of our own choice that are tried, if others take them meanwhile.
const PORT_TRIES: u32 = 8;

/// A running engine. Clones share it; when the last one is dropped the session ends and its threads are joined, which takes
/// a few milliseconds, or up to four seconds if a tracker does not answer.
///
/// Calls return at once, but for [`Swarm::start`], [`Swarm::state`] and the drop.
#[derive(Clone)]
pub struct Swarm {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: cxx::SharedPtr<ffi::Engine>,
    pub(crate) shared: Arc<Shared>,
    port: u16,
    thread: Mutex<Option<JoinHandle<()>>>,
    settings: Mutex<Settings>,
}

/// Numbers for people, at most a second old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Nodes in the DHT's routing table.
    pub dht_nodes: u32,
    /// Open `up_sync` connections.
    pub peers: u32,
    /// Items and packs that are being seeded.
    pub hosted: u32,
    /// Items of which a torrent was made since somebody asked, see [`Texts::on_demand`].
    pub on_demand: u32,
    /// Fetches under way.
    pub fetching: u32,
    /// Packs of which pieces are being read.
    pub reading: u32,
    /// Checks under way.
    pub checking: u32,
    /// Rendezvous joined.
    pub rendezvous: u32,
    /// The TCP port, see [`Swarm::listen_port`].
    pub port: u16,
}

impl Swarm {
    /// Opens the sockets and starts the network thread. `events` is called on that thread and must not block.
    ///
    /// # Errors
    /// [`SwarmError::Listen`] if a port that `settings` names is taken, [`SwarmError::NoListener`] if no socket could be
    /// opened, [`SwarmError::Setting`] if a setting makes no sense.
    pub fn start(
        settings: Settings,
        texts: Arc<dyn Texts>,
        events: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Swarm, SwarmError> {
        let named = settings.fixed_ports();
        // Behind a proxy nobody can dial us, and libtorrent opens no TCP socket.
        let tcp = settings.proxy.is_none();
        let may_wait = settings.may_wait && settings.interface.is_some();
        let events = Arc::new(events);
        let mut tries = PORT_TRIES;
        loop {
            tries -= 1;
            let events = Arc::clone(&events);
            let host = Host {
                events: Box::new(move |event| events(event)),
                texts: Arc::clone(&texts),
                shared: Arc::default(),
            };
            let mut inner = Inner::start(settings.with_a_free_port(), host)?;
            match inner.shared.wait_listening(&named, tcp, LISTEN_TIME) {
                // Somebody took it between our choice and libtorrent's socket. The drop ends the thread.
                Err(SwarmError::Listen { port, in_use: true, .. })
                    if tries > 0 && !named.contains(&port) => {}
                Err(error) if !may_wait => return Err(error),
                Ok(false) if !may_wait && tcp => {
                    let Settings { listen: addresses, interface, .. } = settings;
                    return Err(SwarmError::NoListener { addresses, interface });
                }
                Ok(_) | Err(_) => {
                    inner.port = inner.shared.listeners().first().map_or(0, SocketAddr::port);
                    return Ok(Swarm { inner: Arc::new(inner) });
                }
            }
        }
    }

    /// The TCP port that is open, of the first of [`Settings::listen`]; 0 behind a proxy. UDP has the same number.
    pub fn listen_port(&self) -> u16 {
        // After `bind_network` it may be another one.
        self.inner.shared.listeners().first().map_or(self.inner.port, SocketAddr::port)
    }

    /// Whether [`Settings::private_network`] is set.
    pub fn is_private(&self) -> bool {
        self.inner.settings.lock().private_network
    }

    /// Goes out by this interface and this proxy from now on, and by no other: connections that are open end first. Does
    /// without what is `off`.
    ///
    /// # Errors
    /// [`SwarmError::Setting`] if one of them makes no sense; then nothing changes.
    pub fn bind_network(
        &self,
        interface: Option<String>,
        proxy: Option<Proxy>,
        off: Off,
    ) -> Result<(), SwarmError> {
        let mut settings = self.inner.settings.lock();
        let next = Settings { interface, proxy, off, ..settings.clone() };
        let settings_now = next.libtorrent()?;
        if (&next.interface, &next.proxy) != (&settings.interface, &settings.proxy) {
            // Those of before are closed; the new ones are told one by one.
            self.inner.shared.forget_listeners();
        }
        self.inner.engine.reconfigure(&settings_now)?;
        *settings = next;
        Ok(())
    }

    /// Goes on as in a private network, see [`Settings::private_network`], and dials by TCP: for who learns only
    /// later that it is one. Connections that are open end.
    ///
    /// # Errors
    /// [`SwarmError::Libtorrent`] if memory is exhausted.
    pub fn be_private(&self) -> Result<(), SwarmError> {
        let mut settings = self.inner.settings.lock();
        let next = Settings { private_network: true, outgoing_utp: false, ..settings.clone() };
        self.inner.engine.reconfigure(&next.libtorrent()?)?;
        *settings = next;
        Ok(())
    }

    /// Whether the caller may look names up, as of [`Settings::bootstrap`] for [`Swarm::dht_add_node`]: not behind a proxy,
    /// where that would show them to the network, nor while the interface is not there.
    pub fn may_look_names_up(&self) -> bool {
        let settings = self.inner.settings.lock();
        settings.proxy.is_none() && !self.listeners().is_empty()
    }

    /// Whether it goes out by a [`Settings::proxy`].
    pub fn is_proxied(&self) -> bool {
        self.inner.settings.lock().proxy.is_some()
    }

    /// Whether it goes out by a [`Settings::interface`].
    pub fn is_bound(&self) -> bool {
        self.inner.settings.lock().interface.is_some()
    }

    /// Whether it takes part in the DHT.
    pub fn has_dht(&self) -> bool {
        let settings = self.inner.settings.lock();
        settings.dht && !settings.off.dht
    }

    /// Whether the DHT is entered by nodes of the user's own, see [`Settings::bootstrap`].
    pub fn has_bootstrap_nodes(&self) -> bool {
        let settings = self.inner.settings.lock();
        !settings.bootstrap.is_empty()
    }

    /// A port that the router opened when it was asked, as far as it says so.
    pub fn mapping(&self) -> Option<Mapping> {
        self.inner.shared.mapping()
    }

    /// Every TCP address that is open.
    pub fn listeners(&self) -> Vec<SocketAddr> {
        self.inner.shared.listeners()
    }

    /// Meets others on `rendezvous`: a torrent without metadata whose peers speak `up_sync` (BEP 10). Announced by LSD
    /// and to its trackers; on the DHT only by [`Swarm::dht_announce`].
    pub fn join(&self, rendezvous: Infohash) {
        log("join", self.inner.engine.join(&rendezvous));
    }

    /// Closes the peers of a rendezvous and forgets it.
    pub fn leave(&self, rendezvous: Infohash) {
        log("leave", self.inner.engine.leave(&rendezvous));
    }

    /// Offers an address to dial to a rendezvous, a fetch, a check or a hosted item. Within a second it is dialed, unless it is
    /// connected already or failed in the last 10 seconds, however often it failed before.
    pub fn connect(&self, infohash: Infohash, addr: SocketAddr) {
        log("connect", self.inner.engine.dial(&infohash, addr.into()));
    }

    /// Dials an address once, by uTP and not by TCP, within a second: for a member of a rendezvous who dials this node at the
    /// same moment, so that the routers of both let the other in. Unlike [`Swarm::connect`] it is not dialed again if that
    /// fails: two SYNs leave, and one ping of the DHT.
    pub fn punch(&self, rendezvous: Infohash, addr: SocketAddr) {
        log("punch", self.inner.engine.punch(&rendezvous, addr.into()));
    }

    /// Announces a rendezvous, a fetch, a check or a hosted item to a tracker (BEP 3, 15) of the user's own.
    ///
    /// # Errors
    /// [`SwarmError::Tracker`] if that is not an http, https or udp address.
    pub fn add_tracker(&self, infohash: Infohash, url: &str) -> Result<(), SwarmError> {
        check_tracker(url)?;
        Ok(self.inner.engine.add_tracker(&infohash, url)?)
    }

    /// Sends one frame of 1 to [`MAX_FRAME`] bytes. At most [`crate::MAX_BUFFERED`] bytes wait for a peer; one that takes
    /// nothing for 60 seconds while some are waiting is disconnected.
    ///
    /// # Errors
    /// [`SwarmError::Full`]: keep the frame and send it after [`Event::Drained`]. [`SwarmError::NoPeer`] if the connection
    /// is gone, [`SwarmError::Frame`] if the length is wrong.
    pub fn send(&self, peer: PeerId, frame: &[u8]) -> Result<(), SwarmError> {
        if frame.is_empty() || frame.len() > MAX_FRAME {
            return Err(SwarmError::Frame(frame.len()));
        }
        self.inner.shared.reserve(peer, frame.len())?;
        Ok(self.inner.engine.send(peer.0, frame)?)
    }

    /// Bytes that wait for a peer, headers of 6 bytes a frame included; `None` if it is not connected.
    pub fn buffered(&self, peer: PeerId) -> Option<usize> {
        self.inner.shared.buffered(peer)
    }

    /// Disconnects a peer. libtorrent may dial its address again later; [`Swarm::block`] keeps it away.
    pub fn close(&self, peer: PeerId) {
        log("close", self.inner.engine.close(peer.0));
    }

    /// Refuses these addresses, and no others, from now on; their connections are closed. The list replaces the one before,
    /// so expiry is the caller's: give a shorter list.
    ///
    /// # Errors
    /// [`SwarmError::Libtorrent`] if a range mixes IPv4 and IPv6; then nothing has changed.
    pub fn block(&self, ranges: &[RangeInclusive<IpAddr>]) -> Result<(), SwarmError> {
        let endpoint = |ip: &IpAddr| ffi::Endpoint::from(SocketAddr::new(*ip, 0));
        let ranges: Vec<ffi::Range> = ranges
            .iter()
            .map(|r| ffi::Range { first: endpoint(r.start()), last: endpoint(r.end()) })
            .collect();
        Ok(self.inner.engine.block(&ranges)?)
    }

    /// Seeds an item whose text [`Texts`] gives, with its metadata (BEP 9), by LSD and its trackers. Nothing is checked now;
    /// the text's hash is, when somebody first asks for it.
    ///
    /// # Errors
    /// [`SwarmError::Libtorrent`] if `info` is not the dictionary of `infohash`, or not one text in one piece.
    pub fn host(&self, infohash: Infohash, info: Vec<u8>) -> Result<(), SwarmError> {
        self.host_many(vec![(infohash, info)])
    }

    /// The same for many; 20,000 and more a second. Returns when they are parsed; they are added one by one after that.
    ///
    /// # Errors
    /// As [`Swarm::host`]; if one is refused none is added.
    pub fn host_many(&self, items: Vec<(Infohash, Vec<u8>)>) -> Result<(), SwarmError> {
        let items: Vec<ffi::Item> =
            items.into_iter().map(|(infohash, info)| ffi::Item { infohash, info }).collect();
        Ok(self.inner.engine.host(&items)?)
    }

    /// Seeds an item or a pack no more. The pack's file is left alone.
    pub fn unhost(&self, infohash: Infohash) {
        self.inner.shared.files.remove(&infohash);
        log("unhost", self.inner.engine.unhost(&infohash));
    }

    /// Gets a text: first its info dictionary if that is not known, of 4 KiB at most (BEP 9), then the text, into memory.
    /// Ends by [`Event::Fetched`], [`Event::FetchFailed`] or [`Swarm::cancel`]. More peers may be added by
    /// [`Swarm::connect`]; a second call for the same infohash only adds its peers and trackers.
    ///
    /// # Errors
    /// As [`Swarm::host`] and [`Swarm::add_tracker`].
    pub fn fetch(
        &self,
        infohash: Infohash,
        info: Option<Vec<u8>>,
        peers: Vec<SocketAddr>,
        trackers: Vec<String>,
    ) -> Result<(), SwarmError> {
        trackers.iter().try_for_each(|url| check_tracker(url))?;
        let peers: Vec<ffi::Endpoint> = peers.into_iter().map(ffi::Endpoint::from).collect();
        Ok(self.inner.engine.fetch(
            &infohash,
            info.as_deref().unwrap_or_default(),
            &peers,
            &trackers,
        )?)
    }

    /// Ends a fetch; an event of it may still be on its way.
    pub fn cancel(&self, infohash: Infohash) {
        log("cancel", self.inner.engine.cancel(&infohash));
    }

    /// Looks who has an item's text, until [`Swarm::end_check`]: every peer that is dialed by [`Swarm::connect`], or dials,
    /// and says that it has it is told by [`Event::HostSeen`]. Nothing is downloaded or given, nothing is announced: the
    /// trackers are only scraped, which ends in [`Event::Scraped`], unless one is named to [`Swarm::add_tracker`]. It may
    /// then name peers ([`Event::PeerNamed`]), which are dialed, 32 at a time.
    ///
    /// What is hosted or fetched goes on so. It is scraped at its own trackers, and dials those again who were seen.
    ///
    /// # Errors
    /// As [`Swarm::host`] and [`Swarm::add_tracker`].
    pub fn check(
        &self,
        infohash: Infohash,
        info: &[u8],
        trackers: Vec<String>,
    ) -> Result<(), SwarmError> {
        trackers.iter().try_for_each(|url| check_tracker(url))?;
        Ok(self.inner.engine.check(&infohash, info, &trackers)?)
    }

    /// Ends a check and its connections. Trackers are told; one that has not answered yet, when it has.
    pub fn end_check(&self, infohash: Infohash) {
        log("end_check", self.inner.engine.end_check(&infohash));
    }

    /// Tells the DHT (BEP 5) that we are a peer of `infohash`, once: it forgets after half an hour. What it answers comes as
    /// [`Event::DhtPeers`].
    pub fn dht_announce(&self, infohash: Infohash) {
        log("dht_announce", self.inner.engine.dht_announce(&infohash));
    }

    /// Asks the DHT (BEP 5) for peers, which come as [`Event::DhtPeers`]. They are not dialed; see [`Swarm::connect`].
    pub fn dht_get_peers(&self, infohash: Infohash) {
        log("dht_get_peers", self.inner.engine.dht_get_peers(&infohash));
    }

    /// Offers a node to the DHT.
    pub fn dht_add_node(&self, addr: SocketAddr) {
        log("dht_add_node", self.inner.engine.dht_add_node(addr.into()));
    }

    /// Numbers for people.
    pub fn status(&self) -> Status {
        let counts = self.inner.engine.counts();
        Status {
            dht_nodes: counts.dht_nodes,
            peers: counts.peers,
            hosted: counts.hosted,
            on_demand: counts.on_demand,
            fetching: counts.fetching,
            reading: counts.reading,
            checking: counts.checking,
            rendezvous: counts.rendezvous,
            port: self.inner.port,
        }
    }

    /// The DHT's node id and routing table, for [`Settings::state`]. Waits for the network thread.
    ///
    /// # Errors
    /// [`SwarmError::Libtorrent`] if that does not answer in 5 seconds.
    pub fn state(&self) -> Result<Vec<u8>, SwarmError> {
        Ok(self.inner.engine.state()?.as_bytes().to_vec())
    }
}

impl Inner {
    /// Starts the network thread, which opens the sockets.
    fn start(settings: Settings, host: Host) -> Result<Self, SwarmError> {
        let shared = Arc::clone(&host.shared);
        let state = settings.state.as_deref().unwrap_or_default();
        let engine = ffi::start_engine(
            &settings.libtorrent()?,
            &settings.bootstrap_nodes(),
            state,
            Box::new(host),
        )?;
        let running = engine.clone();
        let thread = thread::Builder::new()
            .name("upseed-swarm".to_owned())
            .spawn(move || {
                if let Err(error) = running.run() {
                    tracing::error!(%error, "the network thread ended");
                }
            })
            .map_err(SwarmError::Thread)?;
        // From here on a drop ends the thread.
        let settings = Mutex::new(Settings { state: None, ..settings });
        Ok(Self { engine, shared, port: 0, thread: Mutex::new(Some(thread)), settings })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        log("stop", self.engine.stop());
        let thread = self.thread.get_mut().take();
        // The last handle may be dropped by an event's receiver, on the thread itself: then it ends unwatched.
        if let Some(thread) = thread
            && thread.thread().id() != thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the network thread panicked");
        }
    }
}

/// For calls that fail only when memory is exhausted.
pub(crate) fn log(call: &str, result: Result<(), cxx::Exception>) {
    if let Err(error) = result {
        tracing::error!(call, %error, "libtorrent");
    }
}

pub(crate) fn check_tracker(url: &str) -> Result<(), SwarmError> {
    let known = ["http://", "https://", "udp://"].iter().any(|scheme| url.starts_with(scheme));
    if known && !url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        Ok(())
    } else {
        Err(SwarmError::Tracker(url.to_owned()))
    }
}
