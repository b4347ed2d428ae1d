//! What a language is made of: texts, and texts with a number in them.

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

/// Makes `Strings` of a table of texts and counts, where `Cow`, `LazyLock` and [`Count`] are in scope.
macro_rules! strings {
    (texts { $($text:ident: $english:literal,)* } counts { $($count:ident: $one:literal, $other:literal,)* }) => {
        /// The words of one language.
        #[derive(Debug, Clone)]
        pub struct Strings {
            /// The language's BCP 47 tag, for `lang`.
            pub lang: Cow<'static, str>,
            $(#[doc = $english] pub $text: Cow<'static, str>,)*
            $(#[doc = $other] pub $count: Count,)*
        }

        static ENGLISH: LazyLock<Strings> = LazyLock::new(|| Strings {
            lang: Cow::Borrowed("en"),
            $($text: Cow::Borrowed($english),)*
            $($count: Count { one: Cow::Borrowed($one), other: Cow::Borrowed($other) },)*
        });

        impl Strings {
            /// English, as it is written in this file.
            pub fn english() -> &'static Self {
                &ENGLISH
            }

            /// Every text through `change`: translations by a program, and the pseudo-locale.
            #[must_use]
            pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
                Self {
                    lang: self.lang.clone(),
                    $($text: Cow::Owned(change(&self.$text)),)*
                    $($count: Count {
                        one: Cow::Owned(change(&self.$count.one)),
                        other: Cow::Owned(change(&self.$count.other)),
                    },)*
                }
            }

            /// ⟦ŵîţĥ åççéñţš åñđ ļöñĝéŕ⟧: shows what is not translated, and what has no room.
            pub fn pseudo() -> Self {
                let mut pseudo = Self::english().map(|text| {
                    let letter = |c: char| match c {
                        'a' => 'å', 'c' => 'ç', 'd' => 'đ', 'e' => 'é', 'g' => 'ĝ', 'h' => 'ĥ',
                        'i' => 'î', 'l' => 'ļ', 'n' => 'ñ', 'o' => 'ö', 'r' => 'ŕ', 's' => 'š',
                        't' => 'ţ', 'u' => 'û', 'w' => 'ŵ', 'y' => 'ý', c => c,
                    };
                    format!("⟦{}⟧", text.chars().map(letter).collect::<String>())
                });
                pseudo.lang = Cow::Borrowed("en-x-pseudo");
                pseudo
            }
        }
    };
}

pub(crate) use strings;
