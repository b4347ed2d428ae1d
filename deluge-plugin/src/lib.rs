//! Upseed as a Python module: what can be said of an item offline, and the whole node for deluged.
//!
//! Where to look: `offline` verifies, inspects, creates and ranks; `node` is a running node; `client`
//! is Deluge's own TorrentManager as the node's client, `heard` takes the node's warnings to Python's
//! log, and `question` is how Rust asks Python
//! without either waiting for the other.
//!
//! *Architecture invariant:* nothing here is called on Deluge's reactor that waits for the disk, the
//! network or the processor, and everything that waits has let go of the interpreter's lock.

mod client;
mod contract;
mod error;
mod heard;
mod node;
mod offline;
mod port;
mod question;

use pyo3::prelude::*;

/// Upseed's node and formats. `upseed/__init__.pyi` has the types.
#[pymodule]
mod _upseed {
    #[pymodule_export]
    use crate::{
        contract::_contract,
        error::UpseedError,
        heard::log_to,
        node::Node,
        offline::{create, inspect, rank, verify},
        port::Port,
        question::Reply,
    };

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
