//! Packs in which older items are hosted, and how far each has come.

/// How far a pack has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackState {
    /// It is made and given to whoever hosts it; nobody has seen yet that it is given to others. Its items are hosted
    /// on their own.
    Given,
    /// A page of it was fetched: its items' own torrents are being removed.
    Switching,
    /// It is what hosts its items.
    Hosted,
    /// Its user removed it in the client, or a tool did: they are asked, and this node's own engine hosts it meanwhile.
    Missing,
    /// Others host its items, or none are left: it is to be removed.
    Leaving,
}

/// What happened to a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackHappened {
    /// A page of it was fetched from whoever is to host it.
    Proved,
    /// Its items' own torrents are gone.
    Switched,
    /// Whoever hosts it lacks it, or does not seed it any more.
    Lost,
    /// It was removed in the client, and not by this node.
    Removed,
    /// The user wants what is missing hosted again.
    HostAgain,
    /// The user lets go of what is missing.
    LetGo,
    /// Nothing in it needs it any more.
    Superseded,
}

impl PackState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Given, Self::Switching, Self::Hosted, Self::Missing, Self::Leaving];

    /// What it becomes.
    pub const fn after(self, happened: PackHappened) -> Self {
        use PackHappened as H;
        match (self, happened) {
            (Self::Given, H::Proved) => Self::Switching,
            (Self::Switching, H::Switched) => Self::Hosted,
            // It is given anew. What its items are meanwhile, they stay.
            (Self::Switching | Self::Hosted, H::Lost) | (Self::Missing, H::HostAgain) => {
                Self::Given
            }
            (Self::Given | Self::Switching | Self::Hosted, H::Removed) => Self::Missing,
            (Self::Missing, H::LetGo) | (_, H::Superseded) => Self::Leaving,
            _ => self,
        }
    }

    /// As its number in a row, which never changes.
    pub const fn number(self) -> i64 {
        match self {
            Self::Given => 0,
            Self::Switching => 1,
            Self::Hosted => 2,
            Self::Missing => 3,
            Self::Leaving => 4,
        }
    }

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Switching => "switching",
            Self::Hosted => "hosted",
            Self::Missing => "missing",
            Self::Leaving => "leaving",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair() {
        use PackHappened as H;
        use PackState::{Given, Hosted, Leaving, Missing, Switching};
        let table = [
            (H::Proved, [Switching, Switching, Hosted, Missing, Leaving]),
            (H::Switched, [Given, Hosted, Hosted, Missing, Leaving]),
            (H::Lost, [Given, Given, Given, Missing, Leaving]),
            (H::Removed, [Missing, Missing, Missing, Missing, Leaving]),
            (H::HostAgain, [Given, Switching, Hosted, Given, Leaving]),
            (H::LetGo, [Given, Switching, Hosted, Leaving, Leaving]),
            (H::Superseded, [Leaving; 5]),
        ];
        for (happened, after) in table {
            let found = PackState::ALL.map(|state| state.after(happened));
            assert_eq!(found, after, "{happened:?}");
        }
        let numbers = PackState::ALL.map(PackState::number);
        assert_eq!(numbers, [0, 1, 2, 3, 4], "they stand in rows");
    }
}
