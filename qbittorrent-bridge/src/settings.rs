//! Where a qBittorrent is, and how to log in there.

use std::{fmt, path::PathBuf};

use reqwest::Certificate;
use url::Url;
use zeroize::Zeroizing;

use crate::error::ApiError;

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
    /// A file for what must be known after a restart (`memory.rs`).
    pub memory: Option<PathBuf>,
}

/// An address that is none of a web UI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address:?} is not the address of a web UI; expected something like http://127.0.0.1:8080, without a user name \
     or password (those go to --user and --password-stdin)"
)]
pub struct NotAnAddress {
    address: String,
}

impl Settings {
    /// Reads the address that a user typed: `localhost:8080` will do.
    pub fn new(address: &str, user: &str, password: &str) -> Result<Self, NotAnAddress> {
        let wrong = || NotAnAddress { address: without_login(address) };
        let whole =
            if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let mut url: Url = whole.parse().map_err(|_| wrong())?;
        let web = matches!(url.scheme(), "http" | "https");
        if !web || url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong());
        }
        url.set_query(None);
        url.set_fragment(None);
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
            memory: None,
        })
    }

    /// The certificate to trust.
    ///
    /// # Errors
    /// If there is one that cannot be read.
    pub fn trusted(&self) -> Result<Option<Certificate>, ApiError> {
        let Some(pem) = &self.certificate else { return Ok(None) };
        match Certificate::from_pem(pem.as_bytes()) {
            Ok(certificate) => Ok(Some(certificate)),
            Err(error) => Err(ApiError::Certificate {
                url: self.url.to_string(),
                reason: format!("this is not a PEM file: {error}"),
            }),
        }
    }
}

/// Whatever stands before an `@` may be a password.
fn without_login(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => address.to_owned(),
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
    fn addresses() {
        for (typed, url) in [
            ("localhost:8080", "http://localhost:8080/"),
            ("https://nas.local/qb", "https://nas.local/qb/"),
            ("http://[::1]:8080/?x#y", "http://[::1]:8080/"),
        ] {
            assert_eq!(Settings::new(typed, "", "").unwrap().url.as_str(), url);
        }
        for typed in ["", "ftp://x", "http://u:p@x", "http://"] {
            Settings::new(typed, "", "").unwrap_err();
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        for typed in ["http://me:hunter2@nas:8080", "me:hunter2@nas", "ftp://me:hunt@hunter2@nas"] {
            let error = Settings::new(typed, "", "").unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("hunt") && told.contains("--password-stdin"), "{told}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let settings = Settings::new("localhost:8080", "admin", "hunter2").unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
