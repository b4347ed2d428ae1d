//! The host names under which a listener may be called.

use std::net::{IpAddr, SocketAddr};

/// What this machine's own browser calls it by.
const HERE: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Known names, without ports.
///
/// A page of a stranger can make its own name lead to this machine (DNS rebinding); to its browser it is then of
/// the same site. But the name that it called stays in the `Host` header, and is none of these.
#[derive(Debug, Clone)]
pub struct Hosts {
    allowed: Vec<String>,
    /// Whether it listens on every interface, and so on addresses that come and go.
    everywhere: bool,
}

impl Hosts {
    /// Loopback's names, the address listened on, and what the user allows besides. Where it listens on every
    /// interface, whatever address it was reached by: a name can be made to lead here, an address can not.
    pub fn new(listen: SocketAddr, more: &[String]) -> Self {
        let mut allowed = more.to_vec();
        match listen.ip() {
            ip if ip.is_unspecified() => {}
            IpAddr::V4(ip) => allowed.push(ip.to_string()),
            IpAddr::V6(ip) => allowed.push(format!("[{ip}]")),
        }
        Self { allowed, everywhere: listen.ip().is_unspecified() }
    }

    /// Whether a `Host` header, with or without a port, is one of them.
    pub fn knows(&self, host: &str) -> bool {
        let name = without_port(host);
        Self::is_here(host)
            || (self.everywhere && is_address(name))
            || self.allowed.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether it is a name that only this machine's own browser uses.
    pub fn is_here(host: &str) -> bool {
        let name = without_port(host);
        HERE.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Whether it is an address of some machine, and no name.
fn is_address(name: &str) -> bool {
    let six = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let ip = match six {
        Some(six) => six.parse().map(IpAddr::V6),
        None => name.parse().map(IpAddr::V4),
    };
    ip.is_ok_and(|ip| !ip.is_unspecified())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_known_names() {
        let hosts = Hosts::new("10.0.0.5:7668".parse().unwrap(), &["NAS.local".into()]);
        for good in [
            "127.0.0.1:7668",
            "LOCALHOST:1",
            "localhost",
            "[::1]:1",
            "10.0.0.5:7668",
            "nas.local:443",
        ] {
            assert!(hosts.knows(good), "{good}");
        }
        for bad in [
            "",
            ":7668",
            "evil.example",
            "127.0.0.1.evil.example:7668",
            "localhost:1:2",
            "[::2]:1",
            "10.0.0.50",
        ] {
            assert!(!hosts.knows(bad), "{bad}");
        }
        assert!(Hosts::is_here("localhost:1") && !Hosts::is_here("nas.local"));
        let six = Hosts::new("[2001:db8::1]:7667".parse().unwrap(), &[]);
        assert!(six.knows("[2001:db8::1]:7667") && !six.knows("10.0.0.5"));
        let everywhere = Hosts::new("0.0.0.0:1".parse().unwrap(), &["nas.local".into()]);
        for good in ["192.0.2.7:1", "[2001:db8::1]:1", "nas.local:1", "localhost:1"] {
            assert!(everywhere.knows(good), "{good}");
        }
        for bad in
            ["0.0.0.0:1", "[::]:1", "evil.example:1", "192.0.2.7.evil.example:1", "2001:db8::1"]
        {
            assert!(!everywhere.knows(bad), "{bad}");
        }
    }
}
