//! What a score is made of, for people who ask why.

use std::collections::BTreeMap;

use crate::{
    fixed::Fixed,
    people::Person,
    score::{Item, Scorer},
    standing::{Stand, Standing},
};

/// The parts of one score, which add up to it exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// One for each follow through whom votes came, the strongest first (of equal ones in no order).
    pub branches: Vec<Branch>,
    /// Everybody else.
    pub strangers: Strangers,
}

/// What came through one of the reader's follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// The follow.
    pub follow: Person,
    /// Whether the follow voted, and is not the author.
    pub voted: bool,
    /// How many others voted who are reached through the follow.
    pub behind: u32,
    /// What all these votes weigh before any cap: Σ v.
    pub votes: Fixed,
    /// What is left of that: f(b).
    pub weight: Fixed,
    /// log₂(1 + weight): what it adds to the score.
    pub points: Fixed,
}

impl Branch {
    /// Whether a cap took some of the votes' weight, anywhere in the branch.
    pub fn is_capped(&self) -> bool {
        self.weight < self.votes
    }
}

/// What people outside the reader's tree add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strangers {
    /// How many voted.
    pub voters: u32,
    /// Distinct networks that were checked to host the item.
    pub networks: u32,
    /// 0.3 / (1 + follows) · log₂(1 + the smaller of both).
    pub points: Fixed,
}

impl Parts {
    /// The score.
    pub fn score(&self) -> Fixed {
        self.strangers.points.plus(self.branches.iter().map(|branch| branch.points).sum())
    }

    /// What would remain of the score without the strongest branch.
    pub fn score_without_strongest(&self) -> Fixed {
        let strongest = self.branches.first().map_or(Fixed::ZERO, |branch| branch.points);
        self.score().minus(strongest)
    }
}

impl Scorer {
    /// The score with everything that it is made of.
    pub fn parts(&mut self, standing: &Standing, item: &Item<'_>) -> Parts {
        let mut weights = BTreeMap::new();
        let voters = self.climb(standing, item, |place, weight| {
            weights.insert(place, weight);
        });
        let mut votes: BTreeMap<u16, (bool, u32, Fixed)> = BTreeMap::new();
        for voter in item.voters.iter().filter(|voter| Some(**voter) != item.author) {
            let Stand::Inside(place) = standing.stand(*voter) else { continue };
            let mut root = place;
            while let Some(parent) = standing.parent_of(root) {
                root = parent;
            }
            let (voted, behind, sum) = votes.entry(root).or_default();
            *voted |= root == place;
            *behind += u32::from(root != place);
            *sum = sum.plus(Fixed::from_bits(standing.cap_at(place)).min(Fixed::ONE));
        }
        let mut branches: Vec<Branch> = weights
            .into_iter()
            .filter_map(|(root, weight)| {
                let (voted, behind, votes) = votes.remove(&root)?;
                let (follow, points) = (standing.person(root)?, weight.log2_of_one_more());
                Some(Branch { follow, voted, behind, votes, weight, points })
            })
            .collect();
        branches.sort_by_key(|branch| std::cmp::Reverse((branch.points, branch.weight)));
        let networks = item.networks;
        let points = standing.strangers(voters, networks);
        Parts { branches, strangers: Strangers { voters, networks, points } }
    }
}
