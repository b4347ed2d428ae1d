//! How Transmission goes out: its RPC does not say, its settings file does.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde_json::Value;
use upseed_node::client::Network;

use crate::watch::read_small;

/// Bytes of a settings file; a real one has 3 KB.
const MAX_SETTINGS: u64 = 1 << 20;

/// What its settings file says beyond its RPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Local {
    /// The addresses that it is bound to, if not all of them.
    pub bound: Vec<IpAddr>,
    /// Its own watch folder, if it has one.
    pub watch: Option<PathBuf>,
}

impl Local {
    /// Reads `settings.json`; `None` if it cannot be read here. Transmission writes it when it ends,
    /// so a running one may have been told otherwise on its command line.
    pub fn read(config: &Path) -> Option<Self> {
        let path = config.join("settings.json");
        let bytes = read_small(&path, MAX_SETTINGS)?;
        let settings: Value = serde_json::from_slice(&bytes).ok()?;
        let address = |key: &str| settings[key].as_str()?.parse::<IpAddr>().ok();
        let bound = ["bind-address-ipv4", "bind-address-ipv6"]
            .into_iter()
            .filter_map(address)
            .filter(|ip| !ip.is_unspecified())
            .collect();
        let on = settings["watch-dir-enabled"].as_bool().unwrap_or(false);
        let watch = settings["watch-dir"].as_str().filter(|dir| on && !dir.is_empty());
        Some(Self { bound, watch: watch.map(PathBuf::from) })
    }

    /// The one address that our own engine goes out by. The other family is then left alone: to
    /// bind one of them is to hide the other.
    pub fn network(&self) -> Network {
        // "::1" is how people switch IPv6 off.
        let useful = self.bound.iter().find(|ip| !ip.is_loopback()).or(self.bound.first());
        Network { interface: useful.map(ToString::to_string), proxy: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &str) -> Option<Local> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("settings.json"), settings).unwrap();
        Local::read(folder.path())
    }

    #[test]
    fn defaults_bind_nothing() {
        let old = r#"{"bind-address-ipv4":"0.0.0.0","bind-address-ipv6":"::"}"#;
        let new = r#"{"bind-address-ipv4":"","bind-address-ipv6":"","watch-dir":"","watch-dir-enabled":false}"#;
        for settings in [old, new, "{}", "[]", "3"] {
            let local = read(settings).unwrap();
            assert_eq!(local, Local::default());
            assert_eq!(local.network().interface, None);
        }
        assert_eq!(read("{"), None);
    }

    #[test]
    fn a_bound_one_is_followed() {
        let local = read(
            r#"{"bind-address-ipv4":"10.8.0.2","bind-address-ipv6":"::1","watch-dir":"/w","watch-dir-enabled":true}"#,
        );
        let local = local.unwrap();
        assert_eq!(local.network().interface.as_deref(), Some("10.8.0.2"));
        assert_eq!(local.watch, Some("/w".into()));
    }
}
