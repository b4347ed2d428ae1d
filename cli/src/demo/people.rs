//! The people of the demo, each with a node.

use std::{net::SocketAddr, path::Path};

use upseed_http::{Server, ServerConfig};
use upseed_model::BoardName;
use upseed_node::{Config, Node, SwarmConfig};

use super::interrupt::Interrupt;
use crate::{failure::Failure, progress};

/// How the demo calls the one who started it.
pub(super) const YOU: &str = "you";

const NAMES: [&str; 6] = ["ada", "ben", "chen", "dora", "emil", YOU];

/// The nodes, in the order of their names.
#[derive(Default)]
pub(super) struct People(Vec<(&'static str, Server)>);

impl People {
    /// Starts them all on loopback; each knows only the one before it. Ends before the next one when
    /// it is interrupted.
    pub async fn start(
        &mut self,
        folder: &Path,
        listen: SocketAddr,
        interrupt: &Interrupt,
    ) -> Result<(), Failure> {
        let bar = progress::bar(NAMES.len() as u64, "starting people");
        let people = &mut self.0;
        for name in NAMES {
            if interrupt.came() {
                break;
            }
            let mut peers = Vec::new();
            if let Some((_, known)) = people.last() {
                peers.push(SocketAddr::from((
                    [127, 0, 0, 1],
                    known.node().status().await?.swarm_port,
                )));
            }
            let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
            let listening = ServerConfig {
                listen: if name == YOU { listen } else { anywhere },
                hosts: Vec::new(),
                proxies: Vec::new(),
            };
            let node = Config {
                data: folder.join(name),
                swarm: SwarmConfig {
                    listen: Some(anywhere),
                    dht: false,
                    lsd: false,
                    bootstrap: Vec::new(),
                    peers,
                    peer_names: Vec::new(),
                },
                first_boards: vec![BoardName::upseed()],
            };
            people.push((name, upseed_http::start(listening, node, None).await?));
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Somebody's node. The names are the story's own.
    pub fn node(&self, name: &str) -> Result<&Node, Failure> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, server)| server.node())
            .ok_or_else(|| Failure::fault(format!("nobody is called {name}")))
    }

    /// The one who started the demo.
    pub fn you(&self) -> &Server {
        &self.0[self.0.len() - 1].1
    }

    /// Ends them all.
    pub async fn stop(self, each: impl Fn()) {
        for (_, server) in self.0 {
            server.stop().await;
            each();
        }
    }
}
