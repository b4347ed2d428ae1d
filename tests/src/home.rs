//! A home: a machine behind a router, which changes the address of whatever leaves and lets nobody in who was not dialled.
//! Inside [`crate::namespace`] only, whose own network is then the internet.

use std::process::{Child, Command};

use crate::until;

/// How a router gives an outside port to a socket inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mapping {
    /// The same one towards everybody, as most routers do.
    Same,
    /// Another one towards each address: nobody can be told where to dial.
    Other,
}

/// A machine on the internet, itself or behind a router. It ends when this is dropped.
pub struct Home {
    machine: Child,
    router: Option<Child>,
    address: String,
}

impl Home {
    /// A machine at `PREFIX.2`, which everybody can reach; `prefix` are the first three bytes of its network, as "192.0.2".
    ///
    /// # Panics
    /// Outside a namespace.
    pub fn without_router(prefix: &str) -> Self {
        let machine = network("the machine");
        connect(prefix, &machine);
        Self { machine, router: None, address: format!("{prefix}.2") }
    }

    /// A machine at 192.168.1.2, whose router others see as `PREFIX.2`.
    ///
    /// # Panics
    /// Outside a namespace, or if `nft` is not there.
    pub fn behind_router(prefix: &str, mapping: Mapping) -> Self {
        let found = Command::new("nft").arg("--version").output();
        assert!(found.is_ok_and(|out| out.status.success()), "{NO_NFT}");
        let [router, machine] = ["the router", "the machine"].map(network);
        connect(prefix, &router);
        let random = if mapping == Mapping::Other { "fully-random" } else { "" };
        // As routers do, what comes uninvited is dropped before anything is noted of it.
        done(
            command(&router, "sh"),
            &format!(
                "echo 1 > /proc/sys/net/ipv4/ip_forward
                 ip link add lan type veth peer name eth netns {}
                 ip addr add 192.168.1.1/24 dev lan
                 ip link set lan up
                 nft -f - <<'RULES'
table ip nat {{
    chain out {{ type nat hook postrouting priority 100; oifname \"wan\" masquerade {random}; }}
}}
table ip filter {{
    chain in {{
        type filter hook input priority 0;
        iifname \"wan\" ct state established,related accept; iifname \"wan\" drop;
    }}
    chain through {{
        type filter hook forward priority 0;
        iifname \"wan\" ct state established,related accept; iifname \"wan\" drop;
    }}
}}
RULES",
                machine.id()
            ),
        );
        done(
            command(&machine, "sh"),
            "ip link set lo up
             ip addr add 192.168.1.2/24 dev eth
             ip link set eth up
             ip route add default via 192.168.1.1",
        );
        Self { machine, router: Some(router), address: "192.168.1.2".into() }
    }

    /// The machine's own address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The network of the machine, for `nsenter`.
    pub(crate) fn network(&self) -> String {
        net(&self.machine)
    }
}

/// Joins it to the test's network, as `PREFIX.2`.
fn connect(prefix: &str, network: &Child) {
    let pid = network.id();
    done(
        Command::new("sh"),
        &format!(
            "echo 1 > /proc/sys/net/ipv4/ip_forward
             ip link add isp{pid} type veth peer name wan netns {pid}
             ip addr add {prefix}.1/24 dev isp{pid}
             ip link set isp{pid} up"
        ),
    );
    done(
        command(network, "sh"),
        &format!(
            "ip link set lo up
             ip addr add {prefix}.2/24 dev wan
             ip link set wan up
             ip route add default via {prefix}.1"
        ),
    );
}

const NO_NFT: &str = "this test needs a NAT of Linux's: `sudo apt install nftables`";

impl Drop for Home {
    fn drop(&mut self) {
        for child in std::iter::once(&mut self.machine).chain(&mut self.router) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A network of its own, for as long as this process runs.
fn network(whose: &str) -> Child {
    let child = Command::new("unshare").args(["-n", "sleep", "infinity"]).spawn();
    let child = child.expect("unshare runs");
    let own = std::fs::read_link("/proc/self/ns/net").expect("Linux has namespaces");
    until(&format!("{whose} has its own network"), || {
        let there = std::fs::read_link(format!("/proc/{}/ns/net", child.id()));
        there.ok().filter(|network| *network != own)
    });
    child
}

fn net(network: &Child) -> String {
    format!("--net=/proc/{}/ns/net", network.id())
}

fn command(network: &Child, program: &str) -> Command {
    let mut command = Command::new("nsenter");
    command.arg(net(network)).arg(program);
    command
}

fn done(mut shell: Command, script: &str) {
    let done = shell.args(["-ec", script]).status().expect("sh runs");
    assert!(done.success(), "{script}");
}
