//! How a figure is told.
#![allow(dead_code, clippy::print_stdout)]

/// One line for each figure.
pub fn report(name: &str, measured: &str, floor: &str, ratio: &str, target: &str, met: bool) {
    let verdict = if met { "ok" } else { "MISSED" };
    println!("{name} | {measured} | {floor} | {ratio} | {target} | {verdict}");
}

/// A figure without a target.
pub fn stated(name: &str, measured: &str, floor: &str, ratio: &str) {
    println!("{name} | {measured} | {floor} | {ratio} | stated | -");
}

/// `cargo test --benches` only wants to see that it works.
pub fn measuring() -> bool {
    std::env::args().any(|arg| arg == "--bench")
}

/// A quantile of sorted values.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}
