//! The running node, as the commands talk to it.

use std::{path::PathBuf, time::Duration};

use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use upseed_node::Folder;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// A node that runs on the data folder.
pub(crate) struct Remote {
    base: String,
    token: Zeroizing<String>,
    http: reqwest::Client,
}

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
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| Failure::fault(error.to_string()))?;
        let base = format!("http://{}/upseed/api/v1", running.address);
        Ok(Self { base, token: folder.token()?, http })
    }

    /// Asks for JSON.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        let request = self.request(Method::GET, path).query(query);
        read(self.send(request).await?).await
    }

    /// Sends JSON and gets JSON.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        read(self.send(self.request(Method::POST, path).json(body)).await?).await
    }

    /// Sends bytes and gets JSON.
    pub async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, Failure> {
        read(self.send(self.request(Method::POST, path).body(body)).await?).await
    }

    /// Gets bytes.
    pub async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let response = self.send(self.request(Method::GET, path)).await?;
        Ok(response.bytes().await.map_err(broken)?.to_vec())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&*self.token)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Failure> {
        let response = request.send().await.map_err(|error| {
            Failure::user(format!("the node does not answer: {}", plain(&error)))
                .hint("It may just be starting or stopping: try again in a moment.")
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        let message = answer["error"]
            .as_str()
            .map_or_else(|| format!("the node answered {status}"), str::to_owned);
        let failure = match status {
            StatusCode::INTERNAL_SERVER_ERROR => Failure::fault(message),
            _ => Failure::user(message),
        };
        Err(failure.maybe_hint(answer["hint"].as_str().map(str::to_owned)))
    }
}

async fn read<T: DeserializeOwned>(response: reqwest::Response) -> Result<T, Failure> {
    response.json().await.map_err(broken)
}

fn broken(error: reqwest::Error) -> Failure {
    Failure::fault(format!("the node's answer broke off: {}", plain(&error)))
}

/// The innermost reason: the outer ones only repeat the address.
fn plain(error: &dyn std::error::Error) -> String {
    let mut reason = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    reason.to_string()
}
