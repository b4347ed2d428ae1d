//! Asking Transmission: one POST a question, bounded in time and size.
//!
//! The classic method names are used: 3.00 knows no others, and 4.1 still answers them.

use std::time::Duration;

use upseed_clock::Moment;

use parking_lot::Mutex;
use reqwest::{StatusCode, header::HeaderValue};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use crate::{Settings, TransmissionError};

const SESSION_ID: &str = "x-transmission-session-id";

/// Longest that an answer may take. The list of 10,000 torrents took 0.6 s.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest that a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Bytes of an answer: 200 bytes a torrent are 300,000 torrents.
const MAX_ANSWER: usize = 64 << 20;

/// After a refusal nobody asks for this long, doubled each time up to the second.
const FIRST_REST: Duration = Duration::from_secs(60);
const LAST_REST: Duration = Duration::from_secs(3_600);

/// After so many refusals in a row it is asked once in this long, for its user may have mended it. 3.00
/// locks everyone out at 100, of which 80 are for the user's browser behind the proxy.
const MANY_REFUSALS: u32 = 12;
const LONG_REST: Duration = Duration::from_secs(24 * 3_600);

/// How often it refused in a row, and when it may be asked again.
#[derive(Default)]
struct Refusals {
    count: u32,
    rest_until: Option<Moment>,
    last: Option<TransmissionError>,
}

/// One Transmission, as it is asked.
pub(crate) struct Rpc {
    http: reqwest::Client,
    url: Url,
    user: Option<String>,
    password: Option<Zeroizing<String>>,
    session: Mutex<Option<HeaderValue>>,
    refusals: Mutex<Refusals>,
}

#[derive(Deserialize)]
struct RpcResponse {
    result: String,
    #[serde(default)]
    arguments: Value,
}

impl Rpc {
    pub fn new(settings: &Settings) -> Result<Self, TransmissionError> {
        let url = settings.address()?;
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            // A redirect would carry the password to another place.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| TransmissionError::Away(told(&error)))?;
        Ok(Self {
            http,
            url,
            user: settings.user.clone(),
            password: settings.password.clone(),
            session: Mutex::default(),
            refusals: Mutex::default(),
        })
    }

    /// Where it is asked.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The id under which it answers now: another one after each restart, and once an hour.
    pub fn session_id(&self) -> Option<HeaderValue> {
        self.session.lock().clone()
    }

    /// Asks, and reads what it answers.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        arguments: Value,
    ) -> Result<T, TransmissionError> {
        let arguments = self.ask(method, arguments).await?;
        serde_json::from_value(arguments)
            .map_err(|error| TransmissionError::Foreign(format!("its answer to {method}: {error}")))
    }

    /// Asks for something of which only the success matters.
    pub async fn ask(&self, method: &str, arguments: Value) -> Result<Value, TransmissionError> {
        self.may_ask()?;
        let body = json!({ "method": method, "arguments": arguments }).to_string();
        // One refusal of the session's id is how it tells a new one.
        for _ in 0..3 {
            let answer = self.post(body.clone()).await.inspect_err(|_| self.was_away())?;
            let status = answer.status();
            match status {
                StatusCode::CONFLICT => {
                    let id = answer.headers().get(SESSION_ID).filter(|id| id.len() <= 200);
                    let id = id.ok_or_else(|| {
                        TransmissionError::Foreign("HTTP 409 without an id".into())
                    })?;
                    *self.session.lock() = Some(id.clone());
                }
                StatusCode::OK => {
                    *self.refusals.lock() = Refusals::default();
                    return read(answer).await;
                }
                StatusCode::UNAUTHORIZED => return Err(self.refused(TransmissionError::Login)),
                StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => {
                    return Err(self.refused(TransmissionError::Forbidden(status.as_u16())));
                }
                other => return Err(TransmissionError::Foreign(format!("HTTP {other}"))),
            }
        }
        Err(TransmissionError::Foreign("it refuses the session id that it gave".into()))
    }

    async fn post(&self, body: String) -> Result<reqwest::Response, TransmissionError> {
        let mut request = self.http.post(self.url.clone()).body(body);
        request = request.header("content-type", "application/json");
        if let Some(id) = self.session_id() {
            request = request.header(SESSION_ID, id);
        }
        if let Some(user) = &self.user {
            request = request.basic_auth(user, self.password.as_deref());
        }
        request.send().await.map_err(|error| TransmissionError::Away(told(&error)))
    }

    /// Whether it may be asked: not while it rests from refusing.
    fn may_ask(&self) -> Result<(), TransmissionError> {
        let refusals = self.refusals.lock();
        let Some(last) = &refusals.last else { return Ok(()) };
        let resting = refusals.rest_until.is_some_and(|until| Moment::now() < until);
        if resting { Err(last.clone()) } else { Ok(()) }
    }

    fn refused(&self, error: TransmissionError) -> TransmissionError {
        let mut refusals = self.refusals.lock();
        let rest = rest_after(refusals.count);
        refusals.count += 1;
        refusals.rest_until = Some(Moment::now() + rest);
        refusals.last = Some(error.clone());
        error
    }

    /// It was restarted or will be: it counts from zero again.
    fn was_away(&self) {
        *self.refusals.lock() = Refusals::default();
    }
}

/// How long nobody asks after one more refusal.
fn rest_after(refusals: u32) -> Duration {
    if refusals >= MANY_REFUSALS {
        LONG_REST
    } else {
        (FIRST_REST * (1 << refusals.min(10))).min(LAST_REST)
    }
}

async fn read(http: reqwest::Response) -> Result<Value, TransmissionError> {
    let bytes = bounded(http).await?;
    let response: RpcResponse = serde_json::from_slice(&bytes)
        // Names of other torrents may be no UTF-8.
        .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(&bytes)))
        .map_err(|error| TransmissionError::Foreign(error.to_string()))?;
    if response.result == "success" {
        Ok(response.arguments)
    } else {
        Err(TransmissionError::Failed(line(&response.result)))
    }
}

async fn bounded(mut answer: reqwest::Response) -> Result<Vec<u8>, TransmissionError> {
    let mut bytes = Vec::new();
    loop {
        let chunk = answer.chunk().await.map_err(|error| TransmissionError::Away(told(&error)))?;
        let Some(chunk) = chunk else { return Ok(bytes) };
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return Err(TransmissionError::Foreign(format!(
                "an answer of more than {MAX_ANSWER} bytes"
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
}

/// A stranger's words on one line, for people.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

/// The innermost reason; reqwest's own words repeat the address.
fn told(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    if error.is_timeout() { "no answer in time".into() } else { line(&reason.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_refuses_is_asked_ever_less_often_and_never_given_up() {
        let rests: Vec<_> = (0..14).map(|count| rest_after(count).as_secs()).collect();
        assert_eq!(rests[..3], [60, 120, 240]);
        assert_eq!(rests[6..12], [3_600; 6]);
        assert_eq!(rests[12..], [86_400; 2]);
    }
}
