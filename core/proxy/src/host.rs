//! What a bridge says of its client's web UI.

use axum::http::Method;
use reqwest::{Certificate, Url};

use crate::error::ProxyError;

/// A client's web UI, into which the view is put.
#[derive(Debug, Clone)]
pub struct Host {
    /// The client's name, for people.
    pub name: &'static str,
    /// Where its web UI lies: http or https, perhaps below a path, without user or password.
    pub upstream: Url,
    /// The page that gets the script is the one with any of these in it. A log-in page has none.
    pub marks: &'static [&'static str],
    /// The script.
    pub script: Script,
    /// How to ask whether a caller is logged in.
    pub log_in: LogIn,
    /// A certificate to trust besides the system's, for a web UI with one of its own making.
    pub trust: Option<Certificate>,
}

/// A script that is put into a page.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// Its path, which the client must not use itself.
    pub path: &'static str,
    /// Its text: plain statements, which have `view` (`frame.js`) and `prefix` in their scope.
    pub text: &'static str,
}

/// How to ask a client whether a caller is logged in: one request with the caller's own `Cookie`
/// and `Authorization`.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// How it is asked.
    pub method: Method,
    /// Where, below the web UI.
    pub path: String,
    /// The statuses that mean yes.
    pub yes: &'static [u16],
    /// The realm of a client with Basic authentication. Such a client may count refused requests
    /// and lock everybody out, so it is not asked in vain.
    pub realm: Option<&'static str>,
}

impl Host {
    pub(crate) fn check(&self) -> Result<(), ProxyError> {
        let url = &self.upstream;
        let wrong = |why| Err(ProxyError::Upstream { url: shown(url), why });
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return wrong("expected http://HOST:PORT or https://HOST:PORT");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("the address must not contain a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("it must end with the path");
        }
        Ok(())
    }

    /// The whole script: what every host needs, and its own. Below `prefix` lies everything of ours: a plain path.
    pub(crate) fn script(&self, prefix: &str) -> String {
        let (frame, own) = (include_str!("frame.js"), self.script.text);
        // After the page's own scripts, which look for what they know.
        let begin =
            "document.readyState === \"complete\" ? start() : addEventListener(\"load\", start);";
        format!(
            "(() => {{\n\"use strict\";\nconst prefix = \"{prefix}\";\nfunction start() {{\n{frame}{own}}}\n{begin}\n}})();\n"
        )
    }

    /// The upstream's scheme, host and port, as browsers write an origin.
    pub(crate) fn origin(&self) -> String {
        self.upstream.origin().ascii_serialization()
    }

    /// The path that every path of the upstream begins with: "" or "/qbt".
    pub(crate) fn prefix(&self) -> &str {
        self.upstream.path().trim_end_matches('/')
    }

    /// The upstream's address for a path (and query) of ours.
    pub(crate) fn at(&self, path: &str) -> Option<Url> {
        format!("{}{}{path}", self.origin(), self.prefix()).parse().ok()
    }
}

/// An address without what must not be shown.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // An address that can have neither has neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn host(upstream: &str) -> Host {
        Host {
            name: "Client",
            upstream: upstream.parse().unwrap(),
            marks: &["the-mark"],
            script: Script { path: "/upseed-tab.js", text: "" },
            log_in: LogIn { method: Method::GET, path: "/me".into(), yes: &[200], realm: None },
            trust: None,
        }
    }

    #[test]
    fn addresses() {
        let below = host("https://nas.local/qbt/");
        assert_eq!(below.at("/a%20b?c").unwrap().as_str(), "https://nas.local/qbt/a%20b?c");
        assert!(host("http://127.0.0.1:8080").check().is_ok());
        for wrong in ["ftp://a/", "http://u:secret@a/", "http://a/?b", "data:x"] {
            let error = host(wrong).check().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
