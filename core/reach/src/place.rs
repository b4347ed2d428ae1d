//! Where a client is, and what it takes to get in.

use std::fmt;

use reqwest::Certificate;
use url::Url;
use zeroize::Zeroizing;

use crate::Failure;

/// Where a client is, and what it takes to get in.
#[derive(Debug, Clone)]
pub struct Place {
    /// The address below which everything lies.
    pub url: Url,
    /// What goes with every request.
    pub basic: Option<Basic>,
    /// A certificate to trust besides the system's: PEM.
    pub certificate: Option<String>,
}

/// A name and a password for Basic authentication (RFC 7617).
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    /// The name.
    pub user: String,
    /// Never printed.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic").field("user", &self.user).finish_non_exhaustive()
    }
}

/// An address that is none of a web UI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address:?} is not the address of a web UI; expected something like http://127.0.0.1:8080, without a user name or \
     password (those go to --user and --password-stdin)"
)]
pub struct NotAnAddress {
    address: String,
}

/// Reads the address that a user typed: `localhost:8080` will do.
///
/// # Errors
/// If it is none, or has a user name or a password in it: other programs on this machine could read those.
pub fn address(typed: &str) -> Result<Url, NotAnAddress> {
    let wrong = || NotAnAddress { address: without_login(typed) };
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
    let mut url: Url = whole.parse().map_err(|_| wrong())?;
    let web = matches!(url.scheme(), "http" | "https");
    let hosted = url.host_str().is_some_and(|host| !host.is_empty());
    if !web || !hosted || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Whatever stands before an `@` may be a password.
fn without_login(typed: &str) -> String {
    match typed.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => typed.chars().take(200).collect(),
    }
}

/// The certificate of a PEM file.
///
/// # Errors
/// If it is none.
pub fn trusted(pem: Option<&str>) -> Result<Option<Certificate>, Failure> {
    let read = pem.map(|pem| Certificate::from_pem(pem.as_bytes())).transpose();
    read.map_err(|error| Failure::Certificate(format!("what was given is not a PEM file: {error}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses() {
        for (typed, url) in [
            ("localhost:8080", "http://localhost:8080/"),
            ("https://nas.local/qb", "https://nas.local/qb"),
            ("http://[::1]:8080/?x#y", "http://[::1]:8080/"),
        ] {
            assert_eq!(address(typed).unwrap().as_str(), url);
        }
        for typed in ["", "ftp://x", "http://"] {
            address(typed).unwrap_err();
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        for typed in ["http://me:hunter2@nas:8080", "me:hunter2@nas", "ftp://me:hunt@hunter2@nas"] {
            let error = address(typed).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("hunt") && told.contains("--password-stdin"), "{told}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let basic = Basic { user: "me".into(), password: Zeroizing::new("hunter2".into()) };
        assert!(!format!("{basic:?}").contains("hunter2"));
    }
}
