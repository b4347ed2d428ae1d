//! MeritRank beside tree rank: one reader's ranks from nothing and read once, of the same graph in the same run.
//!
//! `scripts/bench` runs it. Figures go to stderr: the crate prints each walk to stdout, which is sent to
//! `/dev/null`. What it does when a follow comes later is not measured, for it then
//! prints all walks of everybody.
#![allow(clippy::print_stderr, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use meritrank::{MeritRank, MyGraph, Node, NodeId};
use upseed_rank::{Bounds, Graph, Person, Standing, Tree};

#[path = "../../benches/common/mod.rs"]
mod common;

/// Walks of MeritRank: its authors' service takes 10,000 where it wants to be exact.
const WALKS: usize = 10_000;

/// People and follows: as many as the published service has, and a middling network.
const SIZES: [(u32, u32); 2] = [(303, 3_000), (10_000, 200_000)];

fn id(person: Person) -> NodeId {
    // 0 is nobody.
    NodeId::UInt(person.number() as usize + 1)
}

/// The median, and what the last run gave.
fn measure<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..11 {
        let start = Instant::now();
        last = Some(run());
        times.push(start.elapsed());
    }
    times.sort();
    (times[times.len() / 2], last.unwrap())
}

fn theirs(graph: &Graph, people: u32) -> MyGraph {
    let mut copy = MyGraph::new();
    for who in (0..people).map(Person::from_number) {
        copy.add_node(Node::new(id(who)));
    }
    for who in (0..people).map(Person::from_number) {
        for whom in graph.follows(who) {
            copy.add_edge(id(who), id(whom), 1.0);
        }
    }
    copy
}

fn main() {
    for (people, follows) in SIZES {
        let graph = common::graph(people, follows);
        let reader = (0..people).map(Person::from_number).find(|who| graph.degree(*who) >= 5).unwrap();
        let (tree_time, standing) = measure(|| {
            let mut tree = Tree::new(Bounds::USUAL, [reader]);
            tree.build(&graph, graph.follows(reader));
            let mut standing = Standing::default();
            standing.read(&tree, &graph);
            standing
        });
        let (tree_read, known) = measure(|| standing.people().map(|who| standing.weight(who)).count());

        let mut merit = MeritRank::new(theirs(&graph, people)).unwrap();
        let (merit_time, ()) = measure(|| merit.calculate(id(reader), WALKS).unwrap());
        let (merit_read, ranked) = measure(|| merit.get_ranks(id(reader), None).unwrap().len());

        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        for (what, ours, peer) in [
            (format!("from nothing ({known} in the tree)"), tree_time, merit_time),
            (format!("read once ({ranked} in MeritRank's walks)"), tree_read, merit_read),
        ] {
            eprintln!(
                "ranks of one reader among {people} people, {what} | {:.1} us | MeritRank 0.4.0, {WALKS} walks: {:.0} us | {:.4} | <= 1 | {}",
                micros(ours),
                micros(peer),
                micros(ours) / micros(peer),
                if ours <= peer { "ok" } else { "MISSED" }
            );
        }
    }
}
