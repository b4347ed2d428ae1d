//! What qBittorrent's preferences mean for Upseed.

use serde_json::Value;
use upseed_client::{Network, Proxy, ProxyKind};

use crate::{api::ApiError, whereabouts::has_interface};

/// The part of `app/preferences` that matters here.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// Where it saves.
    pub save_path: String,
    /// Where it listens; 0 if that is not known.
    pub port: u16,
    interface: Option<String>,
    /// Of several that the interface may have.
    address: Option<String>,
    proxy: Through,
    /// Whether torrents wait in a queue, and how many may seed.
    pub queue: Option<i64>,
    /// Whether torrents stop at a ratio or a time.
    pub share_limits: bool,
    /// Whether a torrent that reaches one is removed then.
    pub removes_at_limit: bool,
    /// A program that runs for each torrent that is added or has finished.
    pub runs_program: bool,
    /// Whether the search and RSS are on.
    pub rss: bool,
}

/// What its connections to peers go through.
#[derive(Debug, Clone)]
enum Through {
    Nothing,
    Proxy(Proxy),
    /// A proxy of which not enough is known.
    Unknown,
}

fn text(preferences: &Value, key: &str) -> String {
    preferences[key].as_str().unwrap_or_default().chars().take(4_096).collect()
}

fn flag(preferences: &Value, key: &str) -> bool {
    preferences[key].as_bool().unwrap_or(false)
}

impl Preferences {
    /// Reads what is there; what is not there is off. But for the way out: an answer that says
    /// nothing of it is none of a qBittorrent, and never means that all ways are open.
    ///
    /// # Errors
    /// [`ApiError::Strange`] for such an answer.
    pub fn read(found: &Value) -> Result<Self, ApiError> {
        let strange = |key: &str| ApiError::Strange {
            path: "app/preferences".into(),
            answer: format!("nothing about {key}"),
        };
        for key in ["current_network_interface", "current_interface_address", "save_path"] {
            found[key].as_str().ok_or_else(|| strange(key))?;
        }
        Ok(Self {
            save_path: text(found, "save_path"),
            port: found["listen_port"].as_u64().and_then(|port| port.try_into().ok()).unwrap_or(0),
            interface: interface(found),
            address: address(found),
            proxy: proxy(found).ok_or_else(|| strange("proxy_type"))?,
            queue: flag(found, "queueing_enabled")
                .then(|| found["max_active_uploads"].as_i64().unwrap_or(0)),
            share_limits: flag(found, "max_ratio_enabled")
                || flag(found, "max_seeding_time_enabled")
                || flag(found, "max_inactive_seeding_time_enabled"),
            removes_at_limit: matches!(found["max_ratio_act"].as_i64(), Some(1 | 3)),
            runs_program: flag(found, "autorun_enabled")
                || flag(found, "autorun_on_torrent_added_enabled"),
            rss: flag(found, "rss_processing_enabled"),
        })
    }

    /// How this node's engine goes out. Of a client elsewhere the interface is none of ours; its
    /// proxy is taken too.
    pub fn network(&self, here: bool) -> Network {
        let interface = self.interface.clone().filter(|_| here);
        match &self.proxy {
            Through::Unknown => Network::none(),
            Through::Proxy(proxy) if here || !is_loopback(&proxy.host) => {
                Network { interface, proxy: Some(proxy.clone()), ..Network::default() }
            }
            _ => Network { interface, ..Network::default() },
        }
    }

    /// How it goes out and what that means for this node's engine; for people.
    pub fn way(&self, here: bool) -> Vec<String> {
        let mut way = vec![match &self.interface {
            None => "not bound to a network interface".to_owned(),
            Some(name) if here => match &self.address {
                None => {
                    format!("bound to {name}: Upseed's own engine uses {name} and nothing else")
                }
                Some(address) => format!(
                    "bound to {address} of {name}: Upseed's own engine uses {name} and nothing \
                     else, with all of its addresses"
                ),
            },
            Some(name) => {
                format!(
                    "bound to {name} on its own machine; Upseed's engine on this machine is \
                         not bound"
                )
            }
        }];
        if let Through::Proxy(proxy) = &self.proxy {
            let Proxy { host, port, .. } = proxy;
            let taken = self.network(here).proxy.is_some();
            way.push(if taken {
                format!("uses the proxy {host}:{port}; Upseed's engine uses it too")
            } else {
                format!("uses the proxy {host}:{port} on its own machine")
            });
        }
        way
    }

    /// What about them would silence votes or surprise the user.
    pub fn warnings(&self, here: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        match &self.interface {
            Some(name) if here && !has_interface(name) => warnings.push(format!(
                "qBittorrent is bound to {name}, which does not exist on this machine, so Upseed's \
                 own engine stays off the network. If qBittorrent runs in a container or network \
                 namespace, run Upseed there too"
            )),
            Some(name) if !here => warnings.push(format!(
                "qBittorrent is bound to {name} on its own machine. Upseed's own engine uses this \
                 machine's network and shows this machine's address"
            )),
            _ => {}
        }
        match &self.proxy {
            Through::Unknown => warnings.push(
                "qBittorrent uses a kind of proxy that Upseed does not know, so Upseed's own \
                 engine stays off the network (Options, Connection, Proxy server)"
                    .into(),
            ),
            Through::Proxy(proxy) if self.network(here).proxy.is_none() => warnings.push(format!(
                "qBittorrent uses the proxy {}:{} on its own machine, which Upseed's own engine \
                 cannot use from this machine: the engine connects directly and shows this \
                 machine's address",
                proxy.host, proxy.port
            )),
            _ => {}
        }
        if self.runs_program {
            warnings.push(
                "qBittorrent runs a program for every torrent, including Upseed's (Options, \
                 Downloads, Run external program)"
                    .to_owned(),
            );
        }
        warnings
    }
}

/// An interface, else an address; "0.0.0.0" and "::" are all addresses of one family, and hide the
/// other's.
///
/// Where both are set it is the interface: packets that are bound to an address alone leave by
/// whatever interface the routes say. What that costs is said to the user ([`Preferences::way`]).
fn interface(found: &Value) -> Option<String> {
    let [name, address] =
        ["current_network_interface", "current_interface_address"].map(|key| text(found, key));
    let by = if name.is_empty() { address } else { name };
    (!by.is_empty()).then_some(by)
}

/// The one address of its interface that it uses.
fn address(found: &Value) -> Option<String> {
    let address = text(found, "current_interface_address");
    let bound = !text(found, "current_network_interface").is_empty();
    (bound && !matches!(address.as_str(), "" | "0.0.0.0" | "::")).then_some(address)
}

/// Whether a proxy is one of its user's own machine only.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback() || ip.is_unspecified())
}

/// `None` if nothing is said of proxies.
fn proxy(found: &Value) -> Option<Through> {
    // Numbers up to 4.5, words from 4.6 on.
    let (kind, with_password) = match &found["proxy_type"] {
        Value::Number(number) => match number.as_i64()? {
            -1 | 0 => return Some(Through::Nothing),
            1 => (ProxyKind::Http, false),
            2 => (ProxyKind::Socks5, false),
            3 => (ProxyKind::Http, true),
            4 => (ProxyKind::Socks5, true),
            5 => (ProxyKind::Socks4, false),
            _ => return Some(Through::Unknown),
        },
        Value::String(word) => {
            let kind = match word.as_str() {
                "None" => return Some(Through::Nothing),
                // Not for BitTorrent at all?
                _ if found["proxy_bittorrent"] == Value::Bool(false) => {
                    return Some(Through::Nothing);
                }
                "HTTP" => ProxyKind::Http,
                "SOCKS5" => ProxyKind::Socks5,
                "SOCKS4" => ProxyKind::Socks4,
                _ => return Some(Through::Unknown),
            };
            (kind, flag(found, "proxy_auth_enabled"))
        }
        _ => return None,
    };
    let secret = |key| if with_password { text(found, key) } else { String::new() };
    let port = found["proxy_port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let (host, Some(port)) = (text(found, "proxy_ip"), port.filter(|port| *port != 0)) else {
        return Some(Through::Unknown);
    };
    if host.is_empty() {
        return Some(Through::Unknown);
    }
    let (user, password) = (secret("proxy_username"), secret("proxy_password"));
    Some(Through::Proxy(Proxy { kind, host, port, user, password }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    /// An answer of a client that is bound to nothing, with some of it changed.
    fn read(changed: Value) -> Preferences {
        let mut all = json!({ "save_path": "/downloads", "current_network_interface": "",
            "current_interface_address": "", "proxy_type": "None" });
        for (key, value) in changed.as_object().unwrap() {
            all[key] = value.clone();
        }
        Preferences::read(&all).unwrap()
    }

    #[test]
    fn interfaces() {
        for (name, address, by) in [
            ("", "", None),
            ("tun0", "", Some("tun0")),
            ("tun0", "10.8.0.2", Some("tun0")),
            ("tun0", "0.0.0.0", Some("tun0")),
            ("", "10.8.0.2", Some("10.8.0.2")),
            ("", "0.0.0.0", Some("0.0.0.0")),
            ("", "::", Some("::")),
        ] {
            let both = json!({ "current_network_interface": name,
                "current_interface_address": address });
            let preferences = read(both);
            assert_eq!(preferences.network(true).interface.as_deref(), by, "{name} {address}");
            assert_eq!(preferences.network(false).interface, None);
        }
    }

    #[test]
    fn an_address_of_an_interface_is_not_promised() {
        let both = json!({ "current_network_interface": "tun0",
            "current_interface_address": "10.8.0.2" });
        assert!(read(both).way(true)[0].contains("all of its addresses"));
        let one = json!({ "current_network_interface": "tun0" });
        assert!(read(one).way(true)[0].contains("and nothing else"));
    }

    #[test]
    fn what_says_nothing_of_the_way_out_is_no_answer() {
        let whole = json!({ "save_path": "/downloads", "current_network_interface": "",
            "current_interface_address": "", "proxy_type": 0 });
        Preferences::read(&whole).unwrap();
        for key in
            ["save_path", "current_network_interface", "current_interface_address", "proxy_type"]
        {
            let mut part = whole.clone();
            part.as_object_mut().unwrap().remove(key);
            Preferences::read(&part).unwrap_err();
            part[key] = json!(null);
            Preferences::read(&part).unwrap_err();
        }
        for odd in [json!({}), json!([]), json!(null), json!("Ok.")] {
            Preferences::read(&odd).unwrap_err();
        }
    }

    #[test]
    fn an_interface_that_is_not_here_is_named() {
        let bound = read(json!({ "current_network_interface": "tun77" }));
        assert!(bound.warnings(true)[0].contains("tun77"), "{:?}", bound.warnings(true));
        assert!(bound.warnings(false)[0].contains("tun77"));
        let bound = read(json!({ "current_network_interface": "lo" }));
        assert_eq!(bound.warnings(true), Vec::<String>::new());
        assert_eq!(read(json!({})).warnings(false), Vec::<String>::new());
    }

    #[test]
    fn proxies_of_both_generations() {
        let old = json!({ "proxy_type": 4, "proxy_ip": "10.0.0.1", "proxy_port": 1080,
            "proxy_username": "u", "proxy_password": "p" });
        let new = json!({ "proxy_type": "SOCKS5", "proxy_bittorrent": true, "proxy_ip": "10.0.0.1",
            "proxy_port": 1080, "proxy_auth_enabled": true, "proxy_username": "u",
            "proxy_password": "p" });
        for found in [old, new] {
            for here in [true, false] {
                let preferences = read(found.clone());
                let proxy = preferences.network(here).proxy.unwrap();
                assert_eq!((proxy.kind, proxy.port), (ProxyKind::Socks5, 1080));
                assert_eq!((proxy.user.as_str(), proxy.password.as_str()), ("u", "p"));
                assert!(preferences.way(here)[1].contains("Upseed's engine uses it too"));
            }
        }
        let elsewhere = json!({ "proxy_bittorrent": false, "proxy_type": "SOCKS5" });
        for none in [json!({ "proxy_type": 0 }), json!({ "proxy_type": "None" }), elsewhere] {
            let network = read(none).network(true);
            assert!(network.proxy.is_none() && network.interface.is_none());
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_never_promised() {
        for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"] {
            let found = read(json!({ "proxy_type": 2, "proxy_ip": host, "proxy_port": 1080 }));
            assert!(found.network(true).proxy.is_some());
            assert!(found.network(false).proxy.is_none());
            assert!(!found.way(false)[1].contains("uses it too"), "{:?}", found.way(false));
            assert!(found.warnings(false)[0].contains("cannot use"));
        }
        for unknown in [
            json!({ "proxy_type": "QUIC", "proxy_ip": "10.0.0.1", "proxy_port": 1 }),
            json!({ "proxy_type": 9, "proxy_ip": "10.0.0.1", "proxy_port": 1 }),
            json!({ "proxy_type": 2, "proxy_ip": "", "proxy_port": 1 }),
            json!({ "proxy_type": 2, "proxy_ip": "10.0.0.1", "proxy_port": 0 }),
        ] {
            let found = read(unknown);
            assert_eq!(found.network(true).interface, Network::none().interface);
            assert_eq!(found.network(false).interface, Network::none().interface);
            assert!(found.warnings(true)[0].contains("off the network"));
        }
    }
}
