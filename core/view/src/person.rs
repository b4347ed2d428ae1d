//! People as the view shows them.

use maud::{Markup, html};
use serde::Serialize;
use upseed_model::{PublicKey, text::is_blank};

use crate::{Site, Strings};

/// How many hue classes (`h0` …) the stylesheet has.
pub const HUES: u16 = 24;

/// Somebody: a name that they chose, and a key that they cannot choose freely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The key.
    pub key: PublicKey,
    /// The name from their profile, or "". It never stands alone: the key's letters are beside it.
    pub name: String,
    /// What they are to the reader. Said by the view, in a place where no name can stand.
    pub relation: Relation,
}

/// What somebody is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The reader's own key.
    You,
    /// Followed by the reader.
    Followed,
    /// Muted by the reader.
    Muted,
    /// Nobody: the key was revoked, or is claimed by two others.
    Ended,
    /// Nobody in particular.
    Stranger,
}

impl Person {
    /// The first 8 letters of the key in z-base-32: 40 bits, which cost somebody who wants to look
    /// like another a day of work, and still give them no "followed" beside it.
    pub fn short_key(&self) -> String {
        self.key.to_string().chars().skip_while(|c| *c != ':').skip(1).take(8).collect()
    }
}

/// The class that gives a key its colour.
pub fn hue(key: &PublicKey) -> String {
    let bytes = key.as_bytes();
    format!("h{}", u16::from_le_bytes([bytes[0], bytes[1]]) % HUES)
}

/// Whether a name is one of the words by which the view itself says what somebody is: then it is shown as a name, in quotes.
fn imitates(strings: &Strings, name: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let name = letters(name);
    [&strings.you, &strings.followed, &strings.muted, &strings.ended]
        .into_iter()
        .any(|word| letters(word) == name)
}

/// A link to the person's page: the relation, the name in a box that it cannot leave, the key.
pub(crate) fn link(site: &Site<'_>, person: &Person) -> Markup {
    html! {
        a.by.(hue(&person.key)) href=(site.links.person(&person.key)) {
            @match person.relation {
                Relation::You => { b.you { (site.strings.you) } " " }
                Relation::Followed => { b.fo { (site.strings.followed) } " " }
                Relation::Muted => { b.mu { (site.strings.muted) } " " }
                Relation::Ended => { b.mu { (site.strings.ended) } " " }
                Relation::Stranger => {}
            }
            @if !is_blank(&person.name) {
                @if imitates(site.strings, &person.name) { "“" bdi { (person.name) } "” " }
                @else { bdi { (person.name) } " " }
            }
            i { (person.short_key()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_a_word_of_the_views_own_is_one() {
        let imitates = |name: &str| imitates(Strings::english(), name);
        for name in ["you", "You", " y.o.u ", "(you)", "Followed", "\u{200b}you", "key ended"] {
            assert!(imitates(name), "{name}");
        }
        assert!(!imitates("Young") && !imitates("") && !imitates("follower"));
    }
}
