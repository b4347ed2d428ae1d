//! `upseed demo`: a private swarm of several people on this machine, with yourself among them.
//!
//! Each of them is a real node with its own key, engine and data; only the internet is missing.

mod interrupt;
mod people;
mod story;

use std::{io::IsTerminal as _, path::Path, time::Duration};

use serde_json::json;
use upseed_api::TopQuery;
use upseed_http::Server;
use upseed_model::rank::{Sort, Window};

use self::{
    interrupt::Interrupt,
    people::{People, YOU},
    story::PATIENCE,
};
use crate::{
    args::DemoArgs,
    failure::{Done, Failure},
    print,
    process::log,
    progress,
};

/// Runs the demo until Ctrl-C; when nobody watches, until the story is told.
pub(crate) async fn run(options: DemoArgs, json: bool) -> Done {
    log("error");
    let folder = tempfile::Builder::new()
        .prefix("upseed-demo-")
        .tempdir()
        .map_err(|error| Failure::user(format!("no temporary folder: {error}")))?;
    // One Ctrl-C ends all of it, whenever it comes.
    let interrupt = Interrupt::listen();
    let mut people = People::default();
    let told = tell(&mut people, folder.path(), &options, json, &interrupt).await;
    let bar = progress::bar(people.len() as u64, "ending");
    people.stop(|| bar.inc(1)).await;
    bar.finish_and_clear();
    folder.close().map_err(|error| Failure::user(format!("the demo's folder stays: {error}")))?;
    told
}

/// Ends early when it is interrupted. Whoever was started by then is among the people.
async fn tell(
    people: &mut People,
    folder: &Path,
    options: &DemoArgs,
    json: bool,
    interrupt: &Interrupt,
) -> Done {
    people.start(folder, options.listen, interrupt).await?;
    if interrupt.came() {
        return Ok(());
    }
    tokio::select! {
        told = tokio::time::timeout(PATIENCE * 3, story::tell(people)) => {
            let late = || Failure::fault("the demo did not come to its end in time");
            told.map_err(|_| late())??;
        }
        () = interrupt.wait() => return Ok(()),
    }
    show(people.you(), json).await?;
    stay(options.seconds, interrupt).await;
    Ok(())
}

/// What the sixth person sees, and what to try.
async fn show(you: &Server, json: bool) -> Done {
    let folder = you.node().folder();
    let remote = crate::remote::Remote::find(folder)?;
    let query =
        TopQuery { window: Some(Window::Day), sort: Some(Sort::Top), ..TopQuery::default() };
    let items = remote.top(&query).await?;
    if json {
        let link = you.one_time_link()?;
        let api = you.address();
        let data = folder.path().to_string_lossy();
        print::json(&json!({ "data": data, "api": api, "view": link, "top": items }));
        return Ok(());
    }
    print::out(&format!(
        "\nThis is the day's top as {YOU}, the sixth person, see it. Nobody gave you these posts:\n\
         your node met the others, compared sets with them, verified every signature, and ranked them\n\
         by whom you follow (ada, ben and chen) and whom they follow. Nobody follows the spammer.\n"
    ));
    for (index, item) in items.iter().enumerate() {
        print::list_entry(index + 1, item, upseed_node::now());
    }
    let first = items.first().map_or_else(|| "ID".into(), |item| item.id.to_string());
    let data = folder.path().display();
    let link = you.one_time_link()?;
    print::out(&format!(
        "\nLook at it as people would (the link is good for one browser):\n\n  {link}\n\n\
         Or try, in another terminal:\n\n  export UPSEED_DATA={data}\n  \
         upseed thread {first}\n  upseed why {first}\n  upseed upvote {first} --wait\n  \
         echo 'My first post' | upseed post --board upseed --title 'Hello from me'\n  \
         upseed top --sort new\n  upseed status\n\n\
         An upvote makes your node host the text: `upseed status` counts it."
    ));
    Ok(())
}

async fn stay(seconds: Option<u64>, interrupt: &Interrupt) {
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
        () = interrupt.wait() => {}
    }
}
