//! The bridge to qBittorrent.

pub mod proxy;
