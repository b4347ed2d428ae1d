//! The one place that asks what time it is, and what is said of a clock that is wrong.

use std::time::{SystemTime, UNIX_EPOCH};

use upseed_rooms::ClockError;

/// Unix seconds. A clock before 1970 reads as 0.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// What a user is told of a clock that is not that of others.
pub(crate) fn warning(error: &ClockError) -> String {
    let ClockError { seconds, is_ahead, peers } = *error;
    let off = match seconds {
        0..7_200 => format!("{} min", (seconds + 30) / 60),
        7_200..172_800 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    };
    let (how, what) = match is_ahead {
        true => {
            ("ahead of", "what you write is refused by others until their clocks have come there")
        }
        false => {
            ("behind", "what others write now is not taken, and what you write seems old to them")
        }
    };
    format!(
        "This machine's clock is {off} {how} {peers} peers: {what}. Set it, for example with \
         `timedatectl set-ntp true`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_told_in_units_that_people_use() {
        let told = |seconds, is_ahead| warning(&ClockError { seconds, is_ahead, peers: 7 });
        assert!(
            told(7_140, true)
                .starts_with("This machine's clock is 119 min ahead of 7 peers: what you write")
        );
        assert!(told(7_230, true).contains(" 2 h ahead of "));
        assert!(told(7_200 * 24, false).contains(" 2 days behind 7 peers: what others write"));
    }
}
