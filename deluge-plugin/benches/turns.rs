//! How long a turn of deluged's reactor is at work while many items are added: by Upseed's plugin all at once, and
//! without it by whoever adds the same torrents to the same Deluge, one in each turn.
//!
//! Both with a processor and without what Python needs to collect the daemon's garbage, which it does whoever is at work.

#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use upseed_tests::{Deluge, Generation, until};

#[path = "../../core/swarm/benches/support/figures.rs"]
mod figures;

use figures::{measuring, report, stated};

/// Longest turns in milliseconds.
struct Turns {
    /// Whoever was at work.
    anybody: f64,
    /// The plugin.
    ours: f64,
}

/// Has so many items added by a method of the probe's, in a deluged of its own.
fn turns(generation: Generation, count: usize, method: &str) -> Turns {
    let mut deluge = Deluge::of(generation).start();
    assert_eq!(deluge.call("core.enable_plugin", json!(["UpseedProbe"])), true);
    deluge.call("upseedprobe.by_the_clock", json!([]));
    if method == "add_made" {
        deluge.call("upseedprobe.watch", json!([]));
        until("the plugin is connected", || {
            let heard = deluge.call("upseedprobe.heard", json!([]));
            heard.as_array().unwrap().contains(&json!(["connected"])).then_some(())
        });
    }
    deluge.call("upseedprobe.make", json!([count]));
    deluge.call("upseedprobe.gap", json!([]));
    deluge.call(&format!("upseedprobe.{method}"), json!([]));
    let gap = deluge.call("upseedprobe.gap", json!([]));
    let milliseconds = |value: &Value| value.as_f64().unwrap() * 1e3;
    Turns { anybody: milliseconds(&gap["busy"]), ours: milliseconds(&gap["ours"]["busiest"]) }
}

fn main() {
    let (count, runs) = if measuring() { (1_000, 3) } else { (20, 1) };
    for (name, generation) in [("2.0.3", Generation::Here), ("2.2.0", Generation::Trixie)] {
        let best = |method: &str| {
            let all = (0..runs).map(|_| turns(generation, count, method));
            all.reduce(|a, b| Turns { anybody: a.anybody.min(b.anybody), ours: a.ours.min(b.ours) })
                .unwrap()
        };
        let floor = best("add_made_by_hand").anybody;
        let by_hand = format!("by hand, one a turn: {floor:.1} ms");
        let Turns { anybody, ours } = best("add_made");
        report(
            &format!(
                "Deluge {name}, {count} items at once: the longest turn of its reactor, ours of it"
            ),
            &format!("{ours:.1} ms"),
            &by_hand,
            &format!("{:.1}", ours / floor),
            "at most 3 times the floor",
            ours <= 3.0 * floor,
        );
        let name = "the same, with what Deluge does in it for anybody";
        stated(name, &format!("{anybody:.1} ms"), &by_hand, &format!("{:.1}", anybody / floor));
    }
}
