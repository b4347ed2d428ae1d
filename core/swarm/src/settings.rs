//! Settings, and what they are in libtorrent's own words. Where a number below is measured, the measurement is in
//! docs/performance.md or beside the number.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::bridge::ffi;
use crate::error::SwarmError;
use crate::port::free_port;

/// How a swarm behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Addresses to listen on, TCP and UDP; port 0 is any that is free, the same for all. With an `interface` only the first port counts.
    pub listen: Vec<SocketAddr>,
    /// Take part in the DHT (BEP 5)?
    pub dht: bool,
    /// Nodes to enter the DHT by, "host:port". Empty means libtorrent's public ones, or none in a private network. Names are
    /// not looked up here: see [`crate::Swarm::may_look_names_up`].
    pub bootstrap: Vec<String>,
    /// A swarm on this machine or LAN: the DHT's protections against many nodes behind one address are off, and so are
    /// UPnP, NAT-PMP and the protection against requests to local services (SSRF). Never for the internet.
    pub private_network: bool,
    /// Find peers in the local network by multicast (BEP 14)?
    pub lsd: bool,
    /// Dial by uTP (BEP 29) first? It reaches more peers behind routers, but carries a hundredth of what TCP does on a LAN,
    /// and a peer without it costs 3 seconds. Incoming uTP is always taken.
    pub outgoing_utp: bool,
    /// Tell a seed nothing of what was got from it: one that takes this node for another seed (Transmission 3.00) would refuse
    /// the next connection from its address.
    pub discreet: bool,
    /// Use this interface and no other, by name or address. If it is not there, nothing goes out. `0.0.0.0` and `::` are all
    /// addresses of one family.
    pub interface: Option<String>,
    /// Whether a swarm whose `interface` is not there starts all the same, and waits for it in silence.
    pub may_wait: bool,
    /// Send everything through this proxy. If it does not answer, nothing goes out; LSD, UPnP and NAT-PMP are off.
    pub proxy: Option<Proxy>,
    /// What is not done, whatever the fields above say.
    pub off: Off,
    /// The name given to peers and trackers.
    pub user_agent: String,
    /// What [`crate::Swarm::state`] gave last time.
    pub state: Option<Vec<u8>>,
}

impl Default for Settings {
    /// A node on the internet.
    fn default() -> Self {
        Settings {
            listen: vec![([0, 0, 0, 0], 0).into(), ([0u16; 8], 0).into()],
            dht: true,
            bootstrap: Vec::new(),
            private_network: false,
            lsd: true,
            outgoing_utp: true,
            discreet: false,
            interface: None,
            may_wait: false,
            proxy: None,
            off: Off::default(),
            user_agent: concat!("Upseed/", env!("CARGO_PKG_VERSION")).to_owned(),
            state: None,
        }
    }
}

/// Ways to find others and to be reached that were switched off elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Off {
    /// The DHT (BEP 5).
    pub dht: bool,
    /// Multicast in the local network (BEP 14).
    pub lsd: bool,
    /// Asking the router for a port by UPnP.
    pub upnp: bool,
    /// Asking the router for a port by NAT-PMP or PCP.
    pub natpmp: bool,
}

/// A proxy for peers, trackers and names.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// How it is spoken to.
    pub kind: ProxyKind,
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Empty for none.
    pub user: String,
    /// Never printed.
    pub password: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The protocols that libtorrent speaks. Only SOCKS5 carries UDP, so DHT and uTP are off with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ProxyKind {
    Socks4,
    Socks5,
    Http,
}

/// Always, and why.
const FIXED: &[(&str, &str)] = &[
    // A port that is taken is an error for the user to see, not a reason to move silently.
    ("max_retry_port_bind", "0"),
    ("listen_system_port_fallback", "0"),
    // 30 posts a second from one seed by default, 1,323 with these.
    ("connection_speed", "2000"),
    ("listen_queue_size", "4096"),
    ("smooth_connects", "0"),
    ("connections_limit", "20000"),
    // Everybody who asks is served: a text is at most four blocks.
    ("unchoke_slots_limit", "-1"),
    // With 0 a newcomer waits for the choker: 7 posts a second instead of 1,300.
    ("allowed_fast_set_size", "5"),
    // A pack of 10,000 texts has 11.5 kB. What is fetched as a text may have 4,096 (cc/items.cc).
    ("max_metadata_size", "16384"),
    // Quiet peers of a rendezvous are not exchanged for others.
    ("peer_turnover", "0"),
    // Else TCP is throttled to the pace of uTP as soon as one uTP peer is there.
    ("mixed_mode_algorithm", "0"),
    // libtorrent reads all that has come into one buffer: as much as the system keeps for a connection, 6 MiB by itself, of
    // each of 160. At 100 ms this still carries more than 1 MB a second.
    ("recv_socket_buffer_size", "131072"),
    ("max_peer_recv_buffer_size", "65536"),
    // 50,000 adds cost three alerts each before they are looked at.
    ("alert_queue_size", "1000000"),
    // The trackers are the user's own, and each has its purpose.
    ("announce_to_all_trackers", "1"),
    ("announce_to_all_tiers", "1"),
    // Leaving takes a second, not five.
    ("stop_tracker_timeout", "1"),
    // Several nodes may live behind one address.
    ("allow_multiple_connections_per_ip", "1"),
    // What libtorrent's limits on active torrents count is torrents that it manages; ours are not, this is for certainty.
    ("active_limit", "-1"),
    ("active_seeds", "-1"),
    ("active_downloads", "-1"),
    ("dont_count_slow_torrents", "1"),
    // Seconds until a peer that refused is dialed again: the default of 60 keeps two nodes apart that start together.
    ("min_reconnect_time", "10"),
    // By default an address that failed three times is never dialed again, whoever names it: a minute without a network would
    // part two nodes for good. libtorrent counts to 31, so with 32 each failure only makes the pause longer, to 5 minutes.
    ("max_failcount", "32"),
    // Addresses that a torrent knows, and so goes on trying: more than its 200 connections, not 3,000.
    ("max_peerlist_size", "400"),
];

/// In a private network, and only there (see [`Settings::private_network`]).
const PRIVATE: &[(&str, &str)] = &[
    ("dht_restrict_routing_ips", "0"),
    ("dht_restrict_search_ips", "0"),
    ("dht_prefer_verified_node_ids", "0"),
    // By default 5 packets a second, then the address is banned for five minutes.
    ("dht_block_ratelimit", "1000000"),
    ("dht_upload_rate_limit", "10000000"),
    ("ssrf_mitigation", "0"),
    // Nobody between us looks for BitTorrent; the key exchange costs more than a text. Who dials us may still ask for it.
    ("out_enc_policy", "2"),
    ("min_reconnect_time", "1"),
];

fn flag(on: bool) -> String {
    u8::from(on).to_string()
}

impl Settings {
    /// Ports that the user named.
    pub(crate) fn fixed_ports(&self) -> Vec<u16> {
        self.listen.iter().map(SocketAddr::port).filter(|port| *port != 0).collect()
    }

    /// The same with one port for all addresses whose port may be any.
    pub(crate) fn with_a_free_port(&self) -> Self {
        let any = |addr: &&SocketAddr| addr.port() == 0;
        let mut ips: Vec<IpAddr> = self.listen.iter().filter(any).map(SocketAddr::ip).collect();
        if self.interface.is_some() {
            // Its addresses are libtorrent's to find, now or later.
            ips.fill(Ipv6Addr::UNSPECIFIED.into());
        }
        let port = free_port(&ips).unwrap_or(0);
        let mut chosen = self.clone();
        chosen
            .listen
            .iter_mut()
            .filter(|addr| addr.port() == 0)
            .for_each(|addr| addr.set_port(port));
        chosen
    }

    /// Nodes to enter the DHT by whose addresses are known. They are added as ordinary nodes, again and again until one
    /// answers: those of libtorrent's own list are never kept in the routing table, so that in a small network nobody would
    /// know anybody.
    pub(crate) fn bootstrap_nodes(&self) -> Vec<String> {
        self.bootstrap.iter().filter(|node| node.parse::<SocketAddr>().is_ok()).cloned().collect()
    }

    pub(crate) fn libtorrent(&self) -> Result<Vec<ffi::Setting>, SwarmError> {
        self.check()?;
        let mut all: Vec<ffi::Setting> = Vec::new();
        let mut set = |name: &'static str, value: String| {
            all.retain(|setting| setting.name != name);
            all.push(ffi::Setting { name, value });
        };
        let private: &[_] = if self.private_network { PRIVATE } else { &[] };
        for (name, value) in FIXED.iter().chain(private) {
            set(name, (*value).to_owned());
        }
        // Multicast and port mapping would show the address that a proxy hides, and speak to routers of a private network.
        let open = self.proxy.is_none();
        set("enable_lsd", flag(self.lsd && open && !self.off.lsd));
        set("enable_upnp", flag(!self.private_network && open && !self.off.upnp));
        set("enable_natpmp", flag(!self.private_network && open && !self.off.natpmp));
        // the other proxies carry no UDP
        let udp = self.proxy.as_ref().is_none_or(|proxy| proxy.kind == ProxyKind::Socks5);
        set("enable_dht", flag(self.dht && udp && !self.off.dht));
        set("enable_outgoing_utp", flag(self.outgoing_utp));
        set("send_redundant_have", flag(!self.discreet));
        set("user_agent", self.user_agent.clone());
        // libtorrent looks names up itself, past the proxy; and it keeps none of these in its table, see `bootstrap_nodes`.
        if self.private_network || !self.bootstrap.is_empty() || !open {
            set("dht_bootstrap_nodes", String::new());
        }
        set("listen_interfaces", self.listen_interfaces());
        // All addresses of one family are no interface: libtorrent would take none of its connections for bound to it.
        let family = |name: &String| name.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified());
        let outgoing = self.interface.clone().filter(|name| !family(name));
        set("outgoing_interfaces", outgoing.unwrap_or_default());
        // Said even if it is nothing, for an engine that had another proxy before.
        set("proxy_type", "0".into());
        // Behind a proxy: no listening port in handshakes, no name.
        set("anonymous_mode", flag(!open));
        if let Some(proxy) = &self.proxy {
            let password = !proxy.user.is_empty();
            // settings_pack::proxy_type_t
            let kind = match (proxy.kind, password) {
                (ProxyKind::Socks4, _) => 1,
                (ProxyKind::Socks5, false) => 2,
                (ProxyKind::Socks5, true) => 3,
                (ProxyKind::Http, false) => 4,
                (ProxyKind::Http, true) => 5,
            };
            set("proxy_type", kind.to_string());
            set("proxy_hostname", proxy.host.clone());
            set("proxy_port", proxy.port.to_string());
            set("proxy_username", proxy.user.clone());
            set("proxy_password", proxy.password.clone());
            set("proxy_hostnames", flag(true));
            set("proxy_peer_connections", flag(true));
            set("proxy_tracker_connections", flag(true));
        }
        Ok(all)
    }

    fn listen_interfaces(&self) -> String {
        match &self.interface {
            // an address of its own family needs brackets, a name does not
            Some(interface) => {
                let port = self.listen.first().map_or(0, SocketAddr::port);
                let name = if interface.contains(':') {
                    format!("[{interface}]")
                } else {
                    interface.clone()
                };
                format!("{name}:{port}")
            }
            None => self.listen.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(","),
        }
    }

    /// Commas separate entries of libtorrent's lists, and colons names from ports.
    fn check(&self) -> Result<(), SwarmError> {
        let plain =
            |text: &str| !text.chars().any(|c| c.is_control() || c == ',' || c.is_whitespace());
        let refuse = |name, reason| Err(SwarmError::Setting { name, reason });
        if self.listen.is_empty() {
            return refuse("listen", "no address");
        }
        if self.user_agent.chars().any(char::is_control) {
            return refuse("user_agent", "control characters");
        }
        if !self.bootstrap.iter().all(|node| {
            plain(node) && node.rsplit_once(':').is_some_and(|(_, p)| p.parse::<u16>().is_ok())
        }) {
            return refuse("bootstrap", "not host:port");
        }
        if self.interface.as_deref().is_some_and(|name| name.is_empty() || !plain(name)) {
            return refuse("interface", "not a name or an address");
        }
        if self.proxy.as_ref().is_some_and(|proxy| proxy.host.is_empty() || !plain(&proxy.host)) {
            return refuse("proxy", "not a host");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// libtorrent would ask DNS for them each second, and each failure would be an alert without a name.
    #[test]
    fn libtorrent_looks_no_name_up() {
        let bootstrap = ["192.0.2.1:1", "node.example:1", "[2001:db8::1]:1"].map(str::to_owned);
        let settings = Settings { bootstrap: bootstrap.to_vec(), ..Settings::default() };
        assert_eq!(settings.bootstrap_nodes(), ["192.0.2.1:1", "[2001:db8::1]:1"]);
        let named = Settings { bootstrap: vec!["node.example:1".into()], ..Settings::default() };
        let all = named.libtorrent().unwrap();
        let routers = all.iter().find(|setting| setting.name == "dht_bootstrap_nodes").unwrap();
        assert_eq!(routers.value, "", "and asks no public router instead");
    }

    #[test]
    fn what_is_off_elsewhere_is_off_here() {
        let on = |off: Off| -> Vec<&str> {
            let all = Settings { off, ..Settings::default() }.libtorrent().unwrap();
            let asked = ["enable_dht", "enable_lsd", "enable_upnp", "enable_natpmp"];
            let on =
                all.iter().filter(|setting| asked.contains(&setting.name) && setting.value == "1");
            on.map(|setting| setting.name).collect()
        };
        assert_eq!(on(Off::default()).len(), 4);
        assert!(!on(Off { dht: true, ..Off::default() }).contains(&"enable_dht"));
        assert!(!on(Off { lsd: true, ..Off::default() }).contains(&"enable_lsd"));
        assert!(!on(Off { upnp: true, ..Off::default() }).contains(&"enable_upnp"));
        assert!(!on(Off { natpmp: true, ..Off::default() }).contains(&"enable_natpmp"));
        assert!(on(Off { dht: true, lsd: true, upnp: true, natpmp: true }).is_empty());
    }
}
