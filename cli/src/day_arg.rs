//! A day as people type it.

/// Days from 1970-01-01 to the first day of March of the year 0.
const EPOCH: u64 = 719_468;

/// Reads a day of the form 2026-11-30; gives the days since 1970-01-01.
pub(crate) fn day(typed: &str) -> Result<u64, String> {
    let wrong = || format!("{typed:?} is not a day: write it as 2026-11-30");
    let mut parts = typed.split('-').map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u64>().ok().filter(|_| digits)
    });
    let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let last = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return Err(wrong()),
    };
    if !(1..=last).contains(&day) || !(1970..=9999).contains(&year) {
        return Err(wrong());
    }
    // Years that begin with March have the leap day at their end.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Ok(days - EPOCH)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::day;

    #[test]
    fn days_are_counted_from_1970() {
        for (typed, expected) in [
            ("1970-01-01", 0),
            ("1970-03-01", 59),
            ("2000-02-29", 11_016),
            ("2024-12-31", 20_088),
            ("2026-11-30", 20_787),
        ] {
            assert_eq!(day(typed).unwrap(), expected, "{typed}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for typed in [
            "",
            "2026",
            "2026-11",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "1969-12-31",
            "30d",
            "2026-1+-1",
            "2026-11-30-1",
        ] {
            assert!(day(typed).unwrap_err().contains("write it as"), "{typed}");
        }
    }
}
