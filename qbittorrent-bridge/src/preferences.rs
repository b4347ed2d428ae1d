//! What qBittorrent's preferences mean for Upseed.

use serde_json::Value;
use upseed_node::client::{Network, Proxy, ProxyKind};

/// The part of `app/preferences` that matters here.
#[derive(Debug, Clone, Default)]
pub struct Preferences {
    /// Where it saves.
    pub save_path: String,
    network: Network,
    /// Whether torrents wait in a queue, and how many may seed.
    pub queue: Option<i64>,
    /// Whether torrents stop at a ratio or a time.
    pub share_limits: bool,
    /// A program that runs for each torrent that is added or has finished.
    pub runs_program: bool,
    /// Whether the search and RSS are on.
    pub rss: bool,
}

fn text(preferences: &Value, key: &str) -> String {
    preferences[key].as_str().unwrap_or_default().chars().take(4_096).collect()
}

fn flag(preferences: &Value, key: &str) -> bool {
    preferences[key].as_bool().unwrap_or(false)
}

impl Preferences {
    /// Reads what is there; what is not there is off.
    pub fn read(found: &Value) -> Self {
        let interface =
            [text(found, "current_network_interface"), text(found, "current_interface_address")];
        let [name, address] = interface;
        let interface = if name.is_empty() { address } else { name };
        // "::" and "0.0.0.0" mean all addresses of one family: nothing is hidden by them.
        let all = matches!(interface.as_str(), "" | "::" | "0.0.0.0");
        Self {
            save_path: text(found, "save_path"),
            network: Network { interface: (!all).then_some(interface), proxy: proxy(found) },
            queue: flag(found, "queueing_enabled")
                .then(|| found["max_active_uploads"].as_i64().unwrap_or(0)),
            share_limits: flag(found, "max_ratio_enabled")
                || flag(found, "max_seeding_time_enabled")
                || flag(found, "max_inactive_seeding_time_enabled"),
            runs_program: flag(found, "autorun_enabled")
                || flag(found, "autorun_on_torrent_added_enabled"),
            rss: flag(found, "rss_processing_enabled"),
        }
    }

    /// How it goes out.
    pub fn network(&self) -> Network {
        self.network.clone()
    }

    /// What about them would silence votes or surprise the user.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.runs_program {
            warnings.push(
                "qBittorrent runs a program for each torrent, Upseed's too (Options, Downloads, Run \
                 external program)"
                    .to_owned(),
            );
        }
        warnings
    }
}

fn proxy(found: &Value) -> Option<Proxy> {
    // Numbers up to 4.5, words from 4.6 on.
    let (kind, with_password) = match &found["proxy_type"] {
        Value::Number(number) => match number.as_i64()? {
            1 => (ProxyKind::Http, false),
            2 => (ProxyKind::Socks5, false),
            3 => (ProxyKind::Http, true),
            4 => (ProxyKind::Socks5, true),
            5 => (ProxyKind::Socks4, false),
            _ => return None,
        },
        Value::String(word) => {
            let kind = match word.as_str() {
                "HTTP" => ProxyKind::Http,
                "SOCKS5" => ProxyKind::Socks5,
                "SOCKS4" => ProxyKind::Socks4,
                _ => return None,
            };
            // Not for BitTorrent at all?
            if found["proxy_bittorrent"] == Value::Bool(false) {
                return None;
            }
            (kind, flag(found, "proxy_auth_enabled"))
        }
        _ => return None,
    };
    let secret = |key| if with_password { text(found, key) } else { String::new() };
    Some(Proxy {
        kind,
        host: text(found, "proxy_ip"),
        port: found["proxy_port"].as_u64().and_then(|port| u16::try_from(port).ok())?,
        user: secret("proxy_username"),
        password: secret("proxy_password"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn interfaces() {
        let interface = |found| Preferences::read(&found).network().interface;
        assert_eq!(interface(json!({})), None);
        let both =
            json!({ "current_network_interface": "tun0", "current_interface_address": "10.8.0.2" });
        assert_eq!(interface(both).as_deref(), Some("tun0"));
        let address =
            json!({ "current_network_interface": "", "current_interface_address": "10.8.0.2" });
        assert_eq!(interface(address).as_deref(), Some("10.8.0.2"));
        assert_eq!(interface(json!({ "current_interface_address": "0.0.0.0" })), None);
    }

    #[test]
    fn proxies_of_both_generations() {
        let old = json!({ "proxy_type": 4, "proxy_ip": "10.0.0.1", "proxy_port": 1080,
            "proxy_username": "u", "proxy_password": "p" });
        let new = json!({ "proxy_type": "SOCKS5", "proxy_bittorrent": true, "proxy_ip": "10.0.0.1",
            "proxy_port": 1080, "proxy_auth_enabled": true, "proxy_username": "u",
            "proxy_password": "p" });
        for found in [old, new] {
            let proxy = Preferences::read(&found).network().proxy.unwrap();
            assert_eq!((proxy.kind, proxy.port), (ProxyKind::Socks5, 1080));
            assert_eq!((proxy.user.as_str(), proxy.password.as_str()), ("u", "p"));
        }
        for none in [json!({ "proxy_type": 0 }), json!({ "proxy_type": "None" }), json!({})] {
            assert!(Preferences::read(&none).network().proxy.is_none());
        }
    }
}
