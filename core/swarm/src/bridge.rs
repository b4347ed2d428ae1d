//! The seam to C++: the only file of the project with `unsafe`, and as thin as it can be.
#![allow(unsafe_code, missing_docs)]

use crate::host::Host;

#[cxx::bridge(namespace = "upseed")]
pub(crate) mod ffi {
    /// One libtorrent setting by its own name; booleans are 0 and 1.
    struct Setting {
        name: &'static str,
        value: String,
    }

    /// A socket address. For IPv4 the first four bytes of `ip` count.
    #[derive(Clone, Copy)]
    struct Endpoint {
        ip: [u8; 16],
        v6: bool,
        scope: u32,
        port: u16,
    }

    /// An inclusive range of addresses of one family.
    struct Range {
        first: Endpoint,
        last: Endpoint,
    }

    /// An info dictionary whose SHA-1 is `infohash`.
    struct Item {
        infohash: [u8; 20],
        info: Vec<u8>,
    }

    /// See [`crate::FetchError`].
    enum FetchError {
        NotOneText,
        WrongMetadata,
        Occupied,
        Engine,
    }

    struct Counts {
        dht_nodes: u32,
        peers: u32,
        hosted: u32,
        on_demand: u32,
        fetching: u32,
        reading: u32,
        checking: u32,
        rendezvous: u32,
    }

    struct Opened {
        peer: u64,
        rendezvous: [u8; 20],
        addr: Endpoint,
        outgoing: bool,
        utp: bool,
        listen_port: u16,
    }

    // What C++ calls. Everything but `piece` comes from the one network thread; `piece` comes from the disk thread.
    extern "Rust" {
        type Host;
        fn listening(self: &Host, addr: Endpoint, tcp: bool);
        /// `in_use`: another socket has the port.
        fn listen_failed(self: &Host, port: u16, in_use: bool, reason: &str);
        /// A port of the router's; 0 if it opens none.
        fn mapped(self: &Host, nat_pmp: bool, port: u16);
        /// All that this machine has now, whether anything listens there or not.
        fn addresses(self: &Host, present: Vec<Endpoint>);
        fn peer_opened(self: &Host, opened: Opened);
        fn frame(self: &Host, peer: u64, frame: &[u8]);
        fn sent(self: &Host, peer: u64, total: u64);
        fn peer_closed(self: &Host, peer: u64, reason: &str);
        fn metadata(self: &Host, infohash: &[u8; 20], info: &[u8]);
        fn fetched(self: &Host, infohash: &[u8; 20], info: &[u8], text: &[u8]);
        fn fetch_failed(self: &Host, infohash: &[u8; 20], error: FetchError, detail: &str);
        fn host_failed(self: &Host, infohash: &[u8; 20], reason: &str);
        fn host_seen(self: &Host, infohash: &[u8; 20], addr: Endpoint);
        fn peer_named(self: &Host, infohash: &[u8; 20], addr: Endpoint);
        fn scraped(self: &Host, infohash: &[u8; 20], tracker: &str, complete: u32, incomplete: u32);
        fn dht_peers(self: &Host, infohash: &[u8; 20], peers: Vec<Endpoint>);
        /// Bytes of what is hosted. Empty means "not here": a piece has at least one byte.
        fn piece(self: &Host, infohash: &[u8; 20], start: u64, length: u32) -> Vec<u8>;
        /// The info dictionary of an item for which somebody asks. Empty means "not here".
        fn on_demand(self: &Host, infohash: &[u8; 20]) -> Vec<u8>;
        /// Pieces that are wanted of a pack.
        fn choose_pages(self: &Host, reader: u64, info: &[u8]) -> Vec<u32>;
        /// A verified piece. Gives those that are wanted besides.
        fn page(self: &Host, reader: u64, piece: u32, bytes: &[u8]) -> Vec<u32>;
        /// All that was wanted was given.
        fn pages_ended(self: &Host, reader: u64);
        fn pages_failed(self: &Host, reader: u64, error: FetchError, detail: &str);
        fn note(self: &Host, message: &str);
    }

    unsafe extern "C++" {
        include!("upseed-swarm/cc/engine.h");

        /// All its methods post to the network thread and return at once, except `run`, `counts` and `state`.
        type Engine;

        /// `bootstrap` are DHT nodes to enter by, "address:port".
        fn start_engine(
            settings: &[Setting],
            bootstrap: &Vec<String>,
            state: &[u8],
            host: Box<Host>,
        ) -> Result<SharedPtr<Engine>>;
        /// Of the library that is really loaded, such as "2.0.8.0".
        fn libtorrent_version() -> Result<String>;
        /// The network thread's body: returns after `stop`, when the session has ended.
        fn run(self: &Engine) -> Result<()>;
        fn stop(self: &Engine) -> Result<()>;

        fn join(self: &Engine, rendezvous: &[u8; 20]) -> Result<()>;
        fn leave(self: &Engine, rendezvous: &[u8; 20]) -> Result<()>;
        fn dial(self: &Engine, infohash: &[u8; 20], addr: Endpoint) -> Result<()>;
        fn punch(self: &Engine, rendezvous: &[u8; 20], addr: Endpoint) -> Result<()>;
        fn add_tracker(self: &Engine, infohash: &[u8; 20], url: &str) -> Result<()>;
        fn send(self: &Engine, peer: u64, frame: &[u8]) -> Result<()>;
        fn close(self: &Engine, peer: u64) -> Result<()>;
        fn block(self: &Engine, ranges: &[Range]) -> Result<()>;
        /// Ends every connection, then goes on with these settings.
        fn reconfigure(self: &Engine, settings: &[Setting]) -> Result<()>;

        /// Fails if a dictionary is not a one-file, one-piece text with that SHA-1; then none of `items` is added.
        fn host(self: &Engine, items: &[Item]) -> Result<()>;
        /// The same of a pack: one file in pieces of at most 64 KiB.
        fn host_pack(self: &Engine, infohash: &[u8; 20], info: &[u8]) -> Result<()>;
        fn unhost(self: &Engine, infohash: &[u8; 20]) -> Result<()>;
        /// An empty `info` means that the dictionary is to be fetched first.
        fn fetch(
            self: &Engine,
            infohash: &[u8; 20],
            info: &[u8],
            peers: &[Endpoint],
            trackers: &Vec<String>,
        ) -> Result<()>;
        fn cancel(self: &Engine, infohash: &[u8; 20]) -> Result<()>;
        /// `wanted` counts only if `info` is not empty.
        fn read_pages(
            self: &Engine,
            infohash: &[u8; 20],
            reader: u64,
            info: &[u8],
            wanted: &[u32],
            peers: &[Endpoint],
            trackers: &Vec<String>,
        ) -> Result<()>;
        fn end_pages(self: &Engine, infohash: &[u8; 20], reader: u64) -> Result<()>;
        fn check(
            self: &Engine,
            infohash: &[u8; 20],
            info: &[u8],
            trackers: &Vec<String>,
        ) -> Result<()>;
        fn end_check(self: &Engine, infohash: &[u8; 20]) -> Result<()>;

        fn dht_announce(self: &Engine, infohash: &[u8; 20]) -> Result<()>;
        fn dht_get_peers(self: &Engine, infohash: &[u8; 20]) -> Result<()>;
        fn dht_add_node(self: &Engine, addr: Endpoint) -> Result<()>;

        fn counts(self: &Engine) -> Counts;
        /// The DHT's node id and routing table; waits for the network thread, 5 s at most.
        fn state(self: &Engine) -> Result<UniquePtr<CxxString>>;
    }
}

// SAFETY: every method of `Engine` either posts a closure to the io_context, which asio allows from any thread, or reads
// atomics. What is not thread-safe lives behind it and is touched by the network thread alone (cc/engine.h says so too).
unsafe impl Send for ffi::Engine {}
// SAFETY: as above.
unsafe impl Sync for ffi::Engine {}
