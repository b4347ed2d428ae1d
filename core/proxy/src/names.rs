//! The names under which the proxy may be called.

use std::net::{IpAddr, SocketAddr};

/// Known names, without ports.
pub(crate) struct Names {
    here: Vec<String>,
    more: Vec<String>,
}

impl Names {
    /// Loopback's names, the address listened on, and what the user allows besides.
    pub fn new(listen: SocketAddr, more: &[String]) -> Self {
        let here = vec!["127.0.0.1".into(), "localhost".into(), "[::1]".into()];
        let mut names: Vec<String> = more.iter().map(|name| name.to_ascii_lowercase()).collect();
        if !listen.ip().is_unspecified() {
            names.push(match listen.ip() {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            });
        }
        Self { here, more: names }
    }

    /// A page that got here by a name of its own choice (DNS rebinding) is not ours.
    pub fn knows(&self, host: &str) -> bool {
        has(&self.here, host) || has(&self.more, host)
    }

    /// Whether it is a name that only this machine's own browser uses.
    pub fn is_here(&self, host: &str) -> bool {
        has(&self.here, host)
    }
}

fn has(names: &[String], host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let names = Names::new("10.0.0.5:7668".parse().unwrap(), &["NAS.local".into()]);
        for good in ["127.0.0.1:7668", "localhost", "[::1]:1", "10.0.0.5:7668", "nas.local:443"] {
            assert!(names.knows(good), "{good}");
        }
        for bad in ["", ":7668", "evil.example", "127.0.0.1.evil.example:7668", "localhost:1:2"] {
            assert!(!names.knows(bad), "{bad}");
        }
        assert!(names.is_here("localhost:1") && !names.is_here("nas.local"));
        assert!(!Names::new("0.0.0.0:1".parse().unwrap(), &[]).knows("0.0.0.0:1"));
    }
}
