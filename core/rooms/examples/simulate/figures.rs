//! What is measured.

use crate::network::{Micros, SECOND};

/// Seconds after a post's publication at which it is judged whom it has reached.
pub const JUDGED: u64 = 120;

/// How something spread: seconds, ascending, of those whom it reached, and how many it did not.
#[derive(Default, Clone)]
pub struct Spread {
    pub seconds: Vec<f32>,
    pub missed: usize,
}

impl Spread {
    pub fn add(&mut self, took: Option<Micros>) {
        match took {
            Some(took) => self.seconds.push(took as f32 / SECOND as f32),
            None => self.missed += 1,
        }
    }

    pub fn join(&mut self, other: &Self) {
        self.seconds.extend(&other.seconds);
        self.missed += other.missed;
    }

    pub fn sort(&mut self) {
        self.seconds.sort_by(f32::total_cmp);
    }

    /// After how many seconds so many in 1,000 were reached, of all. The others first.
    pub fn at(&self, permille: usize) -> Option<f32> {
        let all = self.seconds.len() + self.missed;
        let rank = (all * permille).div_ceil(1_000).max(1) - 1;
        self.seconds.get(rank).copied()
    }
}

/// What one phase of a run shows.
#[derive(Default)]
pub struct Phase {
    pub name: &'static str,
    /// For each post: how its record, and its text, spread.
    pub records: Vec<Spread>,
    pub texts: Vec<Spread>,
    /// Those who came with nothing, and with what they had, until all was there.
    pub newcomers: Spread,
    pub returned: Spread,
    /// Both sides of a partition, from its end until each had all of the other.
    pub healed: Spread,
    /// Bytes that honest nodes sent, and hours that they were online, together.
    pub bytes: u64,
    pub hours: f64,
    pub announces: u64,
    pub look_ups: u64,
    pub connections: f64,
}

impl Phase {
    /// The median, over posts, of when so many in 1,000 were reached; and the worst.
    pub fn of_posts(posts: &[Spread], permille: usize) -> (Option<f32>, Option<f32>) {
        let mut all: Vec<f32> =
            posts.iter().map(|post| post.at(permille).unwrap_or(f32::INFINITY)).collect();
        all.sort_by(f32::total_cmp);
        let finite = |seconds: &f32| seconds.is_finite().then_some(*seconds);
        (all.get(all.len() / 2).and_then(finite), all.last().and_then(finite))
    }

    pub fn kilobytes_an_hour(&self) -> f64 {
        self.bytes as f64 / 1_000.0 / self.hours
    }
}
