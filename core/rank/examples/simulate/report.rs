//! What came out, as tables.

use std::fmt::Write as _;

use crate::{
    rankers::Ranker,
    trials::Trial,
    world::{KINDS, POSTS},
};

const BEGIN: &str = "<!-- simulate: begin -->";
const END: &str = "<!-- simulate: end -->";

/// What an attack did to one reader's list.
#[derive(Clone, Copy)]
pub struct Outcome {
    pub position: usize,
    /// How much of it is in the top 20.
    pub junk: usize,
}

pub struct Results {
    people: usize,
    /// (ranker, follows of the reader, NDCG@20)
    quality: Vec<(Ranker, usize, f64)>,
    /// (ranker, follows of the reader, attack, what it did)
    outcomes: Vec<(Ranker, usize, Trial, Outcome)>,
}

impl Results {
    pub fn new(people: usize) -> Self {
        Self { people, quality: vec![], outcomes: vec![] }
    }

    pub fn add_quality(&mut self, ranker: Ranker, follows: usize, ndcg: f64) {
        self.quality.push((ranker, follows, ndcg));
    }

    pub fn add_outcome(&mut self, ranker: Ranker, follows: usize, trial: Trial, outcome: Outcome) {
        self.outcomes.push((ranker, follows, trial, outcome));
    }

    /// Mean NDCG@20 of the readers who follow so many; of all who follow somebody, if `None`.
    pub fn quality(&self, ranker: Ranker, follows: Option<usize>) -> f64 {
        let is_meant = |of: usize| follows.map_or(of > 0, |follows| of == follows);
        let all = self.quality.iter().filter(|(by, of, _)| *by == ranker && is_meant(*of));
        let all: Vec<f64> = all.map(|(_, _, ndcg)| *ndcg).collect();
        all.iter().sum::<f64>() / all.len() as f64
    }

    /// The position for the median reader and for the 95th of 100 (who has it highest; for burying, lowest),
    /// the share of readers with any of it in the top 20, and how much of the top 20 it is on average.
    /// Of the readers who follow so many, or of all.
    pub fn outcome(
        &self,
        ranker: Ranker,
        trial: Trial,
        follows: Option<usize>,
    ) -> (usize, usize, f64, f64) {
        let is_meant = |(by, of, attack, _): &&(Ranker, usize, Trial, Outcome)| {
            *by == ranker && *attack == trial && follows.is_none_or(|follows| *of == follows)
        };
        let all = self.outcomes.iter().filter(is_meant);
        let all: Vec<Outcome> = all.map(|(_, _, _, outcome)| *outcome).collect();
        let mut positions: Vec<usize> = all.iter().map(|outcome| outcome.position).collect();
        positions.sort_unstable();
        if trial == Trial::Burying {
            positions.reverse();
        }
        let count = all.len() as f64;
        let share = all.iter().filter(|outcome| outcome.junk > 0).count() as f64 / count;
        let mean = all.iter().map(|outcome| outcome.junk as f64).sum::<f64>() / count;
        (positions[positions.len() / 2], positions[positions.len() / 20], share, mean)
    }

    pub fn tables(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let mut line = |parts: std::fmt::Arguments<'_>| _ = writeln!(text, "{parts}");
        line(format_args!(
            "{} people, {POSTS} posts, 60 readers in each of two worlds.\n",
            self.people
        ));
        line(format_args!(
            "| NDCG@20 | all who follow somebody | follows 0 | 1 | 3 | 10 | 30 | 100 |"
        ));
        line(format_args!("|---|---|---|---|---|---|---|---|"));
        for ranker in Ranker::ALL {
            let kinds = KINDS.map(|follows| format!("{:.2}", self.quality(ranker, Some(follows))));
            let all = self.quality(ranker, None);
            let [name, all] =
                [ranker.name().to_owned(), format!("{all:.2}")].map(|cell| bold(ranker, cell));
            line(format_args!("| {name} | {all} | {} |", kinds.join(" | ")));
        }
        for trials in [&Trial::ALL[..7], &Trial::ALL[7..]] {
            let names: Vec<&str> = trials.iter().map(|trial| trial.name()).collect();
            line(format_args!("\n| | {} |", names.join(" | ")));
            line(format_args!("|---|{}", "---|".repeat(trials.len())));
            for ranker in Ranker::ALL {
                let cells: Vec<String> =
                    trials.iter().map(|trial| self.cell(ranker, *trial)).collect();
                line(format_args!(
                    "| {} | {} |",
                    bold(ranker, ranker.name().to_owned()),
                    cells.join(" | ")
                ));
            }
        }
        let names: Vec<&str> = Trial::ALL.iter().map(|trial| trial.name()).collect();
        line(format_args!("\n| tree rank, by the reader's follows | {} |", names.join(" | ")));
        line(format_args!("|---|{}", "---|".repeat(names.len())));
        for follows in &KINDS[1..] {
            let cell = |trial: &Trial| {
                let (median, _, share, _) = self.outcome(Ranker::Tree, *trial, Some(*follows));
                format!("{median} ({:.0} %)", share * 100.0)
            };
            let cells: Vec<String> = Trial::ALL.iter().map(cell).collect();
            line(format_args!("| {follows} | {} |", cells.join(" | ")));
        }
        text
    }

    fn cell(&self, ranker: Ranker, trial: Trial) -> String {
        let (median, worst, share, mean) = self.outcome(ranker, trial, None);
        let more = match trial {
            Trial::Flood => format!("{:.0} %, {mean:.1} of 20", share * 100.0),
            _ => format!("{:.0} %", share * 100.0),
        };
        bold(ranker, format!("{median}/{worst} ({more})"))
    }
}

fn bold(ranker: Ranker, cell: String) -> String {
    if ranker == Ranker::Tree { format!("**{cell}**") } else { cell }
}

/// How good the first 20 are, from 0 to 1: the sum of 2^worth − 1, each divided by the logarithm of its
/// place, over that of the best list possible.
pub fn ndcg(list: &[usize], worth: &[f64]) -> f64 {
    let sum = |worths: &mut dyn Iterator<Item = f64>| -> f64 {
        worths
            .take(20)
            .zip(2_u32..)
            .map(|(worth, at)| (worth.exp2() - 1.0) / f64::from(at).log2())
            .sum()
    };
    let mut best = worth.to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    sum(&mut list.iter().map(|at| worth[*at])) / sum(&mut best.into_iter())
}

/// The page with new tables in the old ones' place.
pub fn between_markers(page: &str, tables: &str) -> Result<String, String> {
    let found =
        page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        found.ok_or_else(|| format!("docs/ranking.md needs {BEGIN} and {END}"))?;
    Ok(format!("{before}{BEGIN}\n{tables}{END}{after}"))
}
