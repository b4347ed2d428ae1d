//! Where a qBittorrent is, and how to log in there.

use std::{fmt, path::PathBuf};

use reqwest::Certificate;
use upseed_reach::{Basic, Failure, NotAnAddress, Place, address};
use url::Url;
use zeroize::Zeroizing;

/// What the client's own user would give.
#[derive(Clone)]
pub struct Settings {
    /// Its web UI, such as `http://127.0.0.1:8080/`; may lie under a path.
    pub url: Url,
    /// Empty where it asks for none ("bypass authentication for clients on localhost").
    pub user: String,
    /// Never printed.
    pub password: Zeroizing<String>,
    /// An API key (5.2 and later) instead of user and password. Never printed.
    pub api_key: Option<Zeroizing<String>>,
    /// A certificate to trust besides the system's: PEM, for an https web UI with one of its own
    /// making.
    pub certificate: Option<String>,
    /// For a server in front of it that wants Basic authentication.
    pub basic: Option<Basic>,
    /// A file for what must be known after a restart (`memory.rs`).
    pub memory: Option<PathBuf>,
}

impl Settings {
    /// Reads the address that a user typed: `localhost:8080` will do.
    ///
    /// # Errors
    /// If it is none.
    pub fn new(typed: &str, user: &str, password: &str) -> Result<Self, NotAnAddress> {
        let mut url = address(typed)?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let password = Zeroizing::new(password.to_owned());
        Ok(Self {
            url,
            user: user.to_owned(),
            password,
            api_key: None,
            certificate: None,
            basic: None,
            memory: None,
        })
    }

    /// The certificate to trust.
    ///
    /// # Errors
    /// If there is one that cannot be read.
    pub fn trusted(&self) -> Result<Option<Certificate>, Failure> {
        upseed_reach::trusted(self.certificate.as_deref())
    }

    pub(crate) fn place(&self) -> Place {
        let (url, certificate) = (self.url.clone(), self.certificate.clone());
        Place { url, basic: self.basic.clone(), certificate }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("url", &self.url.as_str())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_end_with_a_slash() {
        for (typed, url) in [
            ("localhost:8080", "http://localhost:8080/"),
            ("https://nas.local/qb", "https://nas.local/qb/"),
        ] {
            assert_eq!(Settings::new(typed, "", "").unwrap().url.as_str(), url);
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let settings = Settings::new("localhost:8080", "admin", "hunter2").unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
