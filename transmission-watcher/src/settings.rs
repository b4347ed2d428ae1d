//! What the user says of their Transmission.

use std::{fmt, path::PathBuf};

use reqwest::Certificate;
use upseed_reach::{Basic, Place, address};
use url::Url;
use zeroize::Zeroizing;

use crate::TransmissionError;

/// What `upseed connect transmission` is told and remembers.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where it answers, as the user gives it: `http://localhost:9091`, with or without a path.
    pub url: String,
    /// The name that it asks for, if it asks.
    pub user: Option<String>,
    /// The password to it. Never printed.
    pub password: Option<Zeroizing<String>>,
    /// A certificate to trust besides the system's: PEM.
    pub certificate: Option<String>,
    /// Its settings file, if it is not where it says, or cannot be read there.
    pub file: Option<PathBuf>,
    /// The folder whose files are upvotes.
    pub watch: Option<PathBuf>,
    /// Where ordinary torrents go on to, and the .torrents of what was upvoted: another client's
    /// watch folder.
    pub pass_to: Option<PathBuf>,
    /// Look at the watch folder at intervals, whatever the system says of changes.
    pub poll: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &self.address().map(|url| url.to_string()))
            .field("file", &self.file)
            .field("watch", &self.watch)
            .field("pass_to", &self.pass_to)
            .field("poll", &self.poll)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The address of the RPC, without the name and password that a link may carry.
    pub fn address(&self) -> Result<Url, TransmissionError> {
        let mut url = address(&self.url)?;
        let path = url.path().trim_end_matches('/');
        let base = path.strip_suffix("/web").or(path.strip_suffix("/rpc")).unwrap_or(path);
        let base = if base.is_empty() { "/transmission" } else { base };
        let path = format!("{base}/rpc");
        url.set_path(&path);
        Ok(url)
    }

    /// The certificate to trust besides the system's.
    ///
    /// # Errors
    /// If there is one that cannot be read.
    pub fn trusted(&self) -> Result<Option<Certificate>, TransmissionError> {
        Ok(upseed_reach::trusted(self.certificate.as_deref())?)
    }

    /// Where its RPC is. What it asks for is Basic authentication itself.
    pub(crate) fn place(&self) -> Result<Place, TransmissionError> {
        let password = self.password.clone().unwrap_or_default();
        let basic = self.user.clone().map(|user| Basic { user, password });
        Ok(Place { url: self.address()?, basic, certificate: self.certificate.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Result<String, String> {
        let settings = Settings { url: url.into(), ..Settings::default() };
        settings.address().map(|url| url.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn whatever_people_paste_becomes_the_rpc() {
        for url in [
            "localhost:9091",
            "http://localhost:9091",
            "http://localhost:9091/",
            "http://localhost:9091/transmission",
            "http://localhost:9091/transmission/web/",
            "http://localhost:9091/transmission/web/#files",
            "http://localhost:9091/transmission/rpc",
        ] {
            assert_eq!(address(url).unwrap(), "http://localhost:9091/transmission/rpc", "{url}");
        }
        assert_eq!(address("https://nas/tr/web").unwrap(), "https://nas/tr/rpc");
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let error = address("http://me:secret@nas:9091").unwrap_err();
        assert!(error.contains("--password-stdin") && !error.contains("secret"), "{error}");
        assert!(address("ftp://nas").is_err());
        assert!(address("http://").is_err());
    }

    #[test]
    fn the_password_is_not_shown() {
        let settings = Settings {
            url: "nas".into(),
            user: Some("me".into()),
            password: Some(Zeroizing::new("secret".into())),
            ..Settings::default()
        };
        assert!(!format!("{settings:?}").contains("secret"));
    }
}
