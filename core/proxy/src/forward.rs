//! Requests to the upstream and to the node.

use std::{error::Error as _, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, Method, StatusCode, header},
};
use reqwest::{Client, Response, Url, redirect::Policy};

use crate::host::Host;

const CONNECT: Duration = Duration::from_secs(10);

/// For the beginning of an answer. qBittorrent takes 13 seconds for a list of 30,000 torrents.
const ANSWER: Duration = Duration::from_secs(120);

/// The same where something is sent along, perhaps slowly.
const UPLOAD: Duration = Duration::from_secs(1_800);

/// For the question whether somebody is logged in.
const ASK: Duration = Duration::from_secs(20);

/// Largest body without an announced length. Clients do not understand chunks, so it is held.
const MAX_CHUNKED: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForwardError {
    #[error("nobody listens there")]
    Connect(#[source] reqwest::Error),
    #[error("its answer broke off or was none")]
    Answer(#[source] reqwest::Error),
    #[error("it took too long")]
    Late,
    #[error("the address is none")]
    Address,
    #[error("what was sent is larger than its sender said, or broke off")]
    Body,
}

impl From<reqwest::Error> for ForwardError {
    fn from(error: reqwest::Error) -> Self {
        // The address may hold a token, and errors get into logs.
        let error = error.without_url();
        if error.is_connect() { Self::Connect(error) } else { Self::Answer(error) }
    }
}

impl ForwardError {
    /// The last of the causes, which names what really happened.
    pub fn cause(&self) -> String {
        let mut cause = self.source();
        while let Some(next) = cause.and_then(std::error::Error::source) {
            cause = Some(next);
        }
        cause.map_or_else(String::new, ToString::to_string)
    }
}

/// The connections to both.
#[derive(Debug)]
pub(crate) struct Forward(Client);

impl Forward {
    pub fn new(host: &Host) -> Result<Self, reqwest::Error> {
        let mut client = Client::builder()
            // The environment's proxies are for the world; this is a machine of the user's own.
            .no_proxy()
            .redirect(Policy::none())
            .http1_only()
            .connect_timeout(CONNECT)
            // Shorter than any client keeps a connection (qBittorrent: 7 s), else requests get lost.
            .pool_idle_timeout(Duration::from_secs(3));
        if let Some(certificate) = &host.trust {
            client = client.tls_certs_merge([certificate.clone()]);
        }
        Ok(Self(client.build()?))
    }

    /// Asks without a body, and is not interested in the answer's.
    pub async fn ask(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Response, ForwardError> {
        let sent = self.0.request(method, url).headers(headers).timeout(ASK).send();
        Ok(sent.await?)
    }

    /// Passes a request on. `asked` are its own headers, which say how long the body is.
    pub async fn pass(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        asked: &HeaderMap,
        body: Body,
    ) -> Result<Response, ForwardError> {
        let chunked = asked.contains_key(header::TRANSFER_ENCODING);
        let length = asked.get(header::CONTENT_LENGTH).filter(|length| *length != "0");
        let request = self.0.request(method, url).headers(headers);
        let (request, patience) = if chunked {
            let held = axum::body::to_bytes(body, MAX_CHUNKED).await;
            let held = held.map_err(|_| ForwardError::Body)?;
            (request.header(header::CONTENT_LENGTH, held.len()).body(held), ANSWER)
        } else if length.is_some() {
            // The length was passed with the headers.
            (request.body(reqwest::Body::wrap_stream(body.into_data_stream())), UPLOAD)
        } else {
            (request, ANSWER)
        };
        match tokio::time::timeout(patience, request.send()).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(ForwardError::Late),
        }
    }
}

/// The status that goes with a failure.
pub(crate) fn status_of(error: &ForwardError) -> StatusCode {
    match error {
        ForwardError::Late => StatusCode::GATEWAY_TIMEOUT,
        ForwardError::Body => StatusCode::PAYLOAD_TOO_LARGE,
        ForwardError::Address => StatusCode::BAD_REQUEST,
        ForwardError::Connect(_) | ForwardError::Answer(_) => StatusCode::BAD_GATEWAY,
    }
}
