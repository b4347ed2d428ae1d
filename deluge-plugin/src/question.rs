//! How the node asks Deluge: a question goes to Python with a reply to be filled in later, on
//! Deluge's own reactor.

use std::time::Duration;

use parking_lot::Mutex;
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use upseed_client::ClientError;

use crate::error::of_deluge;

/// Longest that Deluge may take: 200 torrents take it about eight seconds, and its reactor may be
/// busy with something else.
const PATIENCE: Duration = Duration::from_secs(120);

/// Most bytes of an answer: 100,000 torrents of about 60 bytes each.
const MAX_ANSWER: usize = 8 << 20;

type Said = Result<String, String>;

/// Where the answer to one question goes. Only the first word counts; an answer that is forgotten
/// without a word is a failure.
#[pyclass(frozen)]
pub struct Reply(Mutex<Option<oneshot::Sender<Said>>>);

impl Reply {
    fn say(&self, said: Said) {
        let sender = self.0.lock().take();
        if let Some(sender) = sender {
            // Whoever asked may have stopped waiting.
            let _ = sender.send(said);
        }
    }
}

#[pymethods]
impl Reply {
    /// The answer, as JSON.
    fn done(&self, json: String) {
        if json.len() > MAX_ANSWER {
            return self.say(Err("the answer is too long".into()));
        }
        self.say(Ok(json));
    }

    /// Why there is none.
    fn fail(&self, reason: &str) {
        self.say(Err(reason.chars().take(500).collect()));
    }
}

/// What a question is about.
#[derive(Debug, Clone)]
pub enum About {
    Nothing,
    Items(Vec<String>),
    /// Infohash and .torrent.
    Torrents(Vec<(String, Vec<u8>)>),
}

/// Asks the Python side `client.ask(what, about, reply)`, which must return at once.
pub async fn ask<T: DeserializeOwned>(
    client: &Py<PyAny>,
    what: &'static str,
    about: About,
) -> Result<T, ClientError> {
    let (sender, receiver) = oneshot::channel();
    let client = Python::attach(|py| client.clone_ref(py));
    // Python may be busy, and then waiting for it must not hold up the node's other tasks.
    let asked = tokio::task::spawn_blocking(move || {
        Python::attach(|py| {
            let reply = Py::new(py, Reply(Mutex::new(Some(sender))))?;
            let about = match about {
                About::Nothing => py.None(),
                About::Items(ids) => ids.into_pyobject(py)?.into_any().unbind(),
                About::Torrents(torrents) => {
                    let torrents = torrents
                        .into_iter()
                        .map(|(id, torrent)| (id, pyo3::types::PyBytes::new(py, &torrent)));
                    torrents.collect::<Vec<_>>().into_pyobject(py)?.into_any().unbind()
                }
            };
            client.call_method1(py, "ask", (what, about, reply)).map(drop)
        })
    });
    match asked.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(of_deluge(format!("{what}: {error}"))),
        Err(error) => return Err(of_deluge(format!("asking Deluge failed: {error}"))),
    }
    let said = match tokio::time::timeout(PATIENCE, receiver).await {
        Ok(Ok(said)) => said.map_err(of_deluge)?,
        Ok(Err(_)) => return Err(of_deluge(format!("{what}: Deluge did not answer"))),
        Err(_) => return Err(of_deluge(format!("{what}: no answer in {PATIENCE:?}"))),
    };
    serde_json::from_str(&said)
        .map_err(|error| of_deluge(format!("{what}: the answer is not understood: {error}")))
}
