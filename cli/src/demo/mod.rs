//! `upseed demo`: a private swarm of several people on this machine, with yourself among them.
//!
//! Each of them is a real node with its own key, engine and data; only the internet is missing.

mod people;
mod story;

use std::{io::IsTerminal as _, time::Duration};

use serde_json::json;
use upseed_node::Node;

use self::people::{People, YOU};
use crate::{
    Done,
    args::DemoArgs,
    commands::{interrupted, log},
    failure::Failure,
    print, progress,
};

/// Longest that any step of the story may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the demo until Ctrl-C; when nobody watches, until the story is told.
pub(crate) async fn run(options: DemoArgs, json: bool) -> Done {
    log("error");
    let folder = tempfile::Builder::new()
        .prefix("upseed-demo-")
        .tempdir()
        .map_err(|error| Failure::user(format!("no temporary folder: {error}")))?;
    let people = tokio::select! {
        people = People::start(folder.path(), options.listen) => people?,
        () = interrupted() => return Ok(()),
    };
    let told = tokio::select! {
        told = tokio::time::timeout(PATIENCE * 3, story::tell(&people)) => {
            told.unwrap_or_else(|_| Err(Failure::fault("the demo did not come to its end in time")))
        }
        () = interrupted() => Ok(()),
    };
    if told.is_ok() {
        let shown = show(people.you(), json).await;
        if shown.is_ok() {
            stay(options.seconds).await;
        }
    }
    let bar = progress::bar(people.len() as u64, "ending");
    people.stop(|| bar.inc(1)).await;
    bar.finish_and_clear();
    folder.close().map_err(|error| Failure::user(format!("the demo's folder stays: {error}")))?;
    told
}

/// What the sixth person sees, and what to try.
async fn show(you: &Node, json: bool) -> Done {
    let folder = you.folder();
    let remote = crate::remote::Remote::find(folder)?;
    let query = [("window", "day".to_owned()), ("sort", "top".to_owned())];
    let items: Vec<serde_json::Value> = remote.get("/top", &query).await?;
    if json {
        let link = you.one_time_link()?;
        let api = you.address();
        print::json(&json!({ "data": folder.path(), "api": api, "view": link, "top": items }));
        return Ok(());
    }
    print::out(&format!(
        "\nThis is the day's top as {YOU}, the sixth person, see it. Nobody gave you these posts:\n\
         your node met the others, compared sets with them, verified every signature, and ranked.\n"
    ));
    for (index, item) in items.iter().enumerate() {
        print::list_entry(index + 1, item, upseed_node::now());
    }
    let first = items.first().and_then(|item| item["id"].as_str()).unwrap_or("ID");
    let data = folder.path().display();
    let link = you.one_time_link()?;
    print::out(&format!(
        "\nLook at it as people would (the link is good for one browser):\n\n  {link}\n\n\
         Or try, in another terminal:\n\n  export UPSEED_DATA={data}\n  \
         upseed thread {first}\n  upseed upvote {first} --wait\n  \
         echo 'My first post' | upseed post --board upseed --title 'Hello from me'\n  \
         upseed top --sort new\n  upseed status\n\n\
         An upvote makes your node host the text: `upseed status` counts it."
    ));
    Ok(())
}

async fn stay(seconds: Option<u64>) {
    let seconds = match seconds {
        Some(seconds) => seconds,
        None if std::io::stdout().is_terminal() => {
            print::out("\nThe demo runs until Ctrl-C; then all of it is removed.");
            u64::MAX >> 32
        }
        None => 0,
    };
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
        () = interrupted() => {}
    }
}
