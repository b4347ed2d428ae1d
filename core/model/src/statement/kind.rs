//! The kinds of statements.

use std::fmt;

use super::Statement;

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementKind {
    /// See [`Statement::Ballot`].
    Ballot,
    /// See [`Statement::Follows`].
    Follows,
    /// See [`Statement::Labels`].
    Labels,
    /// See [`Statement::Profile`].
    Profile,
    /// See [`Statement::Retraction`].
    Retraction,
    /// See [`Statement::Succession`].
    Succession,
}

impl StatementKind {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 6] = [
        Self::Ballot,
        Self::Follows,
        Self::Labels,
        Self::Profile,
        Self::Retraction,
        Self::Succession,
    ];

    /// Its name on the wire, which is signed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ballot => "ballot",
            Self::Follows => "follows",
            Self::Labels => "labels",
            Self::Profile => "profile",
            Self::Retraction => "retraction",
            Self::Succession => "succession",
        }
    }

    /// The kind of this name, if this version knows it.
    pub(super) fn from_wire(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().as_bytes() == name)
    }
}

impl fmt::Display for StatementKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Statement {
    /// Which kind it is.
    pub const fn kind(&self) -> StatementKind {
        match self {
            Self::Ballot { .. } => StatementKind::Ballot,
            Self::Follows { .. } => StatementKind::Follows,
            Self::Labels { .. } => StatementKind::Labels,
            Self::Profile { .. } => StatementKind::Profile,
            Self::Retraction { .. } => StatementKind::Retraction,
            Self::Succession { .. } => StatementKind::Succession,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for kind in StatementKind::ALL {
            assert_eq!(StatementKind::from_wire(kind.to_string().as_bytes()), Some(kind));
        }
        assert_eq!(StatementKind::from_wire(b"Ballot"), None);
        // Slots are kept by these names, and sorted so.
        assert!(StatementKind::ALL.is_sorted_by_key(|kind| kind.as_str()));
        assert!(StatementKind::ALL.is_sorted());
    }
}
