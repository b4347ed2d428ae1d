//! A running node for Python.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use parking_lot::Mutex;
use pyo3::prelude::*;
use serde::Deserialize;
use tokio::runtime::Runtime;
use upseed_client::Client;
use upseed_http::{Server, ServerConfig};
use upseed_model::BoardName;
use upseed_node::{Config, SwarmConfig};

use crate::{
    client::DelugeClient,
    error::{of_node, wrong},
    port::{Port, Shared},
};

/// How long what is left of a node may take to end after it was stopped.
const END: Duration = Duration::from_secs(5);

/// The node's settings, as the plugin keeps them.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    listen: SocketAddr,
    hosts: Vec<String>,
    swarm_listen: Option<SocketAddr>,
    dht: bool,
    lsd: bool,
    bootstrap: Vec<String>,
    peers: Vec<SocketAddr>,
    boards: Vec<BoardName>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            hosts: Vec::new(),
            swarm_listen: None,
            dht: true,
            lsd: true,
            bootstrap: Vec::new(),
            peers: Vec::new(),
            boards: vec![BoardName::upseed()],
        }
    }
}

struct Running {
    server: Server,
    runtime: Runtime,
}

/// One person's node. No method but `start` and `stop` takes longer than a query.
#[pyclass(frozen)]
pub struct Node {
    running: Mutex<Option<Running>>,
    shared: Option<Arc<Shared>>,
    #[pyo3(get)]
    address: String,
}

/// A runtime of its own for what is started from Python.
pub fn runtime() -> PyResult<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("upseed")
        .enable_all()
        .build()
        .map_err(|error| wrong(format!("the node's threads cannot be started: {error}")))
}

/// The Python object as a client, which can be asked from now on and says nothing yet.
pub fn introduce(py: Python<'_>, client: &Py<PyAny>) -> PyResult<(Arc<dyn Client>, Arc<Shared>)> {
    let shared = Shared::new();
    client.call_method1(py, "attach", (Port(shared.clone()),))?;
    Ok((Arc::new(DelugeClient::new(client.clone_ref(py), shared.clone())), shared))
}

/// It may tell what happens in Deluge: there is somebody who hears it.
pub fn listen(py: Python<'_>, client: &Py<PyAny>) -> PyResult<()> {
    client.call_method0(py, "begin").map(drop)
}

impl Node {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        what: impl FnOnce(&Running) -> PyResult<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| {
            let running = self.running.lock();
            running.as_ref().map_or_else(|| Err(wrong("the node is stopped")), what)
        })
    }
}

#[pymethods]
impl Node {
    /// Starts a node on a data folder. `settings` is JSON; `client` is the object that hosts what is
    /// upvoted (None: the node's own engine alone).
    #[staticmethod]
    #[pyo3(signature = (data, settings = "{}", client = None))]
    fn start(
        py: Python<'_>,
        data: PathBuf,
        settings: &str,
        client: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let settings: Settings = serde_json::from_str(settings)
            .map_err(|error| wrong(format!("the settings are wrong: {error}")))?;
        let (hosts, shared) = match &client {
            Some(client) => {
                let (hosts, shared) = introduce(py, client)?;
                (Some(hosts), Some(shared))
            }
            None => (None, None),
        };
        let node = py.detach(|| {
            let runtime = runtime()?;
            let listening = ServerConfig {
                listen: settings.listen,
                hosts: settings.hosts,
                proxies: Vec::new(),
            };
            let config = Config {
                data,
                swarm: SwarmConfig {
                    listen: settings.swarm_listen,
                    dht: settings.dht,
                    lsd: settings.lsd,
                    bootstrap: settings.bootstrap,
                    peers: settings.peers,
                    peer_names: Vec::new(),
                },
                first_boards: settings.boards,
            };
            let started = runtime.block_on(upseed_http::start(listening, config, hosts));
            let server = started.map_err(|error| {
                if let Some(shared) = &shared {
                    shared.close();
                }
                of_node(&error)
            })?;
            let address = server.address().to_string();
            Ok::<_, PyErr>(Self {
                running: Mutex::new(Some(Running { server, runtime })),
                shared,
                address,
            })
        })?;
        if let Some(client) = client
            && let Err(error) = listen(py, &client)
        {
            node.stop(py);
            return Err(error);
        }
        Ok(node)
    }

    /// Ends the node; the second time there is nothing to do.
    fn stop(&self, py: Python<'_>) {
        if let Some(shared) = &self.shared {
            shared.close();
        }
        py.detach(|| {
            let taken = self.running.lock().take();
            if let Some(Running { server, runtime }) = taken {
                runtime.block_on(server.stop());
                drop(server);
                runtime.shutdown_timeout(END);
            }
        });
    }

    /// Whether it runs.
    fn is_running(&self, py: Python<'_>) -> bool {
        // A query of another thread's may hold it.
        py.detach(|| self.running.lock().is_some())
    }

    /// How it stands, as JSON: what `upseed status --json` prints.
    fn status(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |running| {
            let status = running.runtime.block_on(running.server.status());
            serde_json::to_string(&status.map_err(|e| of_node(&e))?).map_err(wrong)
        })
    }

    /// A link that opens the view once, in a browser on this machine.
    fn one_time_link(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |running| running.server.one_time_link().map_err(|e| of_node(&e)))
    }

    /// A short-lived token for one frame with the view in a page of Deluge's.
    fn frame_token(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |running| {
            running.server.frame_token().map(|token| token.to_string()).map_err(|e| of_node(&e))
        })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let running = self.running.get_mut().take();
        if let Some(Running { runtime, .. }) = running {
            // It is forgotten on a thread that must not wait; stopping it in order is `stop`.
            runtime.shutdown_background();
        }
    }
}
