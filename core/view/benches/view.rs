//! How long the worst texts and a long thread take to become HTML, beside ordinary ones.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::{hint::black_box, time::Instant};

use pulldown_cmark::{Options, Parser};
use upseed_view::{
    Links, Strings, markdown,
    thread::{self, ThreadView},
};

#[path = "../../swarm/benches/support/figures.rs"]
mod figures;
#[path = "../tests/samples/mod.rs"]
mod samples;
#[path = "../tests/samples/worst.rs"]
mod worst;

use figures::{measuring, report};
use samples::Words;

const FULL: usize = 65_536;

/// The best of several runs, in milliseconds.
fn best<T>(runs: usize, run: impl Fn() -> T) -> f64 {
    let time = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..runs).map(time).fold(f64::INFINITY, f64::min)
}

fn main() {
    let runs = if measuring() { 7 } else { 1 };
    let paragraph =
        "Some *words* of a person, with `code` and a [link](https://example.org/a).\n\n";
    let ordinary = paragraph.repeat(FULL / paragraph.len());
    let parsed = best(runs, || {
        let mut html = String::new();
        let parser = Parser::new_ext(&ordinary, Options::ENABLE_STRIKETHROUGH);
        pulldown_cmark::html::push_html(&mut html, parser);
        ammonia::clean(&html)
    });
    let texts = worst::texts(FULL);
    let large: Vec<f64> =
        texts.iter().map(|(_, text)| best(runs, || markdown::html(text))).collect();
    let slowest = (0..texts.len()).max_by(|a, b| large[*a].total_cmp(&large[*b])).unwrap();
    report(
        "64 KiB of anything as HTML, the slowest of all",
        &format!("{:.1} ms ({:?})", large[slowest], texts[slowest].0),
        &format!("pulldown-cmark and ammonia, prose: {parsed:.1} ms"),
        &format!("{:.1}", large[slowest] / parsed),
        "at most 5 times the floor",
        large[slowest] <= 5.0 * parsed,
    );
    // Which takes more than four times as long for four times as much. Tenths of a millisecond tell nothing.
    let quarters = worst::texts(FULL / 4);
    let growth = quarters.iter().zip(&large).map(|((name, text), large)| {
        let small = best(runs, || markdown::html(text));
        (large / small.max(0.25), small, *large, name.clone())
    });
    let (ratio, small, large, name) = growth.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    report(
        "the same: 64 KiB against 16 KiB, where it grows most",
        &format!("{large:.1} ms ({name:?})"),
        &format!("16 KiB: {small:.2} ms"),
        &format!("{ratio:.1}"),
        "at most 8 times the floor",
        ratio <= 8.0,
    );

    let links = Links::new("/upseed/");
    let words = Words::realistic();
    let site = samples::site(&links, Strings::english(), &words);
    let [few, many] = [125, 500].map(|count| {
        best(runs, || {
            let replies = samples::replies(&words, count);
            thread::page(&site, &ThreadView { replies, ..words.thread() })
        })
    });
    report(
        "the page of a thread of 500 comments",
        &format!("{many:.1} ms"),
        &format!("of 125 comments: {few:.1} ms"),
        &format!("{:.1}", many / few),
        "at most 6 times the floor",
        many <= 6.0 * few,
    );
}
