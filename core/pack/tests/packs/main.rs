//! Packs: written, read whole and by the page, compared with a dumb oracle, and refused in each way of being wrong.

// Helpers outside of test functions, too.
#![allow(clippy::unwrap_used)]

mod forge;
mod hostile;
mod oracle;
mod pool;
mod whole;
