//! The process: when it is to end, and what it logs.

use std::io::IsTerminal as _;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Completes at Ctrl-C or SIGTERM, or when its terminal is closed. They are caught from the call on, not only once it is
/// awaited.
pub(crate) fn interrupted() -> impl Future<Output = ()> {
    let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(caught);
    // `nohup` has it ignored, and that is its user's word.
    let hangup = (!is_hangup_ignored()).then(|| caught(SignalKind::hangup()));
    async {
        let hangup = async {
            match hangup {
                Some(hangup) => hangup.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
            () = hangup => {}
        }
    }
}

/// Whether this process was started with SIGHUP ignored: the lowest bit of what Linux tells as `SigIgn`.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 1)
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
