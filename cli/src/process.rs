//! The process: when it is to end, and what it logs.

use std::io::IsTerminal as _;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Completes at Ctrl-C or SIGTERM. They are caught from the call on, not only once it is awaited.
pub(crate) fn interrupted() -> impl Future<Output = ()> {
    let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(caught);
    async {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

fn caught(kind: SignalKind) -> impl Future<Output = ()> {
    let caught = signal(kind);
    async {
        match caught {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    }
}

/// Sets up messages on standard error: `UPSEED_LOG` chooses them.
pub(crate) fn log(default: &str) {
    let filter = EnvFilter::try_from_env("UPSEED_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // Fails only if it was done before.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // It would print that it cannot print, and that panics when standard error is closed.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}
