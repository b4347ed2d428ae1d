//! By what others on the internet reach a node, in words.

use upseed_api::Status;
use upseed_model::Reachability;

/// By what others on the internet reach the node.
pub(crate) fn reached(status: &Status) -> String {
    let (port, own) = (status.outside_port, status.swarm_port);
    let by_router = |how: &str| {
        let seen =
            if status.was_reached { "others came by it" } else { "nobody came by it so far" };
        format!("port {port}, which the router opened by {how}; {seen}")
    };
    match status.reachable {
        Reachability::Upnp => by_router("UPnP"),
        Reachability::NatPmp => by_router("NAT-PMP"),
        Reachability::Direct => format!("port {port}: others came by themselves"),
        Reachability::Punched => format!(
            "only by members who are told to dial at the same moment (hole punching). To be reached by all, open \
             port {own} (TCP and UDP) on the router"
        ),
        Reachability::Unseen => format!(
            "by nobody from outside so far. Behind a router, open port {own} (TCP and UDP) there, or allow UPnP"
        ),
        Reachability::Proxy => "by nobody: everything goes by the proxy".into(),
        Reachability::Private => "within its private network only".into(),
    }
}
