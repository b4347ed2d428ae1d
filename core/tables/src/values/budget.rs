//! How many bytes of a board's day strangers may fill, and the work that they must show for them.

use upseed_model::{
    Statement,
    limits::{DEFAULT_DAYS, MAX_DAY_BYTES},
};

/// A day before those that a node reconciles has this part of the budget: what is asked for by name, such as
/// the post that a comment answers, fits, and a flood into 400 days does not.
const PAST: u64 = 64;

/// Records that share a budget: a flood of one class leaves the others their room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Posts and comments: half of a day.
    Items,
    /// Ballots: a quarter.
    Ballots,
    /// All other statements: a quarter.
    Others,
}

impl Class {
    /// All of them, in the order of [`Class::index`].
    pub const ALL: [Self; 3] = [Self::Items, Self::Ballots, Self::Others];

    /// The class of a statement.
    pub const fn of(statement: &Statement) -> Self {
        match statement {
            Statement::Ballot { .. } => Self::Ballots,
            _ => Self::Others,
        }
    }

    /// Its place in rows of bytes by class.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Bytes of a day that is so many days ago.
    const fn budget(self, ago: u64) -> u64 {
        let whole = match self {
            Self::Items => MAX_DAY_BYTES / 2,
            Self::Ballots | Self::Others => MAX_DAY_BYTES / 4,
        };
        if ago > DEFAULT_DAYS { whole / PAST } else { whole }
    }

    /// The bits beyond what its size asks for to which a stranger's record must commit when its class takes
    /// so many bytes already of a day that is so many days `ago`: none for the first half of the budget, then one more for each 32nd
    /// of it, so that each costs twice as much as the one before. `None`: strangers may add nothing more.
    pub fn asked_of_strangers(self, ago: u64, bytes: u64) -> Option<u8> {
        let budget = self.budget(ago);
        let beyond = bytes.saturating_sub(budget / 2) / (budget / 32);
        u8::try_from(beyond).ok().filter(|_| bytes < budget)
    }

    /// Whether people whom the reader trusts may add to so many bytes: up to four times the budget, since a
    /// trusted key can be stolen.
    pub fn has_room_for_trusted(self, bytes: u64) -> bool {
        bytes < 4 * self.budget(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shared_out() {
        assert_eq!(Class::ALL.iter().map(|class| class.budget(0)).sum::<u64>(), MAX_DAY_BYTES);
        assert!(Class::ALL.iter().enumerate().all(|(at, class)| class.index() == at));
    }

    #[test]
    fn each_32nd_of_a_budget_beyond_its_half_costs_twice_as_much() {
        let asked = |bytes| Class::Items.asked_of_strangers(DEFAULT_DAYS, bytes);
        let (budget, step) = (32 << 20, 1 << 20);
        assert_eq!((asked(0), asked(budget / 2)), (Some(0), Some(0)));
        assert_eq!((asked(budget / 2 + step), asked(budget / 2 + 2 * step)), (Some(1), Some(2)));
        assert_eq!((asked(budget - 1), asked(budget), asked(u64::MAX)), (Some(15), None, None));
    }

    #[test]
    fn four_hundred_days_of_a_flood_are_less_than_ten_of_now() {
        let past = |class: Class| 370 * class.budget(DEFAULT_DAYS + 1);
        assert!(Class::ALL.into_iter().map(past).sum::<u64>() < 10 * MAX_DAY_BYTES);
        assert_eq!(Class::Items.asked_of_strangers(DEFAULT_DAYS + 1, 1 << 19), None);
    }
}
