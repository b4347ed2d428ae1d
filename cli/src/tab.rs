//! The web UI of a connected client, with the Social tab in it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};
use upseed_http::{Server, ServerConfig};
use upseed_qbittorrent::{
    Addresses, Doorway, Hosts, QBittorrent,
    api::ApiError,
    proxy::{self, Exposure},
};

use crate::{args::ClientKind, clients::Kept, failure::Failure, print};

/// Seconds between two looks whether a client that is away may be shown.
const LOOK: Duration = Duration::from_secs(10);

/// Where it is served.
pub(crate) enum Tab {
    /// The port is open.
    Ready(TcpListener),
    /// Only once the client has said that it may be.
    Later(Arc<QBittorrent>, SocketAddr),
}

/// Opens the port, if the client's settings allow to be shown there.
pub(crate) async fn bind(
    qbittorrent: Option<Arc<QBittorrent>>,
    listen: SocketAddr,
) -> Result<Tab, Failure> {
    if let Some(client) = qbittorrent
        && !listen.ip().to_canonical().is_loopback()
    {
        match exposure(&client, listen).await {
            Ok((exposure, seen_from)) => may_be_shown(exposure, seen_from, listen)?,
            Err(error) => {
                print::err(&format!(
                    "note: {error}. Its web UI is not shown on {listen} until it says who may see it"
                ));
                return Ok(Tab::Later(client, listen));
            }
        }
    }
    Ok(Tab::Ready(open(listen).await?))
}

async fn open(listen: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).await.map_err(|error| {
        Failure::user(format!("the client's web UI cannot be served on {listen}: {error}"))
            .hint("Stop what uses it, or choose another one with --proxy-listen.")
    })
}

/// What qBittorrent's settings say, and the address from which it sees the proxy.
async fn exposure(
    client: &QBittorrent,
    listen: SocketAddr,
) -> Result<(Exposure, IpAddr), ApiError> {
    let preferences = client.api().preferences().await?;
    let whereabouts = client.api().whereabouts().await?;
    let seen_from = if whereabouts.here { Ipv4Addr::LOCALHOST.into() } else { whereabouts.us };
    Ok((proxy::exposure(&preferences, listen, seen_from), seen_from))
}

fn may_be_shown(exposure: Exposure, seen_from: IpAddr, listen: SocketAddr) -> Result<(), Failure> {
    let wrong = format!("qBittorrent would let everybody in who comes by {listen}");
    let set = format!(
        "In qBittorrent: Options, Web UI, Enable reverse proxy support, trusted proxies {seen_from}."
    );
    match exposure {
        Exposure::Fine => Ok(()),
        Exposure::Shared => {
            print::err(&format!(
                "warning: to qBittorrent everybody who comes by {listen} is {seen_from}. A few wrong \
                 passwords of anybody ban that address for an hour: everybody there, and your node. \
                 {set}"
            ));
            Ok(())
        }
        Exposure::MustSet => {
            Err(Failure::user(wrong).hint(format!("{set} Or listen on 127.0.0.1.")))
        }
        Exposure::Refuse => Err(Failure::user(wrong).hint(
            "Its list of subnets without a password has everybody in it (Options, Web UI). Or \
             listen on 127.0.0.1.",
        )),
    }
}

/// Waits until a client that was away says that it may be shown, and opens the port.
async fn opened_later(client: &QBittorrent, listen: SocketAddr) -> Result<TcpListener, Failure> {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Ok((exposure, seen_from)) = exposure(client, listen).await {
            may_be_shown(exposure, seen_from, listen)?;
            return open(listen).await;
        }
    }
}

/// Serves it beside the node, behind the same reverse proxies as that.
pub(crate) fn serve(
    tab: Tab,
    kept: &Kept,
    server: &Server,
    front: ServerConfig,
) -> Result<JoinHandle<()>, Failure> {
    let (upstream, trust) = match kept.client {
        ClientKind::Embedded => return Err(Failure::fault("the embedded engine has no web UI")),
        ClientKind::Qbittorrent => {
            let settings = kept.qbittorrent("")?;
            let trust = settings.trusted().map_err(|error| Failure::user(error.to_string()))?;
            (settings.url, trust)
        }
        ClientKind::Transmission => {
            let settings = kept.transmission("");
            let found = settings.address().and_then(|url| Ok((url, settings.trusted()?)));
            found.map_err(|error| Failure::user(error.to_string()))?
        }
    };
    let minting = server.clone();
    let doorway = Doorway::new(server.address(), server.passing_on(), move || {
        minting.frame_token().map_err(|error| error.to_string())
    });
    let stopped = server.node().clone();
    let stop = async move { stopped.stopped().await };
    let client = kept.client;
    let shown = move |listener: &TcpListener| {
        let (name, path) = match client {
            ClientKind::Transmission => ("Transmission", "transmission/web/"),
            _ => ("qBittorrent", ""),
        };
        if let Ok(address) = listener.local_addr() {
            print::out(&format!("{name}'s web UI with Upseed in it: http://{address}/{path}"));
        }
    };
    if let Tab::Ready(listener) = &tab {
        shown(listener);
    }
    Ok(tokio::spawn(async move {
        let listener = match tab {
            Tab::Ready(listener) => listener,
            Tab::Later(qbittorrent, listen) => match opened_later(&qbittorrent, listen).await {
                Ok(listener) => {
                    shown(&listener);
                    listener
                }
                Err(failure) => return failure.print(false),
            },
        };
        let Ok(listen) = listener.local_addr() else { return };
        let addresses = Addresses::new(Hosts::new(listen, &front.hosts), &front.proxies);
        let served = if client == ClientKind::Transmission {
            upseed_transmission::proxy::serve(listener, upstream, trust, doorway, addresses, stop)
                .await
        } else {
            proxy::serve(listener, upstream, trust, doorway, addresses, stop).await
        };
        if let Err(error) = served {
            print::err(&format!("error: the client's web UI is not served any more: {error}"));
        }
    }))
}
