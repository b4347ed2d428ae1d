//! The user's own peers that have names: looked up while they are not met.

use std::{net::SocketAddr, time::Duration};

use crate::{
    Node,
    names::{Pause, look_up},
    rooms::Command,
};

/// Before the second look-up, and between looks at whether they are met.
const FIRST: Duration = Duration::from_secs(3);

/// Has a peer dialled wherever its name leads, until the node stops.
pub(crate) async fn follow(node: Node, name: String) {
    let mut pause = Pause::from(FIRST);
    let mut known: Vec<SocketAddr> = Vec::new();
    let (mut told, mut told_hidden) = (false, false);
    loop {
        let connected = node.inner.rooms.connected().await;
        if known.iter().any(|addr| connected.contains(addr)) {
            pause.begin_again();
        } else if !node.inner.swarm.may_look_names_up() {
            if node.inner.swarm.is_proxied() && !std::mem::replace(&mut told_hidden, true) {
                tracing::warn!(
                    "--peer {name}: behind the client's proxy names are not looked up, which would show \
                     them; give its address"
                );
            }
        } else {
            match look_up(&name).await {
                Ok(mut found) => {
                    // Name servers give them in any order.
                    found.sort_unstable();
                    if found != known {
                        tracing::info!(%name, ?found, "a peer was looked up");
                        known.clone_from(&found);
                        node.inner.rooms.send(Command::Named(name.clone(), found));
                    }
                    told = false;
                }
                // The addresses of before may still be right.
                Err(error) if !told => {
                    told = true;
                    tracing::warn!(
                        "--peer {name}: {error}; it is looked up again until it is known"
                    );
                }
                Err(_) => {}
            }
        }
        tokio::time::sleep(pause.take()).await;
    }
}
