//! The running node, as the commands talk to it.

use std::{path::PathBuf, time::Duration};

use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use upseed_api::ApiError;
use upseed_node::{Folder, OwnerSocket};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// A node that runs on the data folder.
#[derive(Clone)]
pub(crate) struct Remote {
    base: String,
    token: Zeroizing<String>,
    http: reqwest::Client,
    /// By which it is reached where its disk has sockets: nobody else can fill that.
    _socket: Option<OwnerSocket>,
    pid: u32,
    /// What the node was asked to wait for others, or takes for its own work.
    patience: Duration,
    /// How much longer its answer may take, whole, before it counts as hung.
    margin: Duration,
}

/// A node under load, on a slow disk, answers late; one that hangs never does.
const MARGIN: Duration = Duration::from_secs(60);

/// For what needs a proof of work: seconds by themselves, minutes on a small machine when a board's
/// day is flooded.
const PROOF: Duration = Duration::from_secs(15 * 60);

/// The data folder: `--data`, `UPSEED_DATA`, or the platform's.
pub(crate) fn folder(data: Option<PathBuf>) -> Result<Folder, Failure> {
    let path = match data {
        Some(path) => path,
        None => directories::ProjectDirs::from("", "", "upseed")
            .ok_or_else(|| {
                Failure::user("this account has no home folder").hint("Give --data DIR.")
            })?
            .data_dir()
            .to_owned(),
    };
    Ok(Folder::new(path))
}

impl Remote {
    /// Finds the node of a folder.
    pub fn find(folder: &Folder) -> Result<Self, Failure> {
        let Some(running) = folder.running() else {
            let path = folder.path().display();
            if folder.is_locked() {
                return Err(Failure::user(format!(
                    "the node on {path} is just starting or stopping"
                ))
                .hint("Try again in a moment."));
            }
            return Err(Failure::user(format!("no node is running on {path}"))
                .hint(format!("Start it with `upseed run --data {path}` and leave it running.")));
        };
        let socket = folder.owner_socket();
        let mut http =
            reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(5));
        if let Some(socket) = &socket {
            http = http.unix_socket(socket.path());
        }
        let http = http.build().map_err(|error| Failure::fault(error.to_string()))?;
        let base = format!("http://{}/upseed/api/v1", running.address);
        let (token, pid) = (folder.token()?, running.pid);
        Ok(Self {
            base,
            token,
            http,
            _socket: socket,
            pid,
            patience: Duration::ZERO,
            margin: MARGIN,
        })
    }

    /// The same node, for a request by which it may wait so many seconds: for a header, then as long
    /// for its text.
    pub fn patient(&self, seconds: u64) -> Self {
        Self { patience: Duration::from_secs(2 * seconds), ..self.clone() }
    }

    /// The same node, for a request for which it finds a proof of work.
    pub fn working(&self) -> Self {
        Self { patience: PROOF, ..self.clone() }
    }

    /// Asks for JSON.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<T, Failure> {
        let request = self.request(Method::GET, path).query(query);
        self.read(self.send(request).await?).await
    }

    /// Asks for JSON of what may have gone.
    pub async fn get_if_there<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<Option<T>, Failure> {
        let request = self.request(Method::GET, path).query(query);
        let response = self.answer(request).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        self.read(self.accepted(response).await?).await.map(Some)
    }

    /// Sends JSON and gets JSON.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.read(self.send(self.request(Method::POST, path).json(body)).await?).await
    }

    /// Sends bytes and gets JSON.
    pub async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, Failure> {
        self.read(self.send(self.request(Method::POST, path).body(body)).await?).await
    }

    /// Gets bytes, and what a header says if it is there.
    pub async fn get_part(
        &self,
        path: &str,
        query: &impl Serialize,
        header: &str,
    ) -> Result<(Vec<u8>, Option<String>), Failure> {
        let response = self.send(self.request(Method::GET, path).query(query)).await?;
        let said = response.headers().get(header).and_then(|value| value.to_str().ok());
        let said = said.map(str::to_owned);
        let bytes = response.bytes().await.map_err(|error| self.broken(&error))?;
        Ok((bytes.to_vec(), said))
    }

    /// Gets bytes.
    pub async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let response = self.send(self.request(Method::GET, path)).await?;
        Ok(response.bytes().await.map_err(|error| self.broken(&error))?.to_vec())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.bearer_auth(&*self.token).timeout(self.patience + self.margin)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Failure> {
        self.accepted(self.answer(request).await?).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Failure> {
        request.send().await.map_err(|error| {
            if error.is_timeout() && !error.is_connect() {
                return self.hangs();
            }
            Failure::user(format!("the node does not answer: {}", plain(&error)))
                .hint("It may just be starting or stopping: try again in a moment.")
        })
    }

    /// An answer that is no refusal.
    async fn accepted(&self, response: reqwest::Response) -> Result<reqwest::Response, Failure> {
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let refused: Option<ApiError> = response.json().await.ok();
        let (message, hint) = match refused {
            Some(ApiError { error, hint, .. }) => (error, hint),
            None => (format!("the node answered {status}"), None),
        };
        let failure = match status {
            StatusCode::INTERNAL_SERVER_ERROR => Failure::fault(message),
            _ => Failure::user(message),
        };
        Err(failure.maybe_hint(hint))
    }

    async fn read<T: DeserializeOwned>(&self, response: reqwest::Response) -> Result<T, Failure> {
        response.json().await.map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() {
            return self.hangs();
        }
        Failure::fault(format!("the node's answer broke off: {}", plain(error)))
    }

    fn hangs(&self) -> Failure {
        let seconds = (self.patience + self.margin).as_secs();
        Failure::user(format!("the node runs, but did not answer in {seconds} seconds")).hint(format!(
            "Look at what it prints. If it hangs, end it (process {}) and start it again: what you did \
             before is kept.",
            self.pid
        ))
    }
}

/// The innermost reason: the outer ones only repeat the address.
fn plain(error: &dyn std::error::Error) -> String {
    let mut reason = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    reason.to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
    };

    use super::*;

    /// A node that accepts, reads the request, says `said` and nothing more.
    fn hung(said: &'static [u8]) -> Remote {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for mut caller in listener.incoming().flatten() {
                let _ = caller.read(&mut [0; 1_024]);
                let _ = caller.write_all(said);
                open.push(caller);
            }
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (token, margin) = (Zeroizing::new("token".into()), Duration::from_millis(200));
        Remote { base, token, http, _socket: None, pid: 4_711, patience: Duration::ZERO, margin }
    }

    #[tokio::test]
    async fn a_node_that_says_nothing_is_not_waited_for_for_ever() {
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[";
        for node in [hung(b""), hung(half)] {
            let asked = [
                node.status().await.map(drop),
                node.one_time_link().await.map(drop),
                node.import(vec![0; 10]).await.map(drop),
            ];
            let bytes = node.get_bytes("/torrents/x").await.map(drop);
            for failed in asked.into_iter().chain([bytes]) {
                let told = format!("{:?}", failed.unwrap_err());
                assert!(told.contains("did not answer in 0 seconds"), "{told}");
                assert!(told.contains("process 4711") && told.contains("code: 1"), "{told}");
            }
        }
    }

    #[tokio::test]
    async fn a_node_that_was_asked_to_wait_is_given_its_time() {
        let node = hung(b"");
        let failed = node.item("x", 1).await;
        let told = format!("{:?}", failed.unwrap_err());
        assert!(told.contains("did not answer in 2 seconds"), "{told}");
        assert!(node.working().patience >= Duration::from_secs(600));
    }
}
