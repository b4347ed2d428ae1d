//! Texts with a number or a word put in.

use std::borrow::Cow;

/// A text with a number in it.
#[derive(Debug, Clone)]
pub struct Count {
    /// For exactly 1.
    pub one: Cow<'static, str>,
    /// For every other number; `{}` is the number.
    pub other: Cow<'static, str>,
}

impl Count {
    /// The text for `n`.
    pub fn of(&self, n: impl Into<u64>) -> String {
        let n = n.into();
        if n == 1 { self.one.to_string() } else { fill(&self.other, &grouped(n)) }
    }
}

/// Puts a word into a text, for the first `{}`.
pub fn fill(text: &str, word: &str) -> String {
    text.replacen("{}", word, 1)
}

/// 12345678 as "12 345 678", with thin spaces, which every language can read.
pub(crate) fn grouped(n: impl Into<u64>) -> String {
    let n = n.into();
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}
