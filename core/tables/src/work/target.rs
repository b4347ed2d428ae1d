//! What labels and exceptions are about, as rows have it.

use rusqlite::{
    Connection, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use upseed_model::{WorkId, statement::LabelTarget};

use super::{items, names, scores};
use crate::values::error::StoreError;

/// An item by its work id, or a person by their key's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// An item, by its work id.
    Item([u8; 32]),
    /// A person, by the row in `keys`.
    Person(i64),
}

impl Target {
    /// A key that has no number gets one.
    pub fn of(db: &Connection, target: &LabelTarget) -> Result<Self, StoreError> {
        Ok(match target {
            LabelTarget::Item(work) => Self::Item(*work.as_bytes()),
            LabelTarget::Key(key) => Self::Person(names::key_id(db, key)?),
        })
    }

    /// As it stands in a label.
    pub fn name(self, db: &Connection) -> Result<LabelTarget, StoreError> {
        Ok(match self {
            Self::Item(work) => LabelTarget::Item(WorkId::from_bytes(work)),
            Self::Person(key) => {
                let mut find = db.prepare_cached("SELECT key FROM keys WHERE id = ?1")?;
                LabelTarget::Key(names::parse_key(find.query_row([key], |row| row.get(0))?)?)
            }
        })
    }

    /// Writes anew whether it is hidden.
    pub fn refresh_hidden(self, db: &Connection) -> Result<(), StoreError> {
        match self {
            Self::Item(work) => match items::id(db, &WorkId::from_bytes(work))? {
                Some(item) => scores::refresh_hidden(db, item),
                None => Ok(()),
            },
            Self::Person(author) => scores::refresh_author(db, author),
        }
    }
}

impl ToSql for Target {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        match self {
            Self::Item(work) => work.to_sql(),
            Self::Person(key) => key.to_sql(),
        }
    }
}

impl FromSql for Target {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(key) => Ok(Self::Person(key)),
            ValueRef::Blob(work) => {
                work.try_into().map(Self::Item).map_err(|_| FromSqlError::InvalidType)
            }
            _ => Err(FromSqlError::InvalidType),
        }
    }
}
