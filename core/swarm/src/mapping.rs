//! Ports that the router opened.

/// How the router was asked for a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MappedBy {
    /// UPnP.
    Upnp,
    /// NAT-PMP or PCP.
    NatPmp,
}

/// A port that the router says it has opened, TCP or UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// How it was asked.
    pub by: MappedBy,
    /// The port outside.
    pub port: u16,
}
