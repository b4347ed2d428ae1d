//! Ranking as pure functions of what is known about an item.

use std::{fmt, str::FromStr};

/// How far back a list looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 365 days.
    Year,
    /// Everything known.
    All,
}

impl Window {
    /// Every window, shortest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Year, Self::All];

    /// The earliest time inside the window, in unix seconds.
    pub const fn since(self, now: u64) -> u64 {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
            Self::All => return 0,
        };
        now.saturating_sub(days * 86_400)
    }

    /// The name in commands and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::All => "all",
        }
    }
}

/// In which order a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By score.
    Top,
    /// By score and age together.
    Hot,
    /// By time.
    New,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Top, Self::Hot, Self::New];

    /// The name in commands and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Hot => "hot",
            Self::New => "new",
        }
    }
}

/// A word that names no window or order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not valid: expected one of {expected}")]
pub struct ParseError {
    found: String,
    expected: &'static str,
}

macro_rules! named {
    ($name:ident, $expected:literal) => {
        impl FromStr for $name {
            type Err = ParseError;
            fn from_str(text: &str) -> Result<Self, ParseError> {
                let found = Self::ALL.into_iter().find(|value| value.as_str() == text);
                found.ok_or_else(|| ParseError {
                    found: text.chars().take(40).collect(),
                    expected: $expected,
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
named!(Window, "day, week, month, year, all");
named!(Sort, "top, hot, new");

/// The moment by which an item is placed in a window: nobody gains by signing a later time.
pub const fn rank_time(signed: u64, first_seen: u64) -> u64 {
    if signed < first_seen { signed } else { first_seen }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_sorts_have_names() {
        for window in Window::ALL {
            assert_eq!(window.as_str().parse(), Ok(window));
        }
        for sort in Sort::ALL {
            assert_eq!(sort.as_str().parse(), Ok(sort));
        }
        let error = "decade".parse::<Window>().unwrap_err().to_string();
        assert_eq!(error, "\"decade\" is not valid: expected one of day, week, month, year, all");
    }

    #[test]
    fn windows_end_now() {
        let now = 1_800_000_000;
        assert_eq!(Window::Day.since(now), now - 86_400);
        assert_eq!(Window::All.since(now), 0);
    }
}
