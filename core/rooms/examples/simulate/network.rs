//! How bytes get from one node to another: distance, bandwidth, loss, routers that let nobody in, and a partition.

use std::net::{Ipv4Addr, SocketAddr};

use rand::{RngExt as _, rngs::StdRng};

/// Microseconds.
pub type Micros = u64;

pub const MILLISECOND: Micros = 1_000;
pub const SECOND: Micros = 1_000_000;

/// Bytes a second that a node can send: a home's upload, and a poor one's.
const USUAL_RATE: u64 = 1_250_000;
const SLOW_RATE: u64 = 32_000;

/// What a slow node's line adds to each way.
const SLOW_WAY: Micros = 150 * MILLISECOND;

/// Half the earth's circumference, there and not back, on the detours of the internet.
const FARTHEST: f64 = 150_000.0;
const NEAREST: Micros = 3 * MILLISECOND;

/// What TCP, IP and the messages of BEP 10 add to a frame, and what fits into a packet.
const OVERHEAD: usize = 46;
const PACKET: usize = 1_400;

/// After which a packet that was lost is sent again, besides a way there and back.
const RESEND: Micros = 200 * MILLISECOND;

/// Where a node is and what its line is like.
#[derive(Clone)]
pub struct Line {
    pub addr: SocketAddr,
    /// Nobody can dial it.
    pub is_behind_nat: bool,
    pub is_slow: bool,
    /// On which side of a partition it is.
    pub side: bool,
    place: (f64, f64),
    /// When all that it sent so far has left.
    free_at: Micros,
    /// Bytes, with what the lower layers add.
    pub sent: u64,
}

impl Line {
    /// One of a /24 of its own.
    pub fn new(number: usize, nat: f64, slow: f64, rng: &mut StdRng) -> Self {
        let [_, b, c, d] = (number as u32).to_be_bytes();
        // Spread over /16s as those of people are: by the lowest byte.
        let ip = Ipv4Addr::new(20 + d % 160, d, c, b + 1);
        Self {
            addr: SocketAddr::from((ip, 6_881)),
            is_behind_nat: rng.random_bool(nat),
            is_slow: rng.random_bool(slow),
            side: rng.random_bool(0.5),
            place: (rng.random(), rng.random()),
            free_at: 0,
            sent: 0,
        }
    }

    /// One way to another node.
    pub fn way(&self, other: &Self) -> Micros {
        let (x, y) = (self.place.0 - other.place.0, self.place.1 - other.place.1);
        let slow = SLOW_WAY * (u64::from(self.is_slow) + u64::from(other.is_slow));
        NEAREST + (x.hypot(y) / 1.5 * FARTHEST) as Micros + slow
    }

    /// When so many bytes, sent now, have left this node.
    pub fn send(&mut self, bytes: usize, now: Micros) -> Micros {
        let bytes = (bytes + OVERHEAD * (1 + bytes / PACKET)) as u64;
        self.sent += bytes;
        let rate = if self.is_slow { SLOW_RATE } else { USUAL_RATE };
        self.free_at = self.free_at.max(now) + bytes * SECOND / rate;
        self.free_at
    }
}

/// What lost packets add to the way of so many bytes.
pub fn loss(bytes: usize, way: Micros, part: f64, rng: &mut StdRng) -> Micros {
    // Those of a longer frame are sent again together.
    let lost = (0..=bytes / PACKET).any(|_| rng.random_bool(part));
    if lost { RESEND + 2 * way } else { 0 }
}
