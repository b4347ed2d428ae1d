//! One node of many.

use std::collections::{BTreeMap, BTreeSet};

use upseed_model::Infohash;
use upseed_rooms::{Engine, PeerId};

use crate::{
    liar::Liar,
    memory::Memory,
    network::{Line, Micros},
};

/// Who a node is now.
pub enum Who {
    Offline,
    Honest(Box<Engine>),
    Liar(Liar),
}

/// One end of a connection.
pub struct Link {
    pub other: usize,
    pub far: PeerId,
    pub arrives: Micros,
    pub under_way: usize,
    pub is_full: bool,
}

/// One of those who come and go.
pub struct Node {
    pub who: Who,
    pub is_liar: bool,
    pub line: Line,
    pub memory: Memory,
    pub links: BTreeMap<PeerId, Link>,
    /// Counts its sessions: what was meant for an earlier one is lost.
    pub session: u32,
    pub since: Micros,
    pub wakes: Option<Micros>,
    pub fetching: BTreeSet<Infohash>,
}

impl Node {
    pub const fn is_honest(&self) -> bool {
        matches!(self.who, Who::Honest(_))
    }

    pub const fn is_offline(&self) -> bool {
        matches!(self.who, Who::Offline)
    }
}
