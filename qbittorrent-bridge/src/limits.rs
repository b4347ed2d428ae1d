//! The share limits of one torrent, at which the client may remove it by itself.
//!
//! What Upseed adds has none. A tool (qbit_manage) or its user may have put some on it later.

use serde_json::{Map, Value};

/// Seconds that what is told may be behind what the client acts by: it looks at its limits every ten seconds, and a busy one is
/// looked at seldom.
const BEHIND: f64 = 60.0;

/// The limits of a torrent, and how far it has come. A negative limit is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    max_ratio: f64,
    ratio: f64,
    /// In minutes, as the next one.
    max_seeding: f64,
    max_inactive: f64,
    /// For how many seconds it seeded.
    seeding: f64,
    /// Whether it is removed then, whatever holds for others; from 5.2 on.
    removes: Option<bool>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_ratio: -1.0,
            ratio: 0.0,
            max_seeding: -1.0,
            max_inactive: -1.0,
            seeding: 0.0,
            removes: None,
        }
    }
}

impl Limits {
    /// Takes what is told of it.
    pub fn update(&mut self, told: &Map<String, Value>) {
        for (key, kept) in [
            ("max_ratio", &mut self.max_ratio),
            ("ratio", &mut self.ratio),
            ("max_seeding_time", &mut self.max_seeding),
            ("max_inactive_seeding_time", &mut self.max_inactive),
            ("seeding_time", &mut self.seeding),
        ] {
            if let Some(number) = told.get(key).and_then(Value::as_f64) {
                *kept = number;
            }
        }
        if let Some(action) = told.get("share_limit_action").and_then(Value::as_str) {
            self.removes = (action != "Default").then(|| action.starts_with("Remove"));
        }
    }

    /// Whether it has reached one of them at which it is removed, as far as that is known. `removes`: whether torrents are
    /// that have no word of their own.
    pub fn remove_it(&self, removes: bool) -> bool {
        self.removes.unwrap_or(removes) && self.are_reached()
    }

    fn are_reached(&self) -> bool {
        let minutes = |limit: f64| limit >= 0.0 && self.seeding + BEHIND >= limit * 60.0;
        // No torrent that seeds for a shorter time can have been idle for longer.
        self.max_ratio >= 0.0 && self.ratio >= self.max_ratio
            || minutes(self.max_seeding)
            || minutes(self.max_inactive)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn without_a_limit_none_is_reached_and_with_one_only_near_it() {
        for (told, reached) in [
            (json!({}), false),
            (
                json!({ "max_ratio": -1, "ratio": 9, "max_seeding_time": -1, "seeding_time": 9e9 }),
                false,
            ),
            (json!({ "max_ratio": 0, "ratio": 0 }), true),
            (json!({ "max_ratio": 1.5, "ratio": 1.49 }), false),
            (json!({ "max_ratio": 1.5, "ratio": 1.5 }), true),
            (json!({ "max_seeding_time": 60, "seeding_time": 3_000 }), false),
            (json!({ "max_seeding_time": 60, "seeding_time": 3_590 }), true),
            (json!({ "max_inactive_seeding_time": 60, "seeding_time": 3_000 }), false),
            (json!({ "max_inactive_seeding_time": 60, "seeding_time": 9_000 }), true),
            (json!({ "max_ratio": "odd", "max_seeding_time": null }), false),
        ] {
            let mut limits = Limits::default();
            limits.update(told.as_object().unwrap());
            assert_eq!(limits.remove_it(true), reached, "{told}");
            assert!(!limits.remove_it(false), "{told}");
        }
    }

    #[test]
    fn what_is_done_at_a_limit_is_what_the_torrent_says_or_else_all() {
        for (action, removes, removed) in [
            ("Default", true, true),
            ("Default", false, false),
            ("Stop", true, false),
            ("Remove", false, true),
            ("RemoveWithContent", false, true),
        ] {
            let mut limits = Limits::default();
            let told = json!({ "max_ratio": 1, "ratio": 1, "share_limit_action": action });
            limits.update(told.as_object().unwrap());
            assert_eq!(limits.remove_it(removes), removed, "{action} {removes}");
        }
    }
}
