//! The node's own warnings, for the log of the program that it runs in.

use std::{
    io::{self, Write},
    sync::mpsc::{SyncSender, sync_channel},
};

use parking_lot::{Mutex, MutexGuard};
use pyo3::prelude::*;
use tracing_subscriber::filter::LevelFilter;

use crate::error::wrong;

/// Lines that wait for Python; if it is busy for longer the next ones are dropped.
const MAX_LINES: usize = 200;

/// Where the lines go; nowhere while nobody hears them.
static HEARER: Mutex<Option<SyncSender<String>>> = Mutex::new(None);

fn hearer() -> MutexGuard<'static, Option<SyncSender<String>>> {
    HEARER.lock()
}

/// Calls `callable` with each warning and error of every node, one line of text each, from a thread
/// of its own, until the next call; None ends that.
#[pyfunction]
pub fn log_to(callable: Option<Py<PyAny>>) -> PyResult<()> {
    let Some(callable) = callable else {
        *hearer() = None;
        return Ok(());
    };
    let (sender, receiver) = sync_channel::<String>(MAX_LINES);
    // The first time in a process; after that it is there.
    let _ = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_writer(|| Line(Vec::new()))
        .try_init();
    *hearer() = Some(sender);
    let hand_on = move || {
        for line in receiver {
            // None: the interpreter is ending, and nobody reads logs any more. What the callable
            // raises is its own matter.
            if Python::try_attach(|py| callable.call1(py, (line,)).map(drop)).is_none() {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("upseed-log".into()).spawn(hand_on);
    thread.map(drop).map_err(|error| wrong(format!("the log's thread cannot be started: {error}")))
}

/// One event, sent on when it is whole.
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.0);
        let line: String = text.trim().chars().take(500).collect();
        if !line.is_empty()
            && let Some(hearer) = &*hearer()
        {
            // Full: a line is lost rather than the node held up.
            let _ = hearer.try_send(line);
        }
    }
}
