//! The web UI of a connected client, with the Social tab in it.

use tokio::{net::TcpListener, task::JoinHandle};
use upseed_node::Node;
use upseed_qbittorrent::{
    Doorway,
    api::Api,
    proxy::{self, Exposure},
};

use crate::{args::ClientKind, clients::Kept, failure::Failure, print};

/// Opens the port, if the client's settings allow to be shown there.
pub(crate) async fn bind(
    kept: &Kept,
    password: &str,
    listen: std::net::SocketAddr,
) -> Result<TcpListener, Failure> {
    if kept.client == ClientKind::Qbittorrent && !listen.ip().is_loopback() {
        may_be_shown(kept, password, listen).await?;
    }
    TcpListener::bind(listen).await.map_err(|error| {
        Failure::user(format!("the client's web UI cannot be served on {listen}: {error}"))
            .hint("Stop what uses it, or choose another one with --proxy-listen.")
    })
}

async fn may_be_shown(
    kept: &Kept,
    password: &str,
    listen: std::net::SocketAddr,
) -> Result<(), Failure> {
    let refused = |error: upseed_qbittorrent::api::ApiError| {
        Failure::user(error.to_string()).hint(error.hint())
    };
    let api = Api::new(kept.qbittorrent(password)?).map_err(refused)?;
    let preferences = api.preferences().await.map_err(refused)?;
    let seen_from =
        if api.settings().is_local() { std::net::Ipv4Addr::LOCALHOST.into() } else { listen.ip() };
    let wrong = format!("qBittorrent would let everybody in who comes by {listen}");
    match proxy::exposure(&preferences, listen, seen_from) {
        Exposure::Fine | Exposure::Shared => Ok(()),
        Exposure::MustSet => Err(Failure::user(wrong).hint(
            "In qBittorrent: Options, Web UI, Enable reverse proxy support, trusted proxies \
             127.0.0.1. Or listen on 127.0.0.1.",
        )),
        Exposure::Refuse => Err(Failure::user(wrong).hint(
            "Its list of subnets without a password has everybody in it (Options, Web UI). Or \
             listen on 127.0.0.1.",
        )),
    }
}

/// Serves it beside the node.
pub(crate) fn serve(
    listener: TcpListener,
    kept: &Kept,
    node: &Node,
    hosts: Vec<String>,
) -> Result<JoinHandle<()>, Failure> {
    let address = listener.local_addr().map_err(|error| Failure::fault(error.to_string()))?;
    let upstream = match kept.client {
        ClientKind::Embedded => return Err(Failure::fault("the embedded engine has no web UI")),
        ClientKind::Qbittorrent => kept.qbittorrent("")?.url,
        ClientKind::Transmission => {
            let url = kept.transmission("").address();
            url.map_err(|error| Failure::user(error.to_string()))?
        }
    };
    let minting = node.clone();
    let doorway = Doorway::new(node.address(), move || {
        minting.frame_token().map_err(|error| error.to_string())
    });
    let stopped = node.clone();
    let stop = async move { stopped.stopped().await };
    let client = kept.client;
    let (name, path) = match client {
        ClientKind::Transmission => ("Transmission", "transmission/web/"),
        _ => ("qBittorrent", ""),
    };
    print::out(&format!("{name}'s web UI with Upseed in it: http://{address}/{path}"));
    Ok(tokio::spawn(async move {
        let served = if client == ClientKind::Transmission {
            let (hosts, stop) = (&hosts, stop);
            upseed_transmission::proxy::serve(listener, upstream, doorway, hosts, stop).await
        } else {
            proxy::serve(listener, upstream, doorway, &hosts, stop).await
        };
        if let Err(error) = served {
            print::err(&format!("error: the client's web UI is not served any more: {error}"));
        }
    }))
}
