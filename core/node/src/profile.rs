//! What the user says about themselves.

use upseed_model::{
    RecordError, SignedStatement, Statement, StatementDraft,
    limits::{MAX_ABOUT, MAX_NAME, MAX_PROFILE_BOARDS},
    text::check_line,
};

use crate::{Node, NodeError, clock::now, node::locked};

impl Node {
    /// Publishes a name and a few words; both may be empty.
    pub async fn set_profile(&self, name: String, about: String) -> Result<(), NodeError> {
        check_line("name", name.as_bytes(), MAX_NAME).map_err(RecordError::from)?;
        check_line("about text", about.as_bytes(), MAX_ABOUT).map_err(RecordError::from)?;
        self.blocking(move |node| {
            let inner = &node.inner;
            let key = inner.identity.get_or_create()?;
            inner.store.set_me(Some(key.public()))?;
            let _writing = locked(&inner.writing);
            let mut active: Vec<_> = inner.store.boards()?.iter().map(|row| row.name).collect();
            active.sort_unstable();
            active.truncate(MAX_PROFILE_BOARDS);
            let last = inner.store.statements_of(&key.public(), "profile")?;
            let last = last.iter().map(SignedStatement::time).max().unwrap_or(0);
            let draft = StatementDraft {
                author: key.public(),
                boards: node.statement_boards()?,
                time: now().max(last + 1),
                content: Statement::Profile { name, about, active, next: None },
            };
            node.write_statement(&draft)
        })
        .await
    }
}
