//! How Transmission goes out: its RPC does not say, its settings file does.

use std::{
    io::ErrorKind,
    net::{IpAddr, UdpSocket},
    path::{Path, PathBuf},
};

use serde_json::Value;
use upseed_client::Network;
use url::Url;

use crate::{TransmissionError, session::Session, watch::read_linked};

/// Bytes of a settings file; a real one has 3 KB.
const MAX_SETTINGS: u64 = 1 << 20;

/// What its settings file says beyond its RPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Local {
    four: Option<IpAddr>,
    six: Option<IpAddr>,
    /// Its own watch folder, if it has one.
    pub watch: Option<PathBuf>,
}

/// Where the settings file of a Transmission is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// On another machine: what is read here is never its own, and no address of its is one of ours.
    Elsewhere,
    /// Here; `named` by the user, or where it says that it keeps it.
    Here { file: PathBuf, named: bool },
}

impl Place {
    /// Of the Transmission that is asked at `url`. Looks its host up, and reads no file.
    pub fn of(url: &Url, session: &Session, named: Option<&Path>) -> Self {
        if let Some(file) = named {
            return Self::Here { file: file.to_owned(), named: true };
        }
        if is_here(url) {
            Self::Here { file: session.config_dir.join("settings.json"), named: false }
        } else {
            Self::Elsewhere
        }
    }

    /// What it says, nothing if it is elsewhere, or why it cannot be known.
    pub fn read(&self) -> Result<Option<Local>, TransmissionError> {
        let Self::Here { file, named } = self else { return Ok(None) };
        match read_linked(file, MAX_SETTINGS) {
            Ok(bytes) => Local::parse(&bytes).map(Some).map_err(|why| unknown(file, &why)),
            // One that was never ended and never told anything has not written it yet.
            Err(error) if error.kind() == ErrorKind::NotFound && !named && is_config(file) => {
                Ok(Some(Local::default()))
            }
            Err(error) => Err(unknown(file, &error.to_string())),
        }
    }
}

fn unknown(file: &Path, why: &str) -> TransmissionError {
    TransmissionError::Unknown { settings: file.to_owned(), why: why.into() }
}

/// Whether the folder of a settings file that is not there can be looked into, and is Transmission's.
fn is_config(file: &Path) -> bool {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.is_some_and(|folder| {
        std::fs::read_dir(folder).is_ok()
            && folder.join("torrents").is_dir()
            && std::fs::symlink_metadata(file).is_err()
    })
}

/// Whether the host of an address is this machine.
fn is_here(url: &Url) -> bool {
    use std::net::ToSocketAddrs as _;
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = (host, 0).to_socket_addrs().into_iter().flatten();
    addresses.into_iter().any(|address| UdpSocket::bind((address.ip(), 0)).is_ok())
}

impl Local {
    /// Reads the text of a `settings.json`. Transmission writes it when it ends, so a running one may
    /// have been told otherwise on its command line.
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let settings: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if !settings.is_object() {
            return Err("no settings".into());
        }
        // 4.1 writes its keys with underscores, and reads both.
        let get = |key: &str| settings.get(key).or_else(|| settings.get(key.replace('-', "_")));
        let address = |key: &str| {
            let ip = get(key)?.as_str()?.parse::<IpAddr>().ok()?;
            Some(ip).filter(|ip| !ip.is_unspecified())
        };
        let on = get("watch-dir-enabled").and_then(Value::as_bool).unwrap_or(false);
        let watch = get("watch-dir").and_then(Value::as_str).filter(|dir| on && !dir.is_empty());
        Ok(Self {
            four: address("bind-address-ipv4"),
            six: address("bind-address-ipv6"),
            watch: watch.map(PathBuf::from),
        })
    }

    /// The one address that our own engine goes out by, if it is not free. The other family is then
    /// left alone: to bind one of them is to hide the other.
    pub fn bound(&self) -> Option<IpAddr> {
        let all = [self.four, self.six];
        let useful = all.into_iter().flatten().find(|ip| !ip.is_loopback());
        // "::1" is how people switch IPv6 off: that alone binds nothing.
        useful.or(if all.iter().all(Option::is_some) { self.four } else { None })
    }

    /// The same as the node takes it.
    pub fn network(&self) -> Network {
        Network { interface: self.bound().map(|ip| ip.to_string()), ..Network::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &str) -> Result<Local, TransmissionError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        std::fs::write(&file, settings).unwrap();
        Place::Here { file, named: false }.read().map(Option::unwrap)
    }

    fn bound(settings: &str) -> Option<String> {
        read(settings).unwrap().network().interface
    }

    #[test]
    fn defaults_bind_nothing() {
        let old = r#"{"bind-address-ipv4":"0.0.0.0","bind-address-ipv6":"::"}"#;
        let new = r#"{"bind-address-ipv4":"","bind-address-ipv6":"","watch-dir":"","watch-dir-enabled":false}"#;
        for settings in [old, new, "{}"] {
            let local = read(settings).unwrap();
            assert_eq!(local, Local::default());
            assert_eq!(local.network().interface, None);
        }
    }

    #[test]
    fn a_bound_one_is_followed() {
        let local = read(
            r#"{"bind-address-ipv4":"10.8.0.2","bind-address-ipv6":"::1","watch-dir":"/w","watch-dir-enabled":true}"#,
        );
        let local = local.unwrap();
        assert_eq!(local.network().interface.as_deref(), Some("10.8.0.2"));
        assert_eq!(local.watch, Some("/w".into()));
        let finals =
            r#"{"bind_address_ipv4":"10.8.0.2","watch_dir":"/w","watch_dir_enabled":true}"#;
        assert_eq!(bound(finals).as_deref(), Some("10.8.0.2"));
        assert_eq!(read(finals).unwrap().watch, Some("/w".into()));
        let six = r#"{"bind-address-ipv4":"127.0.0.1","bind-address-ipv6":"2001:db8::1"}"#;
        assert_eq!(bound(six).as_deref(), Some("2001:db8::1"));
    }

    #[test]
    fn a_family_that_is_switched_off_does_not_bind_the_other() {
        assert_eq!(bound(r#"{"bind-address-ipv4":"0.0.0.0","bind-address-ipv6":"::1"}"#), None);
        assert_eq!(bound(r#"{"bind-address-ipv6":"::1"}"#), None);
        let both = r#"{"bind-address-ipv4":"127.0.0.1","bind-address-ipv6":"::1"}"#;
        assert_eq!(bound(both).as_deref(), Some("127.0.0.1"), "switched off altogether");
    }

    #[test]
    fn what_cannot_be_known_is_an_error_and_never_every_address() {
        for settings in ["{", "[]", "3", ""] {
            let error = read(settings).unwrap_err().to_string();
            assert!(error.contains("settings.json") && error.contains("--settings"), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let here = |name: &str, named| {
            Place::Here { file: folder.path().join(name).join("settings.json"), named }.read()
        };
        here("container", false).unwrap_err();
        std::fs::create_dir_all(folder.path().join("fresh/torrents")).unwrap();
        assert_eq!(here("fresh", false).unwrap(), Some(Local::default()), "not written yet");
        here("fresh", true).unwrap_err();
        std::os::unix::fs::symlink("nowhere", folder.path().join("fresh/settings.json")).unwrap();
        here("fresh", false).unwrap_err();
    }

    #[test]
    fn a_link_to_the_settings_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (etc, file) = (folder.path().join("etc.json"), folder.path().join("settings.json"));
        std::fs::write(&etc, r#"{"bind-address-ipv4":"10.8.0.2"}"#).unwrap();
        std::os::unix::fs::symlink(&etc, &file).unwrap();
        let local = Place::Here { file, named: false }.read().unwrap().unwrap();
        assert_eq!(local.network().interface.as_deref(), Some("10.8.0.2"));
    }

    #[test]
    fn files_here_are_not_those_of_another_machine() {
        let session = Session { config_dir: "/c".into(), ..Session::default() };
        let of = |url: &str, named| Place::of(&url.parse().unwrap(), &session, named);
        // 192.0.2.0/24 is for documentation: no machine's own.
        assert_eq!(of("http://192.0.2.7:9091/", None), Place::Elsewhere);
        assert_eq!(Place::Elsewhere.read().unwrap(), None);
        let file = PathBuf::from("/c/settings.json");
        assert_eq!(of("http://127.0.0.1:9091/", None), Place::Here { file, named: false });
        let file = PathBuf::from("/copy");
        let named = of("http://192.0.2.7:9091/", Some(&file));
        assert_eq!(named, Place::Here { file, named: true });
    }
}
