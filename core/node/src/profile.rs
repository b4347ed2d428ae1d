//! What the user says about themselves.

use upseed_model::{
    BoardName, PublicKey, RecordError, SignedStatement, Statement, StatementDraft, StatementKind,
    limits::{MAX_ABOUT, MAX_AHEAD, MAX_BOARDS, MAX_NAME, MAX_PROFILE_BOARDS},
    text::check_line,
};

use crate::{Node, NodeError, clock::now};

impl Node {
    /// Publishes a name and a few words; both may be empty.
    pub async fn set_profile(&self, name: String, about: String) -> Result<(), NodeError> {
        check_line("name", name.as_bytes(), MAX_NAME).map_err(RecordError::from)?;
        check_line("about text", about.as_bytes(), MAX_ABOUT).map_err(RecordError::from)?;
        self.blocking(move |node| {
            let key = node.inner.identity.get_or_create()?;
            node.inner.store.set_me(Some(key.public()))?;
            let mut active: Vec<_> =
                node.inner.store.boards()?.iter().map(|row| row.name).collect();
            active.sort_unstable();
            active.truncate(MAX_PROFILE_BOARDS);
            let content = Statement::Profile { name, about, active, next: None };
            node.write_profile(key.public(), &content, now())
        })
        .await
    }

    /// A profile that was written while this machine's clock was ahead is said again.
    pub(crate) fn say_profile_again(&self, me: PublicKey, now: u64) -> Result<(), NodeError> {
        let all = self.inner.store.statements_of(&me, StatementKind::Profile)?;
        let newest = all.iter().max_by_key(|profile| (profile.time(), profile.work()));
        let Some(newest) = newest.filter(|profile| is_early(profile, now)) else { return Ok(()) };
        let content = newest.content();
        if all.iter().any(|profile| !is_early(profile, now) && profile.content() == content) {
            return Ok(());
        }
        self.write_profile(me, content, now)
    }

    pub(crate) fn write_profile(
        &self,
        author: PublicKey,
        content: &Statement,
        now: u64,
    ) -> Result<(), NodeError> {
        while !self.try_profile(author, content, now)? {}
        Ok(())
    }

    /// False if another profile came meanwhile.
    fn try_profile(
        &self,
        author: PublicKey,
        content: &Statement,
        now: u64,
    ) -> Result<bool, NodeError> {
        let all = self.inner.store.statements_of(&author, StatementKind::Profile)?;
        for (boards, time) in plan(&all, self.statement_boards()?, content, now) {
            let old = all.iter().find(|old| old.boards() == boards).map(SignedStatement::work);
            let draft = StatementDraft { author, boards, time, content: content.clone() };
            if !self.write_statement(&draft, old, || Ok(true))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Others do not take it before its time.
fn is_early(profile: &SignedStatement, now: u64) -> bool {
    profile.time() > now + MAX_AHEAD
}

/// On which boards to say it, and with what time. A profile has one slot for each list of boards, and
/// nothing replaces what lies in the future there: it is said on another list too, and there again,
/// for when that time comes.
fn plan(
    all: &[SignedStatement],
    boards: Vec<BoardName>,
    content: &Statement,
    now: u64,
) -> Vec<(Vec<BoardName>, u64)> {
    let early = all.iter().filter(|profile| is_early(profile, now));
    let mut plan: Vec<(Vec<BoardName>, u64)> = early
        .clone()
        .filter(|profile| profile.content() != content)
        .map(|profile| (profile.boards().to_vec(), profile.time() + 1))
        .collect();
    let is_free = |boards: &Vec<BoardName>| early.clone().all(|profile| profile.boards() != boards);
    let last = all.iter().filter(|profile| !is_early(profile, now)).map(SignedStatement::time);
    let time = now.max(last.max().unwrap_or(0) + 1);
    plan.extend(lists(boards).into_iter().find(is_free).map(|boards| (boards, time)));
    plan
}

/// Lists of boards on which the members of these boards see a statement, the best first.
fn lists(boards: Vec<BoardName>) -> Vec<Vec<BoardName>> {
    let mut lists = vec![boards.clone()];
    for further in (1..=u8::MAX).filter_map(|number| format!("profile-{number}").parse().ok()) {
        let mut list = boards.clone();
        list.truncate(MAX_BOARDS - 1);
        list.push(further);
        list.sort_unstable();
        list.dedup();
        lists.push(list);
    }
    lists
}

#[cfg(test)]
mod tests {
    use upseed_model::SecretKey;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn content(name: &str) -> Statement {
        Statement::Profile { name: name.into(), about: "".into(), active: vec![], next: None }
    }

    fn profile(name: &str, boards: &[&str], time: u64) -> SignedStatement {
        let key = SecretKey::from_seed(&[1; 32]);
        let boards = boards.iter().map(|board| board.parse().unwrap()).collect();
        let draft = StatementDraft { author: key.public(), boards, time, content: content(name) };
        SignedStatement::from_bytes(&draft.puzzle(0).solve(&key)).unwrap()
    }

    fn planned(all: &[SignedStatement], name: &str) -> Vec<(String, u64)> {
        plan(all, vec![BoardName::upseed()], &content(name), NOW)
            .into_iter()
            .map(|(boards, time)| {
                (boards.iter().map(BoardName::as_str).collect::<Vec<_>>().join(" "), time)
            })
            .collect()
    }

    #[test]
    fn what_was_said_too_early_is_said_again() {
        let early = NOW + 400 * 86_400;
        let ahead = profile("Ann", &["upseed"], early);
        let again = ("profile-1 upseed".to_owned(), NOW);
        assert_eq!(planned(std::slice::from_ref(&ahead), "Ann"), std::slice::from_ref(&again));
        let both = [("upseed".to_owned(), early + 1), again];
        assert_eq!(planned(&[ahead], "Bea"), both);
        let usual = [("upseed".to_owned(), NOW + 1)];
        assert_eq!(planned(&[profile("Ann", &["upseed"], NOW)], "Bea"), usual);
    }
}
