//! What becomes of records: when they come in, and when they leave.

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept, and was not here before.
    New,
    /// The same work id is here already. (A second signature over the same bytes is not kept.)
    Known,
    /// A statement that is older than the one in its slot, which is given.
    Superseded {
        /// The bytes of the newer statement.
        newer: Vec<u8>,
    },
    /// Signed more than 400 days ago, by somebody else; not kept.
    TooOld,
    /// Strangers have filled too much of its day for the work that it shows; not kept.
    Full,
}

/// Records that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Items that are gone.
    pub items: u64,
    /// Statements that are gone.
    pub statements: u64,
    /// Records that stay here but are in no set any more.
    pub kept: u64,
}
