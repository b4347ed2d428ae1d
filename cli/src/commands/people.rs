//! `upseed follow`, `upseed mute` and their opposites, and `upseed profile`.

use upseed_api::{FollowRequest, MuteRequest, Profile, ProfileQuery, ProfileRequest};
use upseed_model::{BoardName, PublicKey};

use crate::{
    byline::by,
    failure::{Done, Failure},
    people::{find, shown},
    print::{self, plural, safe},
    remote::Remote,
    terminal::{BOLD, DIM, columns, paint, wrapped},
};

pub(super) async fn follow(node: &Remote, who: String, follow: bool, json: bool) -> Done {
    let person = find(node, who).await?;
    let request = FollowRequest { key: person.key.to_hex(), follow };
    let follows = node.follow(&request).await?;
    let what = if follow { "You follow" } else { "You no longer follow" };
    told(what, &person, &follows, "You follow", json);
    Ok(())
}

pub(super) async fn mute(node: &Remote, who: String, mute: bool, json: bool) -> Done {
    let person = find(node, who).await?;
    let request = MuteRequest { key: person.key.to_hex(), mute };
    let mutes = node.mute(&request).await?;
    let what = if mute { "Muted:" } else { "No longer muted:" };
    told(what, &person, &mutes, "You mute", json);
    Ok(())
}

/// What became of one person, and how many there are.
fn told(what: &str, person: &upseed_api::Person, all: &[PublicKey], have: &str, json: bool) {
    if json {
        return print::json(&all);
    }
    let name = by(&person.key, &person.name, upseed_api::Relation::Stranger);
    print::out(&format!("{what} {}", paint(BOLD, &name)));
    let count = match all.len() {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    };
    print::out(&paint(DIM, &format!("{have} {count}.")));
}

/// Shows somebody's profile, or sets the user's own.
pub(super) async fn profile(
    node: &Remote,
    who: Option<String>,
    said: ProfileRequest,
    json: bool,
) -> Done {
    let profile = if said == ProfileRequest::default() {
        node.profile(&ProfileQuery { who: who.clone() }).await?
    } else {
        node.set_profile(&said).await?
    };
    if json {
        print::json(&profile);
        return Ok(());
    }
    show(&profile, who.is_none())
}

fn show(profile: &Profile, own: bool) -> Done {
    let Some(key) = profile.key else {
        return Err(Failure::user("you have no key yet, and so no profile").hint(
            "Both appear with the first thing that you write, or with `upseed profile --name NAME`.",
        ));
    };
    print::out(&paint(BOLD, &by(&key, &profile.name, profile.relation)));
    print::out(&paint(DIM, &key.to_string()));
    for line in wrapped(&safe(&profile.about), "", columns()) {
        print::out(&line);
    }
    if !profile.boards.is_empty() {
        let boards: Vec<&str> = profile.boards.iter().map(BoardName::as_str).collect();
        let text = format!("on {}: {}", plural(boards.len() as u64, "board"), boards.join(", "));
        print::text(&text);
    }
    if own && profile.name.is_empty() {
        print::err("You have no name yet: others see the first letters of your key.");
        print::hint("upseed profile --name NAME");
    }
    Ok(())
}

/// Everybody in a list of keys, one a line.
pub(super) async fn list(node: &Remote, keys: Vec<PublicKey>, json: bool) -> Done {
    if json {
        print::json(&keys);
        return Ok(());
    }
    let who = keys.iter().map(PublicKey::to_hex).collect();
    for person in node.people(&upseed_api::PeopleRequest { who }).await? {
        print::out(&shown(&person));
    }
    Ok(())
}
