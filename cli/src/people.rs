//! Who is behind a name or a key.

use std::collections::HashMap;

use upseed_api::{PeopleRequest, Person, Relation};
use upseed_model::PublicKey;

use crate::{byline::by, failure::Failure, remote::Remote};

/// People whose names are looked up with one call.
const AT_ONCE: usize = 1_000;

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
