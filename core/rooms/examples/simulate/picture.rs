//! A picture, as plain SVG.

use std::fmt::Write as _;

use crate::figures::{Phase, Spread};

const COLOURS: [&str; 6] = ["#1e88e5", "#00897b", "#7e57c2", "#c9a227", "#e67e22", "#d81b60"];

/// The last second that is shown, where the axes cross, and how long they are.
const LAST: f32 = 20.0;
const LEFT: f32 = 60.0;
const BOTTOM: f32 = 340.0;
const WIDTH: f32 = 600.0;
const HEIGHT: f32 = 280.0;

/// For each phase with posts, which part of all had a post's record after how many seconds.
pub fn posts(phases: &[Phase]) -> String {
    let mut inside = String::new();
    for part in [0, 25, 50, 75, 99] {
        let y = BOTTOM - part as f32 / 100.0 * HEIGHT;
        _ = writeln!(
            inside,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.0}\" y2=\"{y:.0}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.0}\" text-anchor=\"end\">{part} %</text>",
            LEFT + WIDTH,
            LEFT - 8.0,
            y + 4.0
        );
    }
    for second in [0, 5, 10, 15, 20] {
        let x = LEFT + second as f32 / LAST * WIDTH;
        _ = writeln!(
            inside,
            "<text x=\"{x:.0}\" y=\"{}\" text-anchor=\"middle\">{second} s</text>",
            BOTTOM + 20.0
        );
    }
    let with_posts = phases.iter().filter(|phase| !phase.records.is_empty());
    for (at, phase) in with_posts.enumerate() {
        let mut all = Spread::default();
        phase.records.iter().for_each(|post| all.join(post));
        all.sort();
        let points = (0..=200).map(|step| {
            let second = step as f32 / 200.0 * LAST;
            let count = all.seconds.partition_point(|took| *took <= second);
            let part = count as f32 / (all.seconds.len() + all.missed) as f32;
            format!("{:.0},{:.1}", LEFT + second / LAST * WIDTH, BOTTOM - part * HEIGHT)
        });
        let (points, colour) = (points.collect::<Vec<_>>().join(" "), COLOURS[at % COLOURS.len()]);
        let y = 200 + at * 20;
        _ = writeln!(
            inside,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/><circle cx=\"520\" cy=\"{}\" r=\"5\" fill=\"{colour}\"/><text x=\"532\" y=\"{y}\">{}</text>",
            y - 4,
            phase.name
        );
    }
    let title = "How many have a post after so many seconds";
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 690 380\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>{title}</title>\n<rect width=\"690\" height=\"380\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{title}</text>\n{inside}</svg>\n"
    )
}
