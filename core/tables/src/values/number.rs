//! Numbers as SQLite holds them.

/// Unix seconds as SQLite holds them. A clock beyond 2^63 s is clamped.
pub fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The way back; a negative number in a row can only be damage, and counts as 0.
pub fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
