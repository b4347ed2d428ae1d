//! Addresses that are kept away for a while.

use std::{collections::HashMap, net::SocketAddr};

use upseed_model::sync::Fault;

use crate::subnet::Subnet;

/// For how long a peer that is dropped should stay away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Penalty {
    /// It may come back at once.
    None,
    /// It took more than its share, and would get a new share with a new connection.
    Greedy,
    /// It did what an honest peer with bad luck cannot do.
    Liar,
}

impl Penalty {
    const fn seconds(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Greedy => 60,
            Self::Liar => 3_600,
        }
    }
}

impl From<&Fault> for Penalty {
    fn from(fault: &Fault) -> Self {
        match fault {
            fault if fault.is_lie() => Self::Liar,
            fault if fault.is_greed() => Self::Greedy,
            _ => Self::None,
        }
    }
}

/// At most this many; when full, the whole table is forgotten rather than grown.
const MOST: usize = 10_000;

/// Which subnets are kept away, and until when.
#[derive(Default)]
pub(crate) struct Bans(HashMap<Subnet, u64>);

impl Bans {
    pub fn add(&mut self, addr: SocketAddr, penalty: Penalty, now: u64) {
        if penalty == Penalty::None {
            return;
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let until = self.0.entry(Subnet::of(addr)).or_default();
        *until = (*until).max(now + penalty.seconds());
    }

    pub fn contains(&self, addr: SocketAddr, now: u64) -> bool {
        self.0.get(&Subnet::of(addr)).is_some_and(|until| *until > now)
    }

    pub fn expire(&mut self, now: u64) {
        self.0.retain(|_, until| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lie_keeps_the_subnet_away_for_an_hour() {
        let mut bans = Bans::default();
        bans.add("8.8.8.8:1".parse().unwrap(), Penalty::Liar, 100);
        assert!(bans.contains("8.8.8.9:2".parse().unwrap(), 100 + 3_599));
        assert!(!bans.contains("8.8.9.8:1".parse().unwrap(), 100));
        assert!(!bans.contains("8.8.8.8:1".parse().unwrap(), 100 + 3_600));
    }

    #[test]
    fn greed_is_forgiven_sooner_and_shortens_nothing() {
        let mut bans = Bans::default();
        let addr = "8.8.8.8:1".parse().unwrap();
        bans.add(addr, Penalty::None, 100);
        assert!(!bans.contains(addr, 100));
        bans.add(addr, Penalty::Greedy, 100);
        assert!(bans.contains(addr, 159) && !bans.contains(addr, 160));
        bans.add(addr, Penalty::Liar, 100);
        bans.add(addr, Penalty::Greedy, 101);
        assert!(bans.contains(addr, 3_699));
    }

    #[test]
    fn on_loopback_only_the_liar() {
        let mut bans = Bans::default();
        bans.add("127.0.0.1:1".parse().unwrap(), Penalty::Liar, 0);
        assert!(!bans.contains("127.0.0.1:2".parse().unwrap(), 0));
    }
}
