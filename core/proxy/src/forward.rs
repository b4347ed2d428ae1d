//! Requests to the upstream and to the node.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, header},
};
use reqwest::{Client, Response, Url, redirect::Policy};
use tokio_stream::StreamExt as _;

use crate::host::Host;

const CONNECT: Duration = Duration::from_secs(10);

/// How long is waited.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the beginning of an answer.
    answer: Duration,
    /// The same where something is sent along, perhaps slowly.
    upload: Duration,
    /// In the middle of an answer.
    stall: Duration,
}

const PATIENCE: Patience = Patience {
    // qBittorrent takes 13 seconds for a list of 30,000 torrents.
    answer: Duration::from_secs(120),
    upload: Duration::from_secs(1_800),
    stall: Duration::from_secs(60),
};

/// For the question whether somebody is logged in.
const ASK: Duration = Duration::from_secs(20);

/// Largest body without an announced length. Clients do not understand chunks, so it is held.
const MAX_CHUNKED: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForwardError {
    #[error("nobody listens there")]
    Connect(#[source] reqwest::Error),
    #[error("its certificate is not trusted")]
    Certificate(#[source] reqwest::Error),
    #[error("its answer was cut off or is not HTTP")]
    Answer(#[source] reqwest::Error),
    #[error("it took too long")]
    Late,
    #[error("the address is not valid")]
    Address,
    #[error("the request is larger than announced, or was cut off")]
    Body,
}

impl From<reqwest::Error> for ForwardError {
    fn from(error: reqwest::Error) -> Self {
        // The address may hold a token, and errors get into logs.
        let error = error.without_url();
        // As OpenSSL says it: reqwest has no word of its own for it.
        let cause = last_cause(&error);
        match cause.is_some_and(|cause| cause.contains("certificate")) {
            true => Self::Certificate(error),
            false if error.is_connect() => Self::Connect(error),
            false => Self::Answer(error),
        }
    }
}

/// What really happened.
fn last_cause(error: &dyn std::error::Error) -> Option<String> {
    let mut cause = error.source();
    while let Some(next) = cause.and_then(std::error::Error::source) {
        cause = Some(next);
    }
    cause.map(ToString::to_string)
}

impl ForwardError {
    /// The last of the causes, which names what really happened.
    pub fn cause(&self) -> String {
        last_cause(self).unwrap_or_default()
    }
}

/// The connections to both.
#[derive(Debug)]
pub(crate) struct Forward {
    client: Client,
    patience: Patience,
}

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
        Ok(Self { client: client.build()?, patience: PATIENCE })
    }

    /// Asks without a body, and is not interested in the answer's.
    pub async fn ask(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Response, ForwardError> {
        let sent = self.client.request(method, url).headers(headers).timeout(ASK).send();
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
        let request = self.client.request(method, url).headers(headers);
        let (request, patience) = if chunked {
            let held = axum::body::to_bytes(body, MAX_CHUNKED).await;
            let held = held.map_err(|_| ForwardError::Body)?;
            (request.header(header::CONTENT_LENGTH, held.len()).body(held), self.patience.answer)
        } else if length.is_some() {
            // The length was passed with the headers.
            (
                request.body(reqwest::Body::wrap_stream(body.into_data_stream())),
                self.patience.upload,
            )
        } else {
            (request, self.patience.answer)
        };
        match tokio::time::timeout(patience, request.send()).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(ForwardError::Late),
        }
    }
}

impl Forward {
    /// The next part of an answer.
    pub async fn chunk(&self, answer: &mut Response) -> Result<Option<Bytes>, ForwardError> {
        let part = tokio::time::timeout(self.patience.stall, answer.chunk()).await;
        Ok(part.map_err(|_| ForwardError::Late)??)
    }

    /// The rest of an answer, as it comes. One that stops in the middle must not hold the browser
    /// for ever.
    pub fn streamed(&self, answer: Response) -> Body {
        let parts = answer.bytes_stream().timeout(self.patience.stall);
        Body::from_stream(parts.map(|part| match part {
            Ok(part) => part.map_err(axum::Error::new),
            Err(late) => Err(axum::Error::new(late)),
        }))
    }
}

/// The status that goes with a failure.
pub(crate) fn status_of(error: &ForwardError) -> StatusCode {
    match error {
        ForwardError::Late => StatusCode::GATEWAY_TIMEOUT,
        ForwardError::Body => StatusCode::PAYLOAD_TOO_LARGE,
        ForwardError::Address => StatusCode::BAD_REQUEST,
        ForwardError::Connect(_) | ForwardError::Certificate(_) | ForwardError::Answer(_) => {
            StatusCode::BAD_GATEWAY
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
    };

    use super::*;
    use crate::host::tests::host;

    /// Says that and then nothing more, and does not hang up.
    fn silent_after(said: &'static str) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(said.as_bytes()).unwrap();
            // Until the other side gives up.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        url
    }

    const SHORT: Duration = Duration::from_millis(100);
    /// For what does come.
    const LONG: Duration = Duration::from_secs(300);

    fn patient(answer: Duration, stall: Duration) -> Forward {
        let patience = Patience { answer, upload: answer, stall };
        Forward { patience, ..Forward::new(&host("http://127.0.0.1/")).unwrap() }
    }

    async fn ask(url: Url, answer: Duration) -> Result<Response, ForwardError> {
        let none = HeaderMap::new();
        let forward = patient(answer, LONG);
        forward.pass(Method::GET, url, none.clone(), &none, Body::empty()).await
    }

    #[tokio::test]
    async fn no_answer_ends() {
        for said in ["", "HTTP/1.1 200 OK\r\nContent-"] {
            let url = silent_after(said);
            assert!(matches!(ask(url, SHORT).await, Err(ForwardError::Late)), "{said:?}");
        }
    }

    #[tokio::test]
    async fn half_an_answer_ends() {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
        let url = silent_after(half);
        let body = patient(LONG, SHORT).streamed(ask(url, LONG).await.unwrap());
        assert!(axum::body::to_bytes(body, 100).await.is_err());
        let url = silent_after(half);
        let mut answer = ask(url, LONG).await.unwrap();
        assert_eq!(patient(LONG, LONG).chunk(&mut answer).await.unwrap().unwrap(), "half");
        assert!(matches!(patient(LONG, SHORT).chunk(&mut answer).await, Err(ForwardError::Late)));
    }
}
