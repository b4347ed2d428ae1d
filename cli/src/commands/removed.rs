//! `upseed removed`: what was removed in the user's client.

use upseed_api::{RemovalAction, RemovalRequest, Removals};
use upseed_node::now;

use crate::{
    failure::{Done, Failure},
    print::{self, plural, safe},
    remote::Remote,
};

pub(super) async fn removed(
    node: &Remote,
    ids: Vec<String>,
    put_back: bool,
    let_go: bool,
    json: bool,
) -> Done {
    let action = match (put_back, let_go) {
        (true, _) => Some(RemovalAction::PutBack),
        (_, true) => Some(RemovalAction::LetGo),
        _ => None,
    };
    let removals = match action {
        Some(action) => node.decide_removals(&RemovalRequest { ids, action }).await?,
        None if ids.is_empty() => node.removals().await?,
        None => {
            let what = "what is to become of them?";
            return Err(Failure::user(what).hint("Give --put-back or --let-go."));
        }
    };
    if json {
        print::json(&removals);
    } else {
        tell(&removals);
    }
    Ok(())
}

fn tell(Removals { asked, packs, undoable }: &Removals) {
    if asked.is_empty() && packs.is_empty() && undoable.is_empty() {
        print::err("Nothing was removed in your client within the last hour.");
    }
    if !asked.is_empty() || !packs.is_empty() {
        let packed: u64 = packs.iter().map(|pack| u64::from(pack.texts)).sum();
        let many = plural(asked.len() as u64 + packed, "item");
        print::out(&format!(
            "{many} gone from your client, as far as one can tell not by your doing:"
        ));
        for one in asked {
            print::whole(&one.item, 0, now());
            one.why.iter().for_each(|why| print::out(&format!("  {}", safe(why))));
        }
        for pack in packs {
            print::out(&format!("a pack of {} texts of {}", pack.texts, pack.board));
        }
        print::out(
            "Your upvotes stand. `upseed removed --put-back` hosts all of them in your client again,",
        );
        print::out("`upseed removed --let-go` takes the upvotes back.");
    }
    if !undoable.is_empty() {
        print::out("Removed in your client; `upseed removed --put-back ID` undoes that:");
        for one in undoable {
            let minutes = one.until.saturating_sub(now()).div_ceil(60);
            print::whole(&one.item, 0, now());
            print::out(&format!("  for {} more", plural(minutes, "minute")));
        }
    }
}
