//! Whether others can reach this node, judged by what the router says and by who came.

use upseed_model::Reachability;
use upseed_rooms::RoomsStatus;
use upseed_swarm::{MappedBy, Swarm};

/// By what others reach a node, and at which port.
pub(crate) fn reachability(swarm: &Swarm, rooms: &RoomsStatus) -> (Reachability, u16) {
    let (mapping, port) = (swarm.mapping(), swarm.listen_port());
    let by = match mapping {
        _ if swarm.is_proxied() => Reachability::Proxy,
        _ if swarm.is_private() => Reachability::Private,
        Some(mapping) if mapping.by == MappedBy::Upnp => Reachability::Upnp,
        Some(_) => Reachability::NatPmp,
        None if rooms.was_reached => Reachability::Direct,
        None if rooms.punched > 0 => Reachability::Punched,
        None => Reachability::Unseen,
    };
    (by, mapping.map_or(port, |mapping| mapping.port))
}
