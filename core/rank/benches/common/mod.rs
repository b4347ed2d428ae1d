//! Invented people who follow each other, as the benches and the peer measured beside them have them.
//!
//! Popularity is a power law with a quarter of all follows in one's own community of 1,000; how many
//! somebody follows is one, too.
#![allow(clippy::unwrap_used, dead_code)]

use upseed_model::PublicKey;
use upseed_rank::{Graph, People, Person};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    /// 64 random bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than this.
    pub fn below(&mut self, end: u32) -> u32 {
        (((self.next() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// From 0 to 1, without 0.
    pub fn part(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Somebody: the n-th most popular by 1/√n, so that one in a thousand is followed by 3 % of all.
    pub fn somebody(&mut self, people: u32) -> u32 {
        (self.part().powi(2) * f64::from(people)) as u32 % people
    }
}

/// Somebody's key.
pub fn key(number: u32) -> PublicKey {
    let mut bytes = [1; 32];
    bytes[..8].copy_from_slice(&Random(u64::from(number)).next().to_be_bytes());
    PublicKey::from_bytes(bytes).unwrap()
}

/// So many people with about so many follows.
pub fn graph(people: u32, follows: u32) -> Graph {
    let mut random = Random(1);
    let mut keys = People::with_capacity(people as usize);
    (0..people).for_each(|number| _ = keys.intern(&key(number)));
    let mean = follows / people;
    let rows = (0..people).map(|who| {
        // A power law with this mean: half follow fewer than a third of it, one in a thousand 30 times it.
        let count = (f64::from(mean) / 3.0 / random.part().powf(2.0 / 3.0)) as u32;
        let row: Vec<Person> = (0..count.clamp(1, 20_000))
            .map(|_| match random.below(4) {
                0 => who / 1_000 * 1_000 + random.below(1_000.min(people - who / 1_000 * 1_000)),
                _ => random.somebody(people),
            })
            .map(Person::from_number)
            .collect();
        (Person::from_number(who), row)
    });
    Graph::load(keys, rows).unwrap()
}
