//! Unix seconds as the dates that HTML, RSS and people read, and in words. No clock is read.

use crate::strings::{Strings, fill};

/// Year, month, day of a moment in UTC (Howard Hinnant's `civil_from_days`).
fn civil(time: u64) -> (u64, u64, u64) {
    // The first of March of year 0 is 719,468 days before 1970.
    let days = time / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// `2026-11-22`.
pub fn date(time: u64) -> String {
    let (year, month, day) = civil(time);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-22T19:25Z`, for `datetime`.
pub fn iso(time: u64) -> String {
    let minutes = time / 60 % 1_440;
    format!("{}T{:02}:{:02}Z", date(time), minutes / 60, minutes % 60)
}

/// `Sun, 22 Nov 2026 19:25:18 +0000`, as RSS wants it (RFC 2822).
pub fn rfc2822(time: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = civil(time);
    let weekday = DAYS[(time / 86_400 % 7) as usize];
    let month = MONTHS[(month - 1) as usize];
    let (hours, minutes, seconds) = (time / 3_600 % 24, time / 60 % 60, time % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hours:02}:{minutes:02}:{seconds:02} +0000")
}

impl Strings {
    /// For how long the network has been searched, as people say it.
    pub fn searching(&self, seconds: u64) -> String {
        match seconds {
            0..120 => self.tried_seconds.of(seconds),
            120..7_200 => self.tried_minutes.of(seconds / 60),
            _ => self.tried_hours.of(seconds / 3_600),
        }
    }

    /// A time in words, as seen at `now`; longer ago than 30 days it is the date (UTC).
    pub fn age(&self, time: u64, now: u64) -> String {
        let seconds = now.saturating_sub(time);
        let (text, n) = match seconds {
            0..60 => return self.now.to_string(),
            60..3_600 => (&self.minutes, seconds / 60),
            3_600..86_400 => (&self.hours, seconds / 3_600),
            86_400..2_592_000 => (&self.days, seconds / 86_400),
            _ => return date(time),
        };
        fill(text, &n.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        // `date -u -R -d @1795375518`
        assert_eq!(rfc2822(1_795_375_518), "Sun, 22 Nov 2026 19:25:18 +0000");
        assert_eq!(iso(1_795_375_518), "2026-11-22T19:25Z");
        assert_eq!(rfc2822(0), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1 << 40), "36812-02-20");
    }
}
