//! People as the command shows them: as the view does, a name never stands alone.

use std::collections::HashMap;

use upseed_api::{PeopleRequest, Person, Relation};
use upseed_model::{PublicKey, text::is_blank};

use crate::{failure::Failure, print::safe, remote::Remote};

/// People whose names are looked up with one call.
const AT_ONCE: usize = 1_000;

/// Somebody: the name that they chose, the key's first letters, and what they are to the user, in a
/// place where no name can stand.
pub(crate) fn by(key: &PublicKey, name: &str, relation: Relation) -> String {
    let letters: String =
        key.to_string().chars().skip_while(|c| *c != ':').skip(1).take(8).collect();
    let name = match name {
        name if is_blank(name) => String::new(),
        name if is_plain(name) => format!("{name} "),
        // In quotes that it cannot leave.
        name => format!("“{}” ", safe(name).replace(['“', '”'], "\"")),
    };
    let relation = match relation {
        Relation::You => " (you)",
        Relation::Followed => " (followed)",
        Relation::Muted => " (muted)",
        Relation::Ended => " (key ended)",
        Relation::Stranger => "",
    };
    format!("{name}{letters}{relation}")
}

/// Whether a name is one word, which cannot be taken for anything beside it.
fn is_plain(name: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\'');
    let own = ["you", "followed", "muted"].iter().any(|word| name.eq_ignore_ascii_case(word));
    !own && name.chars().all(is_letter)
}

/// [`by`].
pub(crate) fn shown(person: &Person) -> String {
    by(&person.key, &person.name, person.relation)
}

/// Somebody, by whatever names them.
pub(crate) async fn find(node: &Remote, who: String) -> Result<Person, Failure> {
    let found = node.people(&PeopleRequest { who: vec![who] }).await?;
    found.into_iter().next().ok_or_else(|| Failure::fault("the node named nobody"))
}

/// Who is behind keys, looked up at once.
pub(crate) struct Names(HashMap<PublicKey, Person>);

impl Names {
    pub async fn of(
        node: &Remote,
        keys: impl IntoIterator<Item = PublicKey>,
    ) -> Result<Self, Failure> {
        let mut keys: Vec<PublicKey> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let mut names = HashMap::new();
        for keys in keys.chunks(AT_ONCE) {
            let who = keys.iter().map(PublicKey::to_hex).collect();
            let found = node.people(&PeopleRequest { who }).await?;
            names.extend(keys.iter().copied().zip(found));
        }
        Ok(Self(names))
    }

    /// [`by`] of somebody.
    pub fn by(&self, key: &PublicKey) -> String {
        self.0.get(key).map_or_else(|| by(key, "", Relation::Stranger), shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_stands_alone_and_cannot_be_taken_for_what_stands_beside_it() {
        let key: PublicKey = upseed_model::SecretKey::from_seed(&[1; 32]).public();
        let letters = &key.to_string()[7..15];
        let shown = |name: &str, relation| by(&key, name, relation);
        assert_eq!(shown("ada", Relation::Followed), format!("ada {letters} (followed)"));
        assert_eq!(shown(" \u{200b}", Relation::Stranger), letters);
        assert_eq!(shown("Ada L.", Relation::You), format!("“Ada L.” {letters} (you)"));
        for name in ["you", "ada 7nne9b47", "x (followed)", "a · b", "a” b (you) “"] {
            let told = shown(name, Relation::Stranger);
            assert!(told.starts_with('“') && told.matches('”').count() == 1, "{told}");
        }
        assert!(!shown("a\u{1b}[2J", Relation::Stranger).contains('\u{1b}'));
    }
}
