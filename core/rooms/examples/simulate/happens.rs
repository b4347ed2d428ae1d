//! What happens, in order.

use upseed_rooms::{Input, PeerId};

use crate::network::Micros;

/// Something that comes to a node.
pub enum What {
    Input(Input),
    Frame { peer: PeerId, frame: Vec<u8>, back: PeerId },
    Tick,
    Wake,
    Leave,
}

/// It, and when, in the order in which it was sent.
pub struct Happens {
    pub at: Micros,
    pub order: u64,
    pub node: usize,
    pub session: u32,
    pub what: What,
}

impl PartialEq for Happens {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl Eq for Happens {}
impl PartialOrd for Happens {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Happens {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}
