//! Days, and for how long records are in the sets.

use upseed_model::limits::HORIZON_DAYS;

/// Seconds of a day; sets are kept by UTC day.
pub const DAY: u64 = 86_400;

/// Days of one bucket of `ranks_by_month`.
pub const MONTH: i64 = 30;

/// The first day that is not too old for a set.
pub const fn oldest_day(now: u64) -> u64 {
    (now / DAY).saturating_sub(HORIZON_DAYS)
}

/// Days between a time and now, both in unix seconds; 0 for what is still to come.
pub const fn days_ago(time: u64, now: u64) -> u64 {
    (now / DAY).saturating_sub(time / DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_horizon_is_whole_days() {
        assert_eq!(oldest_day(1_000 * DAY + 5), 600);
        assert_eq!(oldest_day(5), 0);
    }
}
