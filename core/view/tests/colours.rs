//! Every colour that text has can be read on every ground it stands on, light and dark.

#![allow(clippy::unwrap_used)]

use upseed_view::{assets, person::HUES};

fn css() -> &'static str {
    std::str::from_utf8(assets::find("upseed.css").unwrap().bytes).unwrap()
}

/// Linear sRGB.
type Rgb = [f64; 3];

fn hex(text: &str) -> Rgb {
    let digits: String = match text.trim_start_matches('#') {
        short if short.len() == 3 => short.chars().flat_map(|c| [c, c]).collect(),
        long => long.to_owned(),
    };
    [0, 2, 4].map(|at| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

/// Björn Ottosson's OKLCH, clipped to sRGB.
fn oklch(l: f64, c: f64, hue: f64) -> Rgb {
    let (a, b) = (c * hue.to_radians().cos(), c * hue.to_radians().sin());
    let l_ = (l + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m_ = (l - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s_ = (l - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l_ - 3.307_711_591_3 * m_ + 0.230_969_929_2 * s_,
        -1.268_438_004_6 * l_ + 2.609_757_401_1 * m_ - 0.341_319_396_5 * s_,
        -0.004_196_086_3 * l_ - 0.703_418_614_7 * m_ + 1.707_614_701_0 * s_,
    ]
    .map(|value| value.clamp(0.0, 1.0))
}

/// WCAG 2: 4.5 is needed for text.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let light = |[r, g, b]: Rgb| 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    let (one, other) = (light(one), light(other));
    one.max(other) / one.min(other)
}

fn pair(name: &str) -> [Rgb; 2] {
    let start = css().split(&format!("--{name}: light-dark(")).nth(1).unwrap();
    let inner = start.split(')').next().unwrap();
    let [light, dark] = inner.split(", ").map(hex).collect::<Vec<_>>()[..] else {
        panic!("{inner}")
    };
    [light, dark]
}

#[test]
fn words_can_be_read() {
    for (ink, grounds) in [
        ("fg", &["bg", "soft", "tint"][..]),
        ("dim", &["bg", "soft"]),
        ("acc", &["bg", "soft", "tint"]),
        ("warn", &["bg", "soft"]),
        ("bad", &["bg", "soft"]),
        ("on", &["acc"]),
    ] {
        for ground in grounds {
            for theme in 0..2 {
                let found = contrast(pair(ink)[theme], pair(ground)[theme]);
                assert!(found >= 4.5, "{ink} on {ground}: {found:.2} ({theme})");
            }
        }
    }
}

#[test]
fn every_key_colour_can_be_read() {
    let rule = css().split(".by i {").nth(1).unwrap();
    let numbers: Vec<f64> = rule
        .split("oklch(")
        .skip(1)
        .take(2)
        .flat_map(|part| part.split(' ').take(2).map(|n| n.parse().unwrap()).collect::<Vec<_>>())
        .collect();
    let [light, light_chroma, dark, dark_chroma] = numbers[..] else { panic!("{rule}") };
    let hues: Vec<f64> = (0..HUES)
        .map(|n| {
            css()
                .split(&format!(".h{n}{{--h:"))
                .nth(1)
                .unwrap()
                .split('}')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    for hue in hues {
        for ground in ["bg", "soft"] {
            let [on_light, on_dark] = pair(ground);
            assert!(
                contrast(oklch(light, light_chroma, hue), on_light) >= 4.5,
                "{hue} on light {ground}"
            );
            assert!(
                contrast(oklch(dark, dark_chroma, hue), on_dark) >= 4.5,
                "{hue} on dark {ground}"
            );
        }
    }
}
