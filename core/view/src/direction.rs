//! In which direction a text is read.

/// Signs that are looked at: those before the first letter are few.
const LOOKED_AT: usize = 200;

/// `dir` for what stands around a title or a text: "rtl" if its first letter is of a script from right to left.
pub(crate) fn of(text: &str) -> Option<&'static str> {
    let first = text.chars().take(LOOKED_AT).find(|c| c.is_alphabetic())?;
    let is_rtl = matches!(first,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    is_rtl.then_some("rtl")
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_first_letter_decides() {
        for text in ["קריאה", "> 2019: שלום world", "مرحبا", "*𞤀*"] {
            assert_eq!(of(text), Some("rtl"), "{text}");
        }
        for text in ["", "1894", "Hello, שלום", "日本", "ß ا"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
