//! People as the command shows them: as in the view, a name never stands alone.

use upseed_api::Relation;
use upseed_model::{PublicKey, text::is_blank};

use crate::safe::safe;

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
