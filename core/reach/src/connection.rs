//! Requests, and where they go.

use std::time::Duration;

use parking_lot::Mutex;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header, redirect::Policy};
use url::Url;

use crate::{
    Failure,
    place::{Basic, Place, trusted},
};

/// Redirects after which one more is none that leads anywhere.
const MAX_REDIRECTS: u8 = 3;

/// How long is waited, and for how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer.
    pub answer: Duration,
    /// For the next piece of it.
    pub silence: Duration,
    /// Bytes of an answer.
    pub bytes: usize,
}

/// The connection to one client. Keeps its cookies.
#[derive(Debug)]
pub struct Connection {
    http: Client,
    base: Mutex<Url>,
    basic: Option<Basic>,
    bytes: usize,
}

impl Connection {
    /// Connects with nobody yet.
    ///
    /// # Errors
    /// If the certificate is none, or this system has no TLS.
    pub fn new(place: &Place, limits: Limits) -> Result<Self, Failure> {
        let mut http = Client::builder()
            // The name of qBittorrent's session cookie differs between versions: it is not looked at.
            .cookie_store(true)
            // Its redirects are looked at here.
            .redirect(Policy::none())
            // The client is the user's own: no proxy of the environment stands between.
            .no_proxy()
            .connect_timeout(limits.connect)
            .timeout(limits.answer)
            .read_timeout(limits.silence);
        if let Some(certificate) = trusted(place.certificate.as_deref())? {
            http = http.tls_certs_merge([certificate]);
        }
        let http = http.build().map_err(|error| Failure::from(&error))?;
        let base = Mutex::new(place.url.clone());
        Ok(Self { http, base, basic: place.basic.clone(), bytes: limits.bytes })
    }

    /// The address below which everything lies, as redirects have corrected it.
    pub fn base(&self) -> Url {
        self.base.lock().clone()
    }

    /// Sends what `make` makes for an address, which is that of `path` below the base. It is sent again if it was
    /// redirected on the same host.
    ///
    /// # Errors
    /// If there is no answer, or none from there.
    pub async fn send(
        &self,
        path: &str,
        make: impl Fn(&Client, Url) -> RequestBuilder,
    ) -> Result<Response, Failure> {
        let mut redirects = 0;
        loop {
            let mut url = self.base();
            url.set_path(&format!("{}{path}", url.path()));
            let mut request = make(&self.http, url.clone());
            if let Some(basic) = &self.basic {
                request = request.basic_auth(&basic.user, Some(basic.password.as_str()));
            }
            let answer = request.send().await.map_err(|error| Failure::from(&error))?;
            let Some(to) = redirected(&answer, &url) else { return Ok(answer) };
            let base = moved(&url, &to, path).filter(|_| redirects < MAX_REDIRECTS);
            let Some(base) = base else {
                // Without what may be secret in it.
                let shown = format!("{}{}", to.origin().ascii_serialization(), to.path());
                return Err(Failure::Redirected(shown.chars().take(200).collect()));
            };
            redirects += 1;
            *self.base.lock() = base;
        }
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// If it is too large, too slow, or cut off.
    pub async fn read(&self, mut answer: Response) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| Failure::from(&error))? {
            if bytes.len() + part.len() > self.bytes {
                return Err(Failure::Large(self.bytes));
            }
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }
}

/// Whether an answer asks for Basic authentication.
pub fn wants_basic(answer: &Response) -> bool {
    let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE).iter();
    let mut challenges = challenges.filter_map(|value| value.to_str().ok());
    answer.status() == StatusCode::UNAUTHORIZED
        && challenges.any(|said| said.trim_start().to_ascii_lowercase().starts_with("basic"))
}

fn redirected(answer: &Response, asked: &Url) -> Option<Url> {
    if !answer.status().is_redirection() {
        return None;
    }
    asked.join(answer.headers().get(header::LOCATION)?.to_str().ok()?).ok()
}

/// The base of which a redirect speaks, if it is the same path of the same host: nothing that was meant for one is sent to
/// another, and nothing that went by TLS without it.
fn moved(asked: &Url, to: &Url, path: &str) -> Option<Url> {
    let same_port = asked.scheme() == to.scheme() && asked.port() == to.port();
    let now_tls = asked.scheme() == "http" && to.scheme() == "https";
    let same_host = asked.host() == to.host() && (same_port || now_tls);
    let no_login = to.username().is_empty() && to.password().is_none();
    let before = if path.is_empty() && to.path() != asked.path() {
        None
    } else {
        to.path().strip_suffix(path)
    };
    let before = before.filter(|before| path.is_empty() || before.ends_with('/'))?;
    if !same_host || !no_login || to == asked {
        return None;
    }
    let mut base = to.clone();
    base.set_path(before);
    base.set_query(None);
    base.set_fragment(None);
    Some(base)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_same_path_of_the_same_host_is_followed() {
        let base = |asked: &str, to: &str, path: &str| {
            moved(&asked.parse().unwrap(), &to.parse().unwrap(), path).map(|url| url.to_string())
        };
        let asked = "http://nas:8080/api/v2/app/version";
        for (to, wanted) in [
            ("https://nas/api/v2/app/version", Some("https://nas/")),
            ("https://nas:8443/qb/api/v2/app/version?x", Some("https://nas:8443/qb/")),
            ("http://nas:8080/qb/api/v2/app/version", Some("http://nas:8080/qb/")),
            ("http://nas:9090/api/v2/app/version", None),
            ("https://evil.example/api/v2/app/version", None),
            ("https://nas.evil.example/api/v2/app/version", None),
            ("https://user@nas/api/v2/app/version", None),
            ("https://nas/login?to=/api/v2/app/version", None),
            ("http://nas:8080/api/v2/app/version", None),
        ] {
            assert_eq!(base(asked, to, "api/v2/app/version").as_deref(), wanted, "{to}");
        }
        let tls = "https://nas/api/v2/app/version";
        assert_eq!(base(tls, asked, "api/v2/app/version"), None, "never back to plain HTTP");
        let rpc = "http://nas/transmission/rpc";
        let there = "https://nas/transmission/rpc";
        assert_eq!(base(rpc, there, "").as_deref(), Some(there));
        assert_eq!(base(rpc, "https://nas/login", ""), None);
    }
}
