//! Whether others on the internet can reach a node, and by what.

use serde::{Deserialize, Serialize};

/// By what others on the internet reach a node, as far as it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reachability {
    /// Nobody came from outside so far.
    #[default]
    Unseen,
    /// The router opened a port when it was asked by UPnP.
    Upnp,
    /// The router opened a port when it was asked by NAT-PMP or PCP.
    NatPmp,
    /// Others come by themselves: to a public address, or by a port that was opened by hand.
    Direct,
    /// Only those whom a third member tells to dial while this node dials them.
    Punched,
    /// Nobody can: everything goes by a proxy.
    Proxy,
    /// Only who is in the same private network.
    Private,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_json_it_is_one_word() {
        let json = |value| serde_json::to_string(&value).unwrap();
        assert_eq!(json(Reachability::NatPmp), r#""nat-pmp""#);
        assert_eq!(json(Reachability::Unseen), r#""unseen""#);
    }
}
