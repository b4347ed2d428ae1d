//! Starting to answer.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension, Router, extract::DefaultBodyLimit, middleware, response::Redirect, routing::get,
};
use tokio::net::{TcpListener, UnixListener};
use upseed_client::Client;
use upseed_node::{Config, Folder, FolderError, Node, NodeError};
use upseed_serve::{Addresses, Hosts, Limits, Network, Reached};
use zeroize::Zeroizing;

use crate::{access::links, error::HttpError, guard, json, server::Server, view};

/// Largest request body: a text of 64 KiB, escaped as JSON or as a form at worst six-fold.
const MAX_BODY: usize = 512 << 10;

/// Where a node answers.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where the API and the view listen; loopback unless the user says otherwise.
    pub listen: SocketAddr,
    /// Host names beside the loopback ones under which they may be called.
    pub hosts: Vec<String>,
    /// Reverse proxies that are believed by which address a request came.
    pub proxies: Vec<Network>,
}

/// Starts a node that answers HTTP: everything is bound, opened and joined when this returns.
/// `client` is the one that its user runs; without it the embedded engine hosts everything.
pub async fn start(
    config: ServerConfig,
    node: Config,
    client: Option<Arc<dyn Client>>,
) -> Result<Server, NodeError> {
    let claim = Folder::new(node.data).claim()?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| NodeError::Listen {
        address: config.listen.to_string(),
        reason: error.to_string(),
    })?;
    let node = Node::start_claimed(claim, node.swarm, &node.first_boards, client).await?;
    let served = serve(&node, listener, &config);
    if served.is_err() {
        node.stop().await;
    }
    served
}

/// Answers for a node that runs, until it stops; the command finds it from now on.
fn serve(node: &Node, listener: TcpListener, config: &ServerConfig) -> Result<Server, NodeError> {
    let address = listener.local_addr().map_err(FolderError::file(node.folder().path()))?;
    let server = Server::new(node.clone(), reached_at(address))?;
    let addresses = Addresses::new(Hosts::new(address, &config.hosts), &config.proxies);
    let app = router(&server, node.folder().token_or_new()?, addresses);
    let owner = node.folder().listen_for_owner().and_then(UnixListener::from_std);
    match owner {
        Ok(owner) => {
            let (app, stopping) = (app.clone(), node.clone());
            node.spawn(async move {
                upseed_serve::serve_owner(owner, app, Limits::default(), stopping.stopped()).await;
            });
        }
        Err(error) => tracing::warn!(
            %error,
            "the data folder's disk has no sockets: who fills the node's port also holds up its commands"
        ),
    }
    let stopping = node.clone();
    node.spawn(async move {
        upseed_serve::serve(listener, app, Limits::default(), stopping.stopped()).await;
    });
    node.folder().set_running(server.address(), address)?;
    Ok(server)
}

/// On every interface, and so on this machine's own: there its commands and links lead.
fn reached_at(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn router(server: &Server, token: Zeroizing<String>, addresses: Addresses) -> Router {
    let guard = guard::Guard::new(token, server, addresses);
    Router::new()
        .route("/", get(home))
        .nest("/upseed/api/v1", json::router().layer(middleware::from_fn(guard::api)))
        .merge(view::router())
        .fallback(async || HttpError::not_found())
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(server.clone())
}

async fn home(Extension(reached): Extension<Reached>) -> Redirect {
    Redirect::to(&links(&reached).home())
}
