//! `upseed identity`.

use std::io::{IsTerminal as _, Read as _};

use serde_json::json;
use upseed_api::{RestoreRequest, SucceedRequest};
use upseed_node::{Folder, Identity};
use zeroize::Zeroizing;

use crate::{
    args::IdentityCommand,
    failure::{Done, Failure},
    print,
    remote::Remote,
};

pub(super) async fn run(folder: &Folder, command: IdentityCommand, json: bool) -> Done {
    match command {
        IdentityCommand::Show => {
            let key = Identity::open(folder)?.public().ok_or_else(no_key)?;
            if json {
                print::json(&upseed_api::Identity::from(Some(key)));
            } else {
                print::out(&key.to_string());
                print::out(&key.to_hex());
            }
        }
        IdentityCommand::Backup => {
            let key = Identity::open(folder)?.get().ok_or_else(no_key)?;
            let phrase = key.phrase();
            if json {
                print::json(&json!({ "phrase": &*phrase }));
            } else {
                if std::io::stdout().is_terminal() {
                    print::err("Who has these words can write in your name. Keep them on paper.");
                }
                print::out(&phrase);
            }
        }
        IdentityCommand::Succeed => hand_over(folder, false, json).await?,
        IdentityCommand::Revoke => hand_over(folder, true, json).await?,
        IdentityCommand::Restore { replace } => restore(folder, replace, json).await?,
    }
    Ok(())
}

fn no_key() -> Failure {
    Failure::user("there is no key yet")
        .hint("It appears with the first thing you write or upvote.")
}

async fn hand_over(folder: &Folder, revoke: bool, json: bool) -> Done {
    let new = Remote::find(folder)?.succeed(&SucceedRequest { revoke }).await?;
    let key = Identity::open(folder)?.get().ok_or_else(no_key)?;
    let phrase = key.phrase();
    if json {
        print::json(&json!({ "author": new.author, "phrase": &*phrase }));
        return Ok(());
    }
    print::err(
        "This is your key from now on. Write its 24 words on paper; those of the old key do not",
    );
    print::err("lead to it. The old key is kept beside it in the data folder.");
    print::out(&key.public().to_string());
    print::out(&phrase);
    Ok(())
}

/// Through the node if one runs, so that it takes the key at once.
async fn restore(folder: &Folder, replace: bool, json: bool) -> Done {
    if std::io::stdin().is_terminal() {
        print::err("Type the 24 words, then Ctrl-D:");
    }
    let mut phrase = Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .take(4_096)
        .read_to_string(&mut phrase)
        .map_err(|error| Failure::user(format!("standard input: {error}")))?;
    let name = if folder.is_locked() {
        let node = Remote::find(folder)?;
        let restored = node.restore(&RestoreRequest { phrase, replace }).await?;
        restored.author.map(|key| key.to_hex()).unwrap_or_default()
    } else {
        Identity::open(folder)?.restore(&phrase, replace)?.to_hex()
    };
    if json {
        print::json(&json!({ "author": name }));
    } else {
        print::out(&name);
    }
    Ok(())
}
