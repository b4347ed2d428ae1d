//! What came out, as a table.

use std::fmt::Write as _;

use crate::figures::{Phase, Spread};

const BEGIN: &str = "<!-- simulate: begin -->";
const END: &str = "<!-- simulate: end -->";

pub fn table(nodes: usize, phases: &[Phase]) -> String {
    let mut text = format!(
        "{nodes} nodes online. Seconds from the post until 50, 99 and 100 % of the honest who were online then had its record \
         (the median post; in brackets the worst); until 50 and 90 % had its text (and how many had it after two minutes); until 99 % of \
         those who came with nothing, or came back, had all records; what an honest node sent in an hour.\n\n\
         | | 50 % | 99 % | 100 % | text 50 %, 90 % | with nothing | came back | kB an hour | connections | look-ups, announces an hour |\n\
         |---|---|---|---|---|---|---|---|---|---|\n"
    );
    for phase in phases {
        let of = |posts: &[Spread], permille| {
            let (median, worst) = Phase::of_posts(posts, permille);
            if posts.is_empty() {
                "–".into()
            } else {
                format!("{} ({})", seconds(median), seconds(worst))
            }
        };
        let by = |spread: &Spread| {
            if spread.seconds.is_empty() { "–".into() } else { seconds(spread.at(990)) }
        };
        // Writing to a string cannot fail.
        _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {:.0} | {:.1} | {:.1}, {:.1} |",
            phase.name,
            of(&phase.records, 500),
            of(&phase.records, 990),
            of(&phase.records, 1_000),
            texts(&phase.texts),
            by(&phase.newcomers),
            by(&phase.returned),
            phase.kilobytes_an_hour(),
            phase.connections,
            phase.look_ups as f64 / phase.hours,
            phase.announces as f64 / phase.hours,
        );
    }
    for phase in phases.iter().filter(|phase| !phase.healed.seconds.is_empty()) {
        let [half, most, all] =
            [500, 990, 1_000].map(|permille| seconds(phase.healed.at(permille)));
        _ = writeln!(
            text,
            "\nAfter an hour in two halves, half of all nodes had everything of both after {half} s, 99 % after {most} s, \
             and all who stayed after {all} s."
        );
    }
    text
}

/// The median post's text: 50 and 90 %, and the part of all that had it when it was judged.
fn texts(posts: &[Spread]) -> String {
    if posts.is_empty() {
        return "–".into();
    }
    let part =
        |post: &Spread| post.seconds.len() as f32 / (post.seconds.len() + post.missed) as f32;
    let mean = posts.iter().map(part).sum::<f32>() / posts.len() as f32;
    let at = |permille| seconds(Phase::of_posts(posts, permille).0);
    format!("{}, {} ({:.0} %)", at(500), at(900), mean * 100.0)
}

fn seconds(seconds: Option<f32>) -> String {
    seconds.map_or("never".into(), |seconds| format!("{seconds:.1}"))
}

/// The page with a new table in the old one's place.
pub fn between_markers(page: &str, table: &str) -> Result<String, String> {
    let found =
        page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        found.ok_or_else(|| format!("docs/performance.md needs {BEGIN} and {END}"))?;
    Ok(format!("{before}{BEGIN}\n{table}{END}{after}"))
}
