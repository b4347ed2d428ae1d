//! Asking Transmission: one POST a question, bounded in time and size.
//!
//! The classic method names are used: 3.00 knows no others, and 4.1 still answers them.

use std::time::Duration;

use upseed_clock::Moment;

use parking_lot::Mutex;
use reqwest::{StatusCode, header::HeaderValue};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use upseed_reach::{Connection, Limits};
use url::Url;

use crate::{Settings, TransmissionError};

const SESSION_ID: &str = "x-transmission-session-id";

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    // The list of 10,000 torrents took 0.6 s.
    answer: Duration::from_secs(30),
    silence: Duration::from_secs(30),
    // 200 bytes a torrent are 300,000 torrents.
    bytes: 64 << 20,
};

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
    connection: Connection,
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
        Ok(Self {
            connection: Connection::new(&settings.place()?, LIMITS)?,
            session: Mutex::default(),
            refusals: Mutex::default(),
        })
    }

    /// Where it is asked.
    pub fn url(&self) -> Url {
        self.connection.base()
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
            let answer = self.post(&body).await.inspect_err(|_| self.was_away())?;
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
                    return read(&self.connection.read(answer).await?);
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

    async fn post(&self, body: &str) -> Result<reqwest::Response, TransmissionError> {
        let id = self.session_id();
        let sent = self.connection.send("", |http, url| {
            let request = http.post(url).body(body.to_owned());
            let request = request.header("content-type", "application/json");
            match &id {
                Some(id) => request.header(SESSION_ID, id),
                None => request,
            }
        });
        Ok(sent.await?)
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

fn read(bytes: &[u8]) -> Result<Value, TransmissionError> {
    let response: RpcResponse = serde_json::from_slice(bytes)
        // Names of other torrents may be no UTF-8.
        .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(bytes)))
        .map_err(|error| TransmissionError::Foreign(error.to_string()))?;
    if response.result == "success" {
        Ok(response.arguments)
    } else {
        Err(TransmissionError::Failed(line(&response.result)))
    }
}

/// A stranger's words on one line, for people.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
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
