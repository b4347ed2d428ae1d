//! The bridge to Transmission.

pub mod proxy;
