//! Two pictures, as plain SVG.

use std::fmt::Write as _;

use crate::{rankers::Ranker, report::Results, trials::Trial, world::POSTS};

const COLOURS: [&str; 7] =
    ["#9e9e9e", "#bdbdbd", "#c9a227", "#7e57c2", "#1e88e5", "#00897b", "#d81b60"];

fn frame(width: u32, height: u32, title: &str, inside: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>{title}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{title}</text>\n{inside}</svg>\n"
    )
}

/// A bar for each ranker.
pub fn quality(results: &Results) -> String {
    let mut inside = String::new();
    for (at, ranker) in Ranker::ALL.into_iter().enumerate() {
        let (y, quality) = (44 + at * 30, results.quality(ranker, None));
        let width = quality * 420.0;
        let (colour, name) = (COLOURS[at], ranker.name());
        _ = writeln!(
            inside,
            "<text x=\"200\" y=\"{}\" text-anchor=\"end\">{name}</text><rect x=\"210\" y=\"{y}\" width=\"{width:.0}\" height=\"20\" fill=\"{colour}\"/><text x=\"{:.0}\" y=\"{}\">{quality:.2}</text>",
            y + 15,
            width + 218.0,
            y + 15
        );
    }
    frame(680, 266, "How good the first 20 are without an attack (NDCG@20)", &inside)
}

/// For each attack and ranker where the junk lands: the median reader's dot, and a line to the 95th.
pub fn attacks(results: &Results) -> String {
    let trials = &Trial::ALL[..9];
    let x = |position: usize| 200.0 + (position as f64).log10() / (POSTS as f64).log10() * 520.0;
    let mut inside = String::new();
    for (n, ranker) in Ranker::ALL.into_iter().enumerate() {
        let (x, y) = (16 + n % 4 * 190, 48 + n / 4 * 20);
        _ = writeln!(
            inside,
            "<circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"{}\"/><text x=\"{}\" y=\"{y}\">{}</text>",
            x + 5,
            y - 4,
            COLOURS[n],
            x + 15,
            ranker.name()
        );
    }
    let (top, row) = (104, 62);
    let bottom = top + trials.len() * row;
    for position in [1, 20, 100, 1_000, POSTS] {
        let dash = if position == 20 { " stroke-dasharray=\"4 3\"" } else { "" };
        let x = x(position);
        _ = writeln!(
            inside,
            "<line x1=\"{x:.0}\" x2=\"{x:.0}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#bbb\"{dash}/><text x=\"{x:.0}\" y=\"{}\" text-anchor=\"middle\">{position}</text>",
            bottom + 18
        );
    }
    for (at, trial) in trials.iter().enumerate() {
        let start = top + at * row;
        _ = writeln!(
            inside,
            "<text x=\"184\" y=\"{}\" text-anchor=\"end\">{}</text>",
            start + 32,
            trial.name()
        );
        for (n, ranker) in Ranker::ALL.into_iter().enumerate() {
            let (median, worst, ..) = results.outcome(ranker, *trial, None);
            let (y, colour) = (start + 8 + n * 7, COLOURS[n]);
            let (from, to) = (x(worst), x(median));
            _ = writeln!(
                inside,
                "<line x1=\"{from:.0}\" x2=\"{to:.0}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2\"/><circle cx=\"{to:.0}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\"/>"
            );
        }
    }
    let title = "Where the junk lands: median reader (dot) and the 95th of 100";
    frame(780, (bottom + 34) as u32, title, &inside)
}
