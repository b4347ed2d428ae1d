//! Keys and infohashes by their first letters.

use std::ops::RangeInclusive;

/// What people see before a key in z-base-32.
pub(crate) const SCHEME: &str = "upseed:";

/// The digits of z-base-32 in the order of their values, as in keys for people.
pub(crate) const LETTERS: &str = "ybndrfg8ejkmcpqxot1uwisza345h769";

/// Fewer hex digits than this are not taken for the beginning of a key: the form for people is the other one, and
/// short names are words of these letters too.
const MIN_HEX: usize = 8;

/// The keys that begin with this text: with letters as people see them (`upseed:` may be left out), or with eight hex digits or
/// more. Several ranges if it can be read in both ways; none if it begins no key.
pub fn keys(text: &str) -> Vec<RangeInclusive<[u8; 32]>> {
    let text = text.to_ascii_lowercase();
    let letters = text.strip_prefix(SCHEME);
    let mut ranges: Vec<_> = range(letters.unwrap_or(&text), LETTERS, 5).into_iter().collect();
    if letters.is_none() && text.len() >= MIN_HEX {
        ranges.extend(range(&text, HEX, 4));
    }
    ranges
}

/// The infohashes that begin with these hex digits; none if it is something else.
pub fn infohashes(text: &str) -> Option<RangeInclusive<[u8; 20]>> {
    range(&text.to_ascii_lowercase(), HEX, 4)
}

const HEX: &str = "0123456789abcdef";

/// All that begins with these digits, each of which is `width` bits.
fn range<const N: usize>(
    text: &str,
    digits: &str,
    width: usize,
) -> Option<RangeInclusive<[u8; N]>> {
    if text.is_empty() || text.len() * width > N * 8 {
        return None;
    }
    let (mut low, mut high) = ([0; N], [0xff; N]);
    for (at, digit) in text.chars().enumerate() {
        let value = digits.find(digit)?;
        for bit in 0..width {
            let (byte, mask) = ((at * width + bit) / 8, 0x80 >> ((at * width + bit) % 8));
            match value >> (width - 1 - bit) & 1 {
                0 => high[byte] &= !mask,
                _ => low[byte] |= mask,
            }
        }
    }
    Some(low..=high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecretKey;

    #[test]
    fn a_key_is_in_the_range_of_each_of_its_beginnings_and_another_one_is_not() {
        let [key, other] = [1, 2].map(|seed| SecretKey::from_seed(&[seed; 32]).public());
        let (letters, hex) = (key.to_string(), key.to_hex());
        for text in
            [&letters[..8], &letters[7..8], &letters[7..15], &letters[7..58], &hex[..9], &hex]
        {
            let ranges = keys(text);
            assert!(ranges.iter().any(|range| range.contains(key.as_bytes())), "{text}");
            let wide = text.len() == 1 || text.len() == 8 && text.starts_with("upseed:");
            assert!(wide || ranges.iter().all(|range| !range.contains(other.as_bytes())), "{text}");
        }
        assert!(keys(&letters[7..15].to_uppercase())[0].contains(key.as_bytes()));
    }

    #[test]
    fn what_begins_no_key_has_no_range() {
        let long = "y".repeat(52);
        for text in ["", "upseed:", "ada lovelace", "vote", "upseed:0badcafe", "lll", "é", &long] {
            assert!(keys(text).is_empty(), "{text}");
        }
        // z-base-32 has neither 0 nor 2, and too few hex digits are none.
        assert!(keys("20ab").is_empty() && keys("20ab20ab").len() == 1);
        assert_eq!(keys("abcdefabcd").len(), 2, "either of the two");
    }

    #[test]
    fn infohashes_begin_with_hex_digits() {
        let range = infohashes("0Af").unwrap();
        assert_eq!(
            (range.start()[..2].to_vec(), range.end()[..2].to_vec()),
            (vec![0x0a, 0xf0], vec![0x0a, 0xff])
        );
        assert!(infohashes("xyz").is_none() && infohashes(&"0".repeat(41)).is_none());
        let whole = infohashes(&"0a".repeat(20)).unwrap();
        assert_eq!((whole.start(), whole.end()), (&[0x0a; 20], &[0x0a; 20]));
    }
}
