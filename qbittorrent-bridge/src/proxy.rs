//! qBittorrent's own web UI with a Social tab in it, and whether that may be shown to others.

use std::net::{IpAddr, SocketAddr};

use axum::http::Method;
use reqwest::{Certificate, Url};
use serde_json::Value;
use tokio::net::TcpListener;
use upseed_proxy::{Addresses, Doorway, Host, LogIn, ProxyError, Script};

/// qBittorrent's web UI at an address. (4.x and 5.x by its list of tabs; VueTorrent by its title.)
/// `trust` is a certificate of its own making.
pub fn host(upstream: Url, trust: Option<Certificate>) -> Host {
    Host {
        name: "qBittorrent",
        upstream,
        marks: &["id=\"mainWindowTabsList\"", "<title>VueTorrent"],
        script: Script { path: "/upseed-tab.js", text: include_str!("tab.js") },
        // Answers in 2.5 ms, to those who are logged in. A refused one bans nobody: only log-ins do.
        log_in: LogIn {
            method: Method::GET,
            path: "/api/v2/app/version".into(),
            yes: &[200],
            realm: None,
        },
        trust,
    }
}

/// Serves qBittorrent's web UI with the tab until `stop` completes.
pub async fn serve(
    listener: TcpListener,
    upstream: Url,
    trust: Option<Certificate>,
    doorway: Doorway,
    addresses: Addresses,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ProxyError> {
    upseed_proxy::serve(listener, host(upstream, trust), doorway, addresses, stop).await
}

/// Whether qBittorrent's settings and the address that the proxy listens on go together.
///
/// Behind the proxy everybody comes from the proxy's own address. If qBittorrent asks nobody there
/// for a password it would ask nobody at all; and a few wrong passwords of one would ban everybody.
/// Both end when qBittorrent is told to believe the proxy who it is that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// All is well.
    Fine,
    /// Only those on this machine come, so it may stay as it is; but a wrong password of one bans
    /// all of them unless [`REVERSE_PROXY`] is set.
    Shared,
    /// [`REVERSE_PROXY`] must be set before anybody from elsewhere is let in: otherwise listen on
    /// loopback alone.
    MustSet,
    /// Even so everybody would be let in: listen on loopback alone.
    Refuse,
}

/// The preferences that make qBittorrent believe a proxy on its own machine (API: `setPreferences`).
pub const REVERSE_PROXY: &str =
    r#"{"web_ui_reverse_proxy_enabled":true,"web_ui_reverse_proxies_list":"127.0.0.1"}"#;

/// Decides by qBittorrent's preferences (`/api/v2/app/preferences`). `proxy` is the address from
/// which the proxy reaches qBittorrent: loopback where both are on one machine.
pub fn exposure(preferences: &Value, listen: SocketAddr, proxy: IpAddr) -> Exposure {
    let on = |name: &str| preferences[name].as_bool().unwrap_or(false);
    let text = |name: &str| preferences[name].as_str().unwrap_or_default();
    let proxy = proxy.to_canonical();
    let subnets = text("bypass_auth_subnet_whitelist");
    let whitelisted = on("bypass_auth_subnet_whitelist_enabled");
    if whitelisted && lines(subnets).any(|subnet| subnet.ends_with("/0")) {
        // Everybody is let in, whoever they are.
        return if listen.ip().to_canonical().is_loopback() {
            Exposure::Fine
        } else {
            Exposure::Refuse
        };
    }
    if on("web_ui_reverse_proxy_enabled") && believes(text("web_ui_reverse_proxies_list"), proxy) {
        return Exposure::Fine;
    }
    let open = on("bypass_local_auth") && proxy.is_loopback()
        // A preference that cannot be read is taken for the worse.
        || preferences["bypass_local_auth"].is_null()
        || whitelisted && lines(subnets).any(|subnet| may_contain(subnet, proxy));
    match (open, listen.ip().to_canonical().is_loopback()) {
        (true, false) => Exposure::MustSet,
        (true, true) => Exposure::Fine,
        (false, _) => Exposure::Shared,
    }
}

fn lines(list: &str) -> impl Iterator<Item = &str> {
    list.split(['\n', ',', ';', ' ']).map(str::trim).filter(|line| !line.is_empty())
}

/// Whether a list of trusted proxies has the address itself. (Host names and subnets may mean it
/// too; that is not believed.)
fn believes(list: &str, proxy: IpAddr) -> bool {
    lines(list).any(|line| {
        let line = line.strip_suffix("/32").unwrap_or(line);
        line.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical() == proxy)
    })
}

/// Whether a subnet has the address; one that cannot be read may have it.
fn may_contain(subnet: &str, ip: IpAddr) -> bool {
    let (base, length) = subnet.split_once('/').unwrap_or((subnet, "128"));
    let (Ok(base), Ok(length)) = (base.parse::<IpAddr>(), length.parse::<u32>()) else {
        return true;
    };
    match (base, ip) {
        (IpAddr::V4(base), IpAddr::V4(ip)) => {
            let shift = 32 - length.min(32);
            u32::from(base).checked_shr(shift) == u32::from(ip).checked_shr(shift)
        }
        (IpAddr::V6(base), IpAddr::V6(ip)) => {
            let shift = 128 - length.min(128);
            u128::from(base).checked_shr(shift) == u128::from(ip).checked_shr(shift)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HERE: &str = "127.0.0.1:7668";
    const LAN: &str = "0.0.0.0:7668";

    fn decided(preferences: Value, listen: &str) -> Exposure {
        exposure(&preferences, listen.parse().unwrap(), "127.0.0.1".parse().unwrap())
    }

    #[test]
    fn a_password_for_everybody() {
        let safe = json!({ "bypass_local_auth": false });
        assert_eq!(decided(safe.clone(), HERE), Exposure::Shared);
        assert_eq!(decided(safe, LAN), Exposure::Shared);
    }

    #[test]
    fn none_for_this_machine() {
        let bypass = json!({ "bypass_local_auth": true });
        assert_eq!(decided(bypass.clone(), HERE), Exposure::Fine);
        assert_eq!(decided(bypass.clone(), LAN), Exposure::MustSet);
        assert_eq!(decided(bypass.clone(), "[::]:7668"), Exposure::MustSet);
        assert_eq!(decided(bypass.clone(), "10.0.0.5:7668"), Exposure::MustSet);
        assert_eq!(decided(bypass.clone(), "[::ffff:127.0.0.1]:7668"), Exposure::Fine);
        // From another machine the bypass does not open it.
        let away = exposure(&bypass, LAN.parse().unwrap(), "10.0.0.9".parse().unwrap());
        assert_eq!(away, Exposure::Shared);
        assert_eq!(decided(json!({}), LAN), Exposure::MustSet, "unknown is taken for the worse");
    }

    #[test]
    fn told_to_believe_the_proxy() {
        let mut told: Value = serde_json::from_str(REVERSE_PROXY).unwrap();
        told["bypass_local_auth"] = true.into();
        assert_eq!(decided(told.clone(), LAN), Exposure::Fine);
        for list in ["", "10.0.0.1", "nas.local", "10.0.0.1; 10.0.0.2"] {
            told["web_ui_reverse_proxies_list"] = list.into();
            assert_eq!(decided(told.clone(), LAN), Exposure::MustSet, "{list}");
        }
        told["web_ui_reverse_proxies_list"] = "10.0.0.1;127.0.0.1".into();
        assert_eq!(decided(told.clone(), LAN), Exposure::Fine);
        told["web_ui_reverse_proxy_enabled"] = false.into();
        assert_eq!(decided(told, LAN), Exposure::MustSet);
    }

    #[test]
    fn whole_networks_without_a_password() {
        let with = |subnets: &str| {
            json!({
                "bypass_local_auth": false,
                "bypass_auth_subnet_whitelist_enabled": true,
                "bypass_auth_subnet_whitelist": subnets,
            })
        };
        assert_eq!(decided(with("10.0.0.0/8"), LAN), Exposure::Shared);
        assert_eq!(decided(with("10.0.0.0/8\n127.0.0.0/8"), LAN), Exposure::MustSet);
        assert_eq!(decided(with("127.0.0.1"), LAN), Exposure::MustSet);
        assert_eq!(decided(with("nonsense"), LAN), Exposure::MustSet);
        assert_eq!(decided(with("0.0.0.0/0"), LAN), Exposure::Refuse);
        assert_eq!(decided(with("0.0.0.0/0"), HERE), Exposure::Fine);
        let mut told = with("0.0.0.0/0, ::/0");
        told["web_ui_reverse_proxy_enabled"] = true.into();
        told["web_ui_reverse_proxies_list"] = "127.0.0.1".into();
        assert_eq!(decided(told, LAN), Exposure::Refuse, "whoever it is");
    }
}
