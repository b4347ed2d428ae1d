//! Moderation that belongs to the reader: what becomes of what somebody labelled to whom one
//! subscribes, and of what its author retracted.
//!
//! ```
//! use upseed_model::moderation::{LabelAction, LabelActions};
//!
//! let mut actions = LabelActions { other: LabelAction::Mark, ..LabelActions::default() };
//! actions.values.insert("spam".parse()?, LabelAction::Hide);
//! assert_eq!(actions.of("spam"), LabelAction::Hide);
//! assert_eq!(actions.of("off-topic"), LabelAction::Mark);
//! # Ok::<(), upseed_model::moderation::LabelValueError>(())
//! ```

use std::{borrow::Borrow, collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{limits::MAX_LABEL_VALUE, text::check_line};

/// What becomes of an item with a label, from the least to the most. Of several the greatest holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum LabelAction {
    /// Nothing.
    Ignore,
    /// It is shown with the label beside it.
    Mark,
    /// Its line says what it was labelled, and opens when asked.
    #[default]
    Fold,
    /// It is left out of every list, and its text is not fetched.
    Hide,
}

impl LabelAction {
    /// Every action, the least first.
    pub const ALL: [Self; 4] = [Self::Ignore, Self::Mark, Self::Fold, Self::Hide];

    /// The name in JSON, in forms and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Mark => "mark",
            Self::Fold => "fold",
            Self::Hide => "hide",
        }
    }
}

impl fmt::Display for LabelAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word names no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an action for labels: expected hide, fold, mark or ignore")]
pub struct UnknownAction(String);

impl FromStr for LabelAction {
    type Err = UnknownAction;

    fn from_str(name: &str) -> Result<Self, UnknownAction> {
        let found = Self::ALL.into_iter().find(|action| action.as_str() == name);
        found.ok_or_else(|| UnknownAction(name.into()))
    }
}

/// What a label says, such as `spam`: one line of 1 … 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelValue(String);

/// It is no label's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} cannot be a label: a label is one line of 1 to {MAX_LABEL_VALUE} bytes")]
pub struct LabelValueError {
    value: String,
}

impl LabelValue {
    /// As a label statement has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for LabelValue {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LabelValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LabelValue {
    type Err = LabelValueError;

    fn from_str(value: &str) -> Result<Self, LabelValueError> {
        match check_line("label", value.as_bytes(), MAX_LABEL_VALUE) {
            Ok(line) if !line.is_empty() => Ok(Self(line.into())),
            _ => Err(LabelValueError { value: value.chars().take(64).collect() }),
        }
    }
}

impl Serialize for LabelValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LabelValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// What a subscription to somebody's labels does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LabelActions {
    /// For every value that is not named.
    #[serde(default)]
    pub other: LabelAction,
    /// For these values.
    #[serde(default)]
    pub values: BTreeMap<LabelValue, LabelAction>,
}

impl LabelActions {
    /// What becomes of an item with a label of this value.
    pub fn of(&self, value: &str) -> LabelAction {
        self.values.get(value).copied().unwrap_or(self.other)
    }
}

/// What becomes of the hosting of an item when its author retracts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeepRetracted {
    /// It stays hosted, and its user is asked.
    #[default]
    Ask,
    /// It stays hosted.
    Keep,
    /// It is hosted no more. The vote stays.
    Drop,
}

impl KeepRetracted {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Ask, Self::Keep, Self::Drop];

    /// The name in JSON, in forms and in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Keep => "keep",
            Self::Drop => "drop",
        }
    }
}

/// The word names no choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a choice for retracted items: expected ask, keep or drop")]
pub struct UnknownKeep(String);

impl FromStr for KeepRetracted {
    type Err = UnknownKeep;

    fn from_str(name: &str) -> Result<Self, UnknownKeep> {
        let found = Self::ALL.into_iter().find(|keep| keep.as_str() == name);
        found.ok_or_else(|| UnknownKeep(name.into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_action_and_choice_has_one_name() {
        for action in LabelAction::ALL {
            assert_eq!(action.as_str().parse::<LabelAction>().unwrap(), action);
            assert_eq!(serde_json::to_string(&action).unwrap(), format!("{:?}", action.as_str()));
        }
        for keep in KeepRetracted::ALL {
            assert_eq!(keep.as_str().parse::<KeepRetracted>().unwrap(), keep);
            assert_eq!(serde_json::to_string(&keep).unwrap(), format!("{:?}", keep.as_str()));
        }
        assert!("block".parse::<LabelAction>().is_err());
        assert!("".parse::<KeepRetracted>().is_err());
    }

    #[test]
    fn a_value_is_one_short_line() {
        for good in ["spam", "off topic", &"é".repeat(16)] {
            assert_eq!(good.parse::<LabelValue>().unwrap().as_str(), good);
        }
        for bad in ["", "a\nb", &"é".repeat(17), "a\0"] {
            assert!(bad.parse::<LabelValue>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn actions_are_read_as_they_were_written() {
        let actions: LabelActions =
            serde_json::from_str(r#"{ "values": { "spam": "hide", "old": "ignore" } }"#).unwrap();
        assert_eq!(actions.other, LabelAction::Fold);
        let again = serde_json::from_str(&serde_json::to_string(&actions).unwrap()).unwrap();
        assert_eq!(actions, again);
        assert!(serde_json::from_str::<LabelActions>(r#"{ "values": { "": "hide" } }"#).is_err());
    }
}
