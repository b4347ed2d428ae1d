//! qBittorrent's Web API, from 2.8 (qBittorrent 4.5) on.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, header, multipart};
use serde_json::Value;
use upseed_reach::{Connection, Failure, Limits, wants_basic};

pub use crate::error::ApiError;
use crate::{Memory, Settings, Whereabouts};

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    // Nothing that is asked for takes longer, but for a full list of very many torrents.
    answer: Duration::from_secs(60),
    // It may think about a full list of 30,000 torrents for 13 s before it says a word.
    silence: Duration::from_secs(30),
    // A full list of 30,000 torrents is 32 MB.
    bytes: 128 << 20,
};

/// A version such as 2.11.4, of the Web API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Version(pub u16, pub u16, pub u16);

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.').map(|part| part.parse::<u16>().ok());
        Some(Self(parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)))
    }
}

/// The oldest that can what is needed: export of a torrent.
const OLDEST: Version = Version(2, 8, 14);

/// "Stop" was "pause" before.
const STOPS: Version = Version(2, 11, 0);

/// A qBittorrent that is spoken with. Logs in when it has to.
#[derive(Debug)]
pub struct Api {
    settings: Settings,
    connection: Connection,
    memory: Memory,
}

impl Api {
    /// Speaks with nobody yet.
    ///
    /// # Errors
    /// If this system has no TLS, or the certificate is none.
    pub fn new(settings: Settings) -> Result<Self, ApiError> {
        let connection = Connection::new(&settings.place(), LIMITS)
            .map_err(|failure| ApiError::Away { url: settings.url.to_string(), failure })?;
        let memory = Memory::open(settings.memory.clone());
        Ok(Self { settings, connection, memory })
    }

    /// What is known since earlier.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Where it is.
    ///
    /// # Errors
    /// If its name cannot be looked up now.
    pub async fn whereabouts(&self) -> Result<Whereabouts, ApiError> {
        let url = &self.settings.url;
        Whereabouts::of(url).await.map_err(|error| ApiError::Away {
            url: url.to_string(),
            failure: Failure::Away(error.to_string()),
        })
    }

    /// Where it answers, as redirects have corrected what the user typed.
    pub fn base(&self) -> Url {
        self.connection.base()
    }

    /// How it is reached.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The program's version and the API's.
    pub async fn versions(&self) -> Result<(String, Version), ApiError> {
        let program = self.get_text("app/version", &[]).await?;
        let api = self.get_text("app/webapiVersion", &[]).await?;
        let strange =
            || ApiError::Strange { path: "app/webapiVersion".into(), answer: shorten(&api) };
        let version = Version::parse(&api).ok_or_else(strange)?;
        let looks_right = program.len() < 40 && program.starts_with('v');
        if !looks_right || version < OLDEST {
            return Err(ApiError::Strange {
                path: "app/version".into(),
                answer: format!("{} (Web API {})", shorten(&program), shorten(&api)),
            });
        }
        Ok((program.trim_start_matches('v').to_owned(), version))
    }

    /// The preferences, as the client has them.
    pub async fn preferences(&self) -> Result<Value, ApiError> {
        self.get_json("app/preferences", &[]).await
    }

    /// A JSON answer.
    pub async fn get_json(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, ApiError> {
        let bytes = self.ask(path, |request| request.query(query)).await?;
        json(path, &bytes)
    }

    /// The torrents of these hashes (joined by `|`), as they are now. A POST: the hashes of
    /// hundreds are too long for an address.
    pub async fn torrents(&self, hashes: &str) -> Result<Value, ApiError> {
        let path = "torrents/info";
        json(path, self.post(path, &[("hashes", hashes)]).await?.as_bytes())
    }

    /// A plain answer.
    pub async fn get_text(&self, path: &str, query: &[(&str, &str)]) -> Result<String, ApiError> {
        let bytes = self.ask(path, |request| request.query(query)).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// An answer of bytes.
    pub async fn get_bytes(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<u8>, ApiError> {
        self.ask(path, |request| request.query(query)).await
    }

    /// A form.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<String, ApiError> {
        let answer =
            self.send(path, |http, url| self.request(http, Method::POST, url).form(form)).await?;
        let bytes = self.checked(path, answer).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Gives .torrents, each with its file name; every one gets the same options. True if it took
    /// any of them: it says "Fails." where it had all of them.
    pub async fn add(
        &self,
        torrents: &[(String, Vec<u8>)],
        options: &[(&str, String)],
    ) -> Result<bool, ApiError> {
        let form = || {
            let mut form = multipart::Form::new();
            for (name, value) in options {
                form = form.text((*name).to_owned(), value.clone());
            }
            for (name, bytes) in torrents {
                let part = multipart::Part::bytes(bytes.clone()).file_name(name.clone());
                form = form.part("torrents", part);
            }
            form
        };
        let path = "torrents/add";
        let answer =
            self.send(path, |http, url| self.request(http, Method::POST, url).multipart(form()));
        let answer = answer.await?;
        // 5.2 answers 409 where it had all of them.
        if answer.status() == StatusCode::CONFLICT {
            return Ok(false);
        }
        let bytes = self.checked(path, answer).await?;
        Ok(!bytes.starts_with(b"Fails"))
    }

    /// "stop" or "pause", "start" or "resume".
    pub async fn start(&self, version: Version, hashes: &str) -> Result<(), ApiError> {
        let path = if version >= STOPS { "torrents/start" } else { "torrents/resume" };
        self.post(path, &[("hashes", hashes)]).await.map(drop)
    }

    fn request(&self, http: &Client, method: Method, url: Url) -> RequestBuilder {
        // Its protection against other sites' pages compares these with its own address.
        let own = self.connection.base();
        let request = http.request(method, url).header(header::REFERER, own.as_str());
        match &self.settings.api_key {
            Some(key) => request.bearer_auth(key.as_str()),
            None => request,
        }
    }

    async fn sent(
        &self,
        path: &str,
        make: impl Fn(&Client, Url) -> RequestBuilder,
    ) -> Result<Response, ApiError> {
        let answer = self.connection.send(&format!("api/v2/{path}"), make).await;
        let answer = answer.map_err(|failure| self.away(failure))?;
        // It never asks for that itself.
        if wants_basic(&answer) { Err(ApiError::Basic) } else { Ok(answer) }
    }

    async fn ask(
        &self,
        path: &str,
        with: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Vec<u8>, ApiError> {
        let make = |http: &Client, url| with(self.request(http, Method::GET, url));
        let answer = self.send(path, make).await?;
        self.checked(path, answer).await
    }

    /// Sends; if the session is over, logs in and sends once more.
    async fn send(
        &self,
        path: &str,
        make: impl Fn(&Client, Url) -> RequestBuilder,
    ) -> Result<Response, ApiError> {
        let answer = self.sent(path, &make).await?;
        if !matches!(answer.status(), StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED) {
            return Ok(answer);
        }
        self.log_in().await?;
        let answer = self.sent(path, &make).await?;
        if matches!(answer.status(), StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED) {
            return Err(ApiError::Strange {
                path: path.into(),
                answer: format!("{} although the login succeeded", answer.status()),
            });
        }
        Ok(answer)
    }

    async fn log_in(&self) -> Result<(), ApiError> {
        if let Some(why) = self.memory.refusal() {
            let later =
                "it is tried again after half an hour; `upseed connect qbittorrent` tries at once";
            return Err(ApiError::Refused(format!("{why} ({later})")));
        }
        if self.settings.api_key.is_some() {
            return Err(self.note_refusal("the API key is not accepted".into()));
        }
        let (user, password) = (self.settings.user.as_str(), self.settings.password.as_str());
        if user.is_empty() {
            return Err(self.note_refusal("it asks for a user name and a password".into()));
        }
        let form = [("username", user), ("password", password)];
        let answer =
            self.sent("auth/login", |http, url| self.request(http, Method::POST, url).form(&form));
        let answer = answer.await?;
        let status = answer.status();
        let text = String::from_utf8_lossy(&self.read(answer).await?).into_owned();
        match status {
            StatusCode::NO_CONTENT => {}
            StatusCode::OK if text.trim() == "Ok." => {}
            StatusCode::FORBIDDEN => {
                return Err(self.note_refusal("this address is banned for a while".into()));
            }
            StatusCode::OK => {
                return Err(self.note_refusal("the user name or password is wrong".into()));
            }
            // For both from 5.2 on; for the second before.
            StatusCode::UNAUTHORIZED => {
                let why = "the user name or password is wrong, or its host header validation does \
                           not allow this host and port (Options, Web UI)";
                return Err(self.note_refusal(why.into()));
            }
            _ => {
                let answer = format!("{status} {}", shorten(&text));
                return Err(ApiError::Strange { path: "auth/login".into(), answer });
            }
        }
        self.memory.forgive();
        Ok(())
    }

    fn note_refusal(&self, why: String) -> ApiError {
        self.memory.refused(&why);
        ApiError::Refused(why)
    }

    async fn checked(&self, path: &str, answer: Response) -> Result<Vec<u8>, ApiError> {
        let status = answer.status();
        let bytes = self.read(answer).await?;
        if status.is_success() {
            return Ok(bytes);
        }
        let text = shorten(&String::from_utf8_lossy(&bytes));
        Err(ApiError::Strange { path: path.into(), answer: format!("{status} {text}") })
    }

    async fn read(&self, answer: Response) -> Result<Vec<u8>, ApiError> {
        self.connection.read(answer).await.map_err(|failure| self.away(failure))
    }

    fn away(&self, failure: Failure) -> ApiError {
        ApiError::Away { url: self.connection.base().to_string(), failure }
    }
}

fn json(path: &str, bytes: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| ApiError::Strange {
        path: path.into(),
        answer: format!("something that is not JSON ({error})"),
    })
}

/// The beginning of a text that somebody else wrote, on one line.
fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(Version::parse("2.8.19"), Some(Version(2, 8, 19)));
        assert_eq!(Version::parse("2.11"), Some(Version(2, 11, 0)));
        assert_eq!(Version::parse("<html>"), None);
        assert!(Version(2, 11, 4) > STOPS && Version(2, 8, 19) < STOPS);
    }
}
