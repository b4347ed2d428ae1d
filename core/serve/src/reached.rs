//! By which address a caller came.
//!
//! What a reverse proxy says of it (`X-Forwarded-…`) is believed only from one that the user declared. RFC 7239's
//! `Forwarded` is not read: few proxies write it, and those that do not pass on whatever a caller put there.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Once,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{Hosts, Network};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// By which another listener of the same program shows that it passes a request on.
pub const PASSED_ON: HeaderName = HeaderName::from_static("x-upseed-passed-on");

/// Longest path in front of ours.
const MAX_PREFIX: usize = 200;

/// By which address a caller came, and who that is, as far as it can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Over TLS.
    pub secure: bool,
    /// The host that was asked for, with its port if that is not the scheme's own. Known.
    pub host: String,
    /// The path in front of ours: "" or "/up".
    pub prefix: String,
    /// Whom a declared proxy passes on, if one does.
    pub brought: Option<Brought>,
}

/// Somebody whom a declared proxy passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// From this address.
    From(IpAddr),
    /// From an address that cannot be read.
    Unknown,
}

/// Why a request is not answered at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misreached {
    /// By a name that is not known.
    #[error("the host name {0:?} is not served here")]
    Host(String),
    /// Below a path that could not stand in a link.
    #[error("X-Forwarded-Prefix is {0:?}, which is not a plain path such as /upseed")]
    Prefix(String),
}

impl Misreached {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Host(_) => "Allow it with `upseed run --host NAME`.",
            Self::Prefix(_) => "Correct it in the settings of the reverse proxy.",
        }
    }
}

/// Whose word on a request is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Nobody's.
    Nobodys,
    /// A proxy's that the user declared: the host that it names must be known, too.
    Proxys,
    /// Another listener's of this program, which has looked at all this itself.
    Ours,
}

/// By which addresses a listener may be called: its host names, and the reverse proxies whose word is believed.
#[derive(Debug, Clone)]
pub struct Addresses {
    hosts: Hosts,
    proxies: Vec<Network>,
}

impl Addresses {
    /// For these names, behind these proxies.
    pub fn new(hosts: Hosts, proxies: &[Network]) -> Self {
        Self { hosts, proxies: proxies.to_vec() }
    }

    /// By which address a request came that was made by `peer` (none: by a socket in the file system). `ours`: another
    /// listener of this program passes it on.
    ///
    /// # Errors
    /// If it may not be answered: by a name that is not known, for one.
    pub fn reached(
        &self,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
        ours: bool,
    ) -> Result<Reached, Misreached> {
        let is_declared = peer.is_some_and(|peer| self.proxies.iter().any(|proxy| proxy.has(peer)));
        let word = match (ours, is_declared) {
            (true, _) => Word::Ours,
            (false, true) => Word::Proxys,
            (false, false) => Word::Nobodys,
        };
        let was_passed_on = [HOST, PREFIX, PROTO].iter().any(|name| headers.contains_key(name));
        if word == Word::Nobodys
            && let Some(peer) = peer.filter(|_| was_passed_on)
        {
            static TOLD: Once = Once::new();
            TOLD.call_once(|| {
                tracing::warn!(
                    "{peer} passes requests on for others; if it is your reverse proxy, declare it with \
                     `upseed run --trusted-proxy {peer}`, so that links and feeds name the right address"
                );
            });
        }
        Reached::read(headers, word, self)
    }
}

impl Reached {
    /// Scheme and host, as browsers write an origin.
    pub fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    fn read(headers: &HeaderMap, word: Word, addresses: &Addresses) -> Result<Self, Misreached> {
        let Addresses { hosts, proxies } = addresses;
        let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let asked = asked.unwrap_or_default();
        // Also where a proxy names another one. A page of a stranger whose name leads here can put whatever it likes
        // into its requests, and its browser may run on the machine of the proxy.
        if !hosts.knows(asked) {
            return Err(Misreached::Host(asked.chars().take(100).collect()));
        }
        let plain = Self {
            secure: false,
            host: without_default_port(asked, false),
            prefix: String::new(),
            brought: None,
        };
        if word == Word::Nobodys {
            return Ok(plain);
        }
        let host = last(headers, &HOST).unwrap_or(asked);
        if word == Word::Proxys && !hosts.knows(host) {
            return Err(Misreached::Host(host.chars().take(100).collect()));
        }
        let secure =
            last(headers, &PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        Ok(Self {
            secure,
            host: without_default_port(host, secure),
            prefix: prefix(last(headers, &PREFIX).unwrap_or_default())?,
            brought: brought(headers, proxies),
        })
    }

    /// Says the same to another listener of this program.
    pub fn write(&self, headers: &mut HeaderMap, secret: &str) {
        let scheme = if self.secure { "https" } else { "http" };
        let said =
            [(PROTO, scheme), (HOST, &self.host), (PREFIX, &self.prefix), (PASSED_ON, secret)];
        for (name, value) in said {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
    }
}

/// As browsers name a host in an origin.
fn without_default_port(host: &str, secure: bool) -> String {
    host.strip_suffix(if secure { ":443" } else { ":80" }).unwrap_or(host).to_owned()
}

/// What the last proxy said: those before it may have passed on what they were told.
fn last<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let said = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let said = said.rsplit(',').next().unwrap_or_default().trim();
    (!said.is_empty()).then_some(said)
}

fn prefix(said: &str) -> Result<String, Misreached> {
    let path = said.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    let parts = || path.split('/').skip(1);
    let good = path.is_empty()
        || path.starts_with('/')
            && path.len() <= MAX_PREFIX
            && path.chars().all(plain)
            && parts().all(|part| !matches!(part, "" | "." | ".."));
    if good {
        Ok(path.to_owned())
    } else {
        Err(Misreached::Prefix(said.chars().take(100).collect()))
    }
}

/// The last address that is none of a declared proxy. What stands before it was said by somebody else.
fn brought(headers: &HeaderMap, proxies: &[Network]) -> Option<Brought> {
    let lines = headers.get_all(&FOR).iter();
    let all: Vec<&str> = lines
        .map(|line| line.to_str().unwrap_or_default())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let mut found = None;
    for said in all.iter().rev() {
        let Some(ip) = address(said) else { return Some(Brought::Unknown) };
        found = Some(Brought::From(ip));
        if !proxies.iter().any(|proxy| proxy.has(ip)) {
            break;
        }
    }
    found
}

/// An address, perhaps with a port.
fn address(said: &str) -> Option<IpAddr> {
    let ip = said.parse().ok().or_else(|| {
        let with_port = said.parse().map(|at: SocketAddr| at.ip());
        with_port.ok().or_else(|| said.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
    });
    ip.map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(said: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn read(said: &[(&'static str, &str)], asked: &str, word: Word) -> Result<Reached, Misreached> {
        let hosts = Hosts::new("127.0.0.1:7667".parse().unwrap(), &["forum.example".into()]);
        let proxies = ["127.0.0.1", "10.0.0.0/8"].map(|network| network.parse().unwrap());
        let mut headers = headers(said);
        headers.insert(header::HOST, asked.parse().unwrap());
        Reached::read(&headers, word, &Addresses::new(hosts, &proxies))
    }

    #[test]
    fn whose_word_counts() {
        let hosts = Hosts::new("127.0.0.1:7667".parse().unwrap(), &["forum.example".into()]);
        let addresses = Addresses::new(hosts, &["10.0.0.1".parse().unwrap()]);
        let mut said = headers(&SAID);
        said.insert(header::HOST, "forum.example".parse().unwrap());
        for (peer, ours, secure) in [
            (Some("10.0.0.1"), false, true),
            (Some("10.0.0.2"), false, false),
            (Some("10.0.0.2"), true, true),
            (None, false, false),
        ] {
            let peer = peer.map(|peer| peer.parse().unwrap());
            assert_eq!(addresses.reached(&said, peer, ours).unwrap().secure, secure, "{peer:?}");
        }
    }

    const SAID: [(&str, &str); 4] = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "forum.example:8443"),
        ("x-forwarded-prefix", "/up/"),
        ("x-forwarded-for", "198.51.100.1, 203.0.113.9, 10.0.0.7"),
    ];

    #[test]
    fn what_a_declared_proxy_says_is_believed_and_nobody_elses_word() {
        let believed = read(&SAID, "127.0.0.1:7667", Word::Proxys).unwrap();
        let from = Brought::From("203.0.113.9".parse().unwrap());
        assert_eq!(believed.origin(), "https://forum.example:8443");
        assert_eq!((&*believed.prefix, believed.brought), ("/up", Some(from)));
        let other = read(&SAID, "127.0.0.1:7667", Word::Nobodys).unwrap();
        assert_eq!(other.origin(), "http://127.0.0.1:7667");
        assert_eq!((&*other.prefix, other.brought), ("", None));
        let usual = [("x-forwarded-proto", "https"), ("x-forwarded-host", "forum.example:443")];
        let usual = read(&usual, "localhost", Word::Proxys).unwrap();
        assert_eq!(usual.origin(), "https://forum.example", "as browsers name it");
    }

    #[test]
    fn neither_host_may_be_a_strangers() {
        let evil = Misreached::Host("evil.example".into());
        assert_eq!(read(&SAID, "evil.example", Word::Proxys).unwrap_err(), evil);
        let said = [("x-forwarded-host", "forum.example, evil.example")];
        assert_eq!(read(&said, "localhost", Word::Proxys).unwrap_err(), evil);
        assert!(read(&said, "localhost", Word::Ours).is_ok(), "it has looked itself");
    }

    #[test]
    fn only_plain_paths_get_into_links() {
        for (said, wanted) in [("/", ""), ("/a/b-c_d.e~f", "/a/b-c_d.e~f"), ("/x, /up", "/up")] {
            let reached = read(&[("x-forwarded-prefix", said)], "localhost", Word::Proxys);
            assert_eq!(reached.unwrap().prefix, wanted);
        }
        let long = format!("/{}", "a".repeat(MAX_PREFIX));
        for bad in
            ["up", "//evil.example", "/a/../b", "/a/./b", "/a//b", "/\"x", "/a?b", "/%2e", &long]
        {
            let reached = read(&[("x-forwarded-prefix", bad)], "localhost", Word::Proxys);
            assert!(matches!(reached, Err(Misreached::Prefix(_))), "{bad}");
        }
    }

    #[test]
    fn who_is_brought() {
        let from = |said: &str| {
            read(&[("x-forwarded-for", said)], "localhost", Word::Proxys).unwrap().brought
        };
        let ip = |ip: &str| Some(Brought::From(ip.parse().unwrap()));
        assert_eq!(from("203.0.113.9:4711"), ip("203.0.113.9"));
        assert_eq!(from("[2001:db8::1]:80"), ip("2001:db8::1"));
        assert_eq!(from("::ffff:203.0.113.9"), ip("203.0.113.9"));
        assert_eq!(from("127.0.0.1, 203.0.113.9"), ip("203.0.113.9"), "what a caller says first");
        assert_eq!(from("10.0.0.1, 127.0.0.1"), ip("10.0.0.1"), "proxies alone");
        assert_eq!(from("203.0.113.9, unknown"), Some(Brought::Unknown));
        assert_eq!(read(&[], "localhost", Word::Proxys).unwrap().brought, None);
    }

    #[test]
    fn what_is_written_is_read() {
        let reached = read(&SAID, "127.0.0.1:7667", Word::Proxys).unwrap();
        let mut headers = HeaderMap::new();
        reached.write(&mut headers, "secret");
        assert_eq!(headers[PASSED_ON], "secret");
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:7667"));
        let hosts = Hosts::new("127.0.0.1:7667".parse().unwrap(), &[]);
        let read = Reached::read(&headers, Word::Ours, &Addresses::new(hosts, &[])).unwrap();
        assert_eq!(read, Reached { brought: None, ..reached });
    }
}
