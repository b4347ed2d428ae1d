//! What is played.

use std::time::Duration;

/// One phase of a scenario.
#[derive(Clone)]
pub struct Step {
    pub name: &'static str,
    pub seconds: u64,
    /// Seconds between two posts.
    pub post_every: Option<u64>,
    /// Each half of the nodes reaches nobody of the other half.
    pub is_parted: bool,
    /// Nodes that come in a second, at most.
    pub joining: usize,
}

#[derive(Clone)]
pub struct Scenario {
    /// Those who are online at any time. A quarter more come and go.
    pub nodes: usize,
    /// Parts of all that cannot be dialled, have a poor line, and lie.
    pub nat: f64,
    pub slow: f64,
    pub liars: f64,
    /// Part of all packets that is lost.
    pub loss: f64,
    /// For which half of all stay at least.
    pub stay: Duration,
    /// Posts of the last four weeks, that everybody has but who comes anew.
    pub history: usize,
    pub seed: u64,
    pub steps: Vec<Step>,
}

const MINUTE: u64 = 60;

/// Seconds between two posts of a busy board.
const BUSY: Option<u64> = Some(10);

const fn step(name: &'static str, minutes: u64, post_every: Option<u64>) -> Step {
    Step { name, seconds: minutes * MINUTE, post_every, is_parted: false, joining: usize::MAX }
}

impl Scenario {
    /// An internet of people as they are.
    fn people(nodes: usize, liars: f64, steps: Vec<Step>) -> Self {
        Self {
            nodes,
            nat: 0.3,
            slow: 0.2,
            liars,
            loss: 0.02,
            stay: Duration::from_secs(3_600),
            history: 500,
            seed: 1,
            steps,
        }
    }

    /// All, for so many nodes.
    pub fn all(nodes: usize) -> Vec<Self> {
        let arrival = Step { joining: nodes.div_ceil(150), ..step("they come", 5, None) };
        let parted = Step { is_parted: true, ..step("two halves", 60, Some(60)) };
        let day = vec![
            arrival.clone(),
            step("idle", 5, None),
            step("busy", 10, BUSY),
            parted,
            step("together again", 5, BUSY),
        ];
        let short = |name| vec![arrival.clone(), step(name, 5, BUSY)];
        vec![
            Self::people(nodes, 0.0, day),
            Self::people(nodes, 0.1, short("1 of 10 lies")),
            Self::people(nodes, 0.5, short("5 of 10 lie")),
            Self::people(nodes, 0.9, short("9 of 10 lie")),
        ]
    }
}
