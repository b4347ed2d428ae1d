//! Statements: the newest of each slot stays, and what an older one said is undone.

use rusqlite::OptionalExtension as _;
use upseed_model::{SignedStatement, Statement};

use super::{admission::Offer, batch::Batch, items, retractions, scores, slots, successions};
use crate::values::{
    budget::Class,
    day::{DAY, oldest_day},
    error::StoreError,
    member::Member,
    number::int,
    outcome::Outcome,
};

/// A statement in its slot.
struct Row {
    id: i64,
    listed: bool,
    statement: SignedStatement,
}

impl Row {
    /// Whether its day grows by nothing when this one takes its place: a vote can be taken back on a full day.
    fn has_room_for(&self, newer: &SignedStatement) -> bool {
        let same_day = self.statement.time() / DAY == newer.time() / DAY;
        self.listed && same_day && newer.bytes().len() <= self.statement.bytes().len()
    }
}

impl Batch<'_> {
    /// Takes a statement in, in place of the older one in its slot.
    pub fn add_statement(
        &mut self,
        statement: &SignedStatement,
        now: u64,
    ) -> Result<Outcome, StoreError> {
        if self.knows("statements", statement.work().as_bytes())? {
            return Ok(Outcome::Known);
        }
        let slot = slots::slot_bytes(&statement.slot_key());
        let older = self.in_slot(&slot)?;
        if let Some(kept) = &older
            && !statement.replaces(&kept.statement)
        {
            return Ok(Outcome::Superseded { newer: kept.statement.bytes().to_vec() });
        }
        let listed = statement.time() / DAY >= oldest_day(now);
        if !listed && !self.is_me(statement.author()) {
            return Ok(Outcome::TooOld);
        }
        let offer = Offer {
            author: statement.author(),
            time: statement.time(),
            class: Class::of(statement.content()),
            spare: statement.spare_bits(),
        };
        let in_its_place = older.as_ref().is_some_and(|older| older.has_room_for(statement));
        for name in statement.boards().iter().filter(|_| !in_its_place) {
            let board = self.board(name)?;
            if !self.admits(board, &offer, now)? {
                return Ok(Outcome::Full);
            }
        }
        let author = self.key(&statement.author())?;
        if let Some(older) = &older {
            self.remove_row(older.id, &older.statement, older.listed)?;
        }
        let mut insert = self.db.prepare_cached(
            "INSERT INTO statements (work, slot, author, time, bits, listed, first_seen, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        insert.execute((
            statement.work().as_bytes(),
            slot,
            author,
            int(statement.time()),
            statement.proof().bits,
            listed,
            int(now),
            statement.bytes(),
        ))?;
        self.tally.statements += 1;
        if listed {
            self.list_statement(statement)?;
        }
        let older = older.map(|older| older.statement);
        self.apply(older.as_ref(), Some(statement))?;
        self.note_labels(statement, now)?;
        if self.is_me(statement.author()) {
            self.note_my_ballot(older.as_ref(), statement)?;
        }
        Ok(Outcome::New)
    }

    /// Whether a record with this work id is here.
    fn knows(&self, table: &'static str, work: &[u8; 32]) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM {table} WHERE work = ?1");
        let found = self.db.prepare_cached(&sql)?.query_row([work], |_| Ok(())).optional()?;
        Ok(found.is_some())
    }

    fn in_slot(&self, slot: &[u8]) -> Result<Option<Row>, StoreError> {
        let mut find =
            self.db.prepare_cached("SELECT id, listed, bytes FROM statements WHERE slot = ?1")?;
        let found = find
            .query_row([slot], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?)))
            .optional()?;
        let Some((id, listed, bytes)) = found else { return Ok(None) };
        Ok(Some(Row { id, listed, statement: slots::parse(&bytes)? }))
    }

    /// Into the sets of its boards.
    pub fn list_statement(&mut self, statement: &SignedStatement) -> Result<(), StoreError> {
        let member = Member::of_statement(statement);
        for board in statement.boards() {
            let board = self.board(board)?;
            self.join_set(board, member)?;
        }
        Ok(())
    }

    /// Out of the sets of its boards.
    pub fn unlist_statement(&mut self, statement: &SignedStatement) -> Result<(), StoreError> {
        let member = Member::of_statement(statement);
        for board in statement.boards() {
            let board = self.board(board)?;
            self.leave_set(board, member)?;
        }
        Ok(())
    }

    /// Deletes the row and leaves the sets; what it said is [`Batch::apply`]'s.
    pub fn remove_row(
        &mut self,
        id: i64,
        statement: &SignedStatement,
        listed: bool,
    ) -> Result<(), StoreError> {
        if listed {
            self.unlist_statement(statement)?;
        }
        self.db.prepare_cached("DELETE FROM statements WHERE id = ?1")?.execute([id])?;
        self.tally.statements -= 1;
        Ok(())
    }

    /// Derives what changes when `after` takes the place of `before`, which has the same slot.
    pub fn apply(
        &mut self,
        before: Option<&SignedStatement>,
        after: Option<&SignedStatement>,
    ) -> Result<(), StoreError> {
        let Some(statement) = after.or(before) else { return Ok(()) };
        if let Statement::Succession { .. } = statement.content() {
            return self.apply_succession(statement, after.is_some());
        }
        if successions::is_list(statement) {
            let author = self.key(&statement.author())?;
            if successions::has_ended(self.db, author)? {
                return Ok(());
            }
        }
        self.derive(before, after)
    }

    /// [`Batch::apply`] without asking whether the author's key is still in use.
    pub fn derive(
        &mut self,
        before: Option<&SignedStatement>,
        after: Option<&SignedStatement>,
    ) -> Result<(), StoreError> {
        let Some(statement) = after.or(before) else { return Ok(()) };
        match statement.content() {
            Statement::Ballot { .. } => self.apply_ballot(before, after),
            Statement::Retraction { targets } => {
                let author = self.key(&statement.author())?;
                let sql = if after.is_some() {
                    "INSERT INTO retracted VALUES (?1, ?2) ON CONFLICT DO NOTHING"
                } else {
                    "DELETE FROM retracted WHERE target = ?1 AND author = ?2"
                };
                for target in targets {
                    self.db.prepare_cached(sql)?.execute((target.as_bytes(), author))?;
                    if let Some(item) = items::id(self.db, target)? {
                        scores::refresh_hidden(self.db, item)?;
                        if after.is_some() {
                            retractions::note(self.db, item, author)?;
                        }
                    }
                }
                Ok(())
            }
            Statement::Follows { .. } => {
                self.apply_follows(before, after)?;
                self.apply_starter_list(before, after)
            }
            Statement::Labels { .. } => self.apply_labels(before, after),
            Statement::Profile { .. } => self.apply_profile(before, after),
            Statement::Succession { .. } => Ok(()),
        }
    }
}
