//! An HTTP/1 listener that slow or greedy callers cannot hold.
//!
//! `axum::serve` waits for a request's headers as long as the caller likes, and takes any number of
//! connections. Here both have a bound. [`Hosts`] keeps out pages that got here by a name of their own.
//!
//! ```
//! use axum::{Router, routing::get};
//! use tokio::{io::{AsyncReadExt as _, AsyncWriteExt as _}, net::{TcpListener, TcpStream}, sync::oneshot};
//! use upseed_serve::{Limits, serve};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let app = Router::new().route("/", get(async || "Hello"));
//! let (stop, stopped) = oneshot::channel::<()>();
//! let served = tokio::spawn(serve(listener, app, Limits::default(), async { drop(stopped.await) }));
//!
//! let mut caller = TcpStream::connect(address).await?;
//! caller.write_all(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").await?;
//! let mut answer = String::new();
//! caller.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("Hello"));
//!
//! drop(stop);
//! served.await?;
//! # Ok(())
//! # }
//! ```

mod hosts;
mod listen;
mod network;
mod reached;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::Service as _};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, UnixListener},
    pin, select,
    sync::Semaphore,
    time::{sleep, timeout},
};

pub use hosts::Hosts;
use listen::Listen;
pub use network::{Network, NotANetwork};
pub use reached::{Addresses, Brought, Misreached, PASSED_ON, Reached};

/// What callers may take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest that a connection may take over the headers of its next request, idle time included.
    pub headers: Duration,
    /// Connections at a time; further ones wait.
    pub connections: usize,
    /// How long requests under way may go on after the end.
    pub farewell: Duration,
}

impl Default for Limits {
    /// For one person's browser, clients and commands: a page with its streams has ten connections.
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(30),
            connections: 512,
            farewell: Duration::from_secs(5),
        }
    }
}

/// Answers with `app` until `stop` completes. Handlers find the caller's address as
/// [`ConnectInfo`]`<SocketAddr>`.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    answer(listener, app, limits, stop).await;
}

/// Answers with `app` on a socket in the file system: to this process's user, and to root.
///
/// Whoever can open connections at all can take every place of a port. This socket has places of its own, and
/// descriptors that callers of a port never get. Handlers find no address of the caller.
pub async fn serve_owner(
    listener: UnixListener,
    app: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    answer(listener, app, limits, stop).await;
}

async fn answer<L: Listen>(
    listener: L,
    app: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let under_way = GracefulShutdown::new();
    pin!(stop);
    loop {
        let next = async {
            // Never closed.
            let place = places.clone().acquire_owned().await.ok();
            (place, accept(&listener).await)
        };
        let (place, (stream, caller)) = select! {
            next = next => next,
            () = &mut stop => break,
        };
        let app = TowerToHyperService::new(app.clone());
        let answer = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            if let Some(caller) = caller {
                request.extensions_mut().insert(ConnectInfo(caller));
            }
            app.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.headers)
            .serve_connection(TokioIo::new(stream), answer);
        let connection = under_way.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, ?caller, "a connection was cut off");
            }
            drop(place);
        });
    }
    drop(listener);
    if timeout(limits.farewell, under_way.shutdown()).await.is_err() {
        tracing::debug!("requests were cut off at the end");
    }
}

async fn accept<L: Listen>(listener: &L) -> (L::Stream, Option<SocketAddr>) {
    loop {
        match listener.next().await {
            Ok(Some(accepted)) => return accepted,
            Ok(None) => tracing::debug!("a caller was turned away"),
            Err(error) => {
                // Out of file descriptors, most likely: that passes.
                tracing::warn!(%error, "no connection can be taken");
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
}
