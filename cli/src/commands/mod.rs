//! The commands, by what they are about.

mod board;
mod bundle;
mod connect;
mod deluge;
mod identity;
mod inspect;
mod list;
mod moderation;
mod ordinary;
mod output;
mod people;
mod removed;
mod run;
mod self_check;
mod service;
mod share;
mod shipped;
mod site;
mod starter;
mod status;
mod torrent;
mod vote;
mod write;

use crate::{
    args::{Args, Command, RunArgs},
    demo,
    failure::{Done, Failure},
    print,
    remote::{Remote, folder},
};

/// Runs one command.
pub(crate) async fn run(args: Args) -> Done {
    let json = args.json;
    let command = args.command.unwrap_or_else(|| Command::Run(RunArgs::default()));
    let command = match command {
        Command::Run(run) => return run::run(folder(args.data)?, run).await,
        Command::Demo(options) => return demo::run(options, json).await,
        Command::Connect(command) => {
            return connect::run(folder(args.data)?, command, json).await;
        }
        Command::Inspect { what } => return inspect::inspect(&what, json),
        Command::Identity(command) => {
            return identity::run(&folder(args.data)?, command, json).await;
        }
        Command::SelfCheck => return self_check::run(&folder(args.data)?, json).await,
        Command::Service(command) => return service::run(args.data, command, json).await,
        Command::Completions { shell } => return shipped::completions(shell),
        Command::Shipped { folder } => return shipped::write(&folder),
        other => other,
    };
    let node = Remote::find(&folder(args.data)?)?;
    match command {
        Command::Post { board, title, file } => write::post(&node, board, &title, file, json).await,
        Command::Comment { id, file } => write::comment(&node, &id, file, json).await,
        Command::Upvote { ids, wait, patience } => {
            vote::vote(&node, ids, true, wait, patience.timeout, json).await
        }
        Command::Unvote { ids } => vote::vote(&node, ids, false, false, 0, json).await,
        Command::Removed { ids, put_back, let_go } => {
            removed::removed(&node, ids, put_back, let_go, json).await
        }
        Command::Top { board, window, sort, limit } => {
            list::top(&node, board, window, sort, limit, json).await
        }
        Command::Thread { id, patience } => list::thread(&node, &id, patience.timeout, json).await,
        Command::Read { id, patience } => list::read(&node, &id, patience.timeout, json).await,
        Command::Share { id, address } => share::share(&node, id, address, json).await,
        Command::Board(command) => board::run(&node, command, json).await,
        Command::Starter(command) => starter::run(&node, command, json).await,
        Command::Mute { who } => people::mute(&node, who, true, json).await,
        Command::Unmute { who } => people::mute(&node, who, false, json).await,
        Command::Profile { who, said } => people::profile(&node, who, said.into(), json).await,
        Command::Label { target, value, reason, remove } => {
            let request = moderation::request(target, value, reason, remove);
            moderation::label(&node, request, json).await
        }
        Command::Labels(command) => moderation::labels(&node, command, json).await,
        Command::Hide { id, undo } => moderation::hide(&node, id, undo, json).await,
        Command::Retract { id } => moderation::retract(&node, id, json).await,
        Command::Retracted { keep, stop, default } => {
            let decided = keep.map(|id| (id, true)).or(stop.map(|id| (id, false)));
            moderation::retracted(&node, decided, default, json).await
        }
        Command::Search { words, board, limit } => {
            list::search(&node, &words.join(" "), board, limit, json).await
        }
        Command::Inbox => {
            list::inbox(&node, json).await?;
            if !json {
                moderation::ask(&node.retracted().await?);
            }
            Ok(())
        }
        Command::Why { id } => list::why(&node, &id, json).await,
        Command::Follow { who } => people::follow(&node, who, true, json).await,
        Command::Unfollow { who } => people::follow(&node, who, false, json).await,
        Command::Export { id, output } => torrent::export(&node, &id, output, json).await,
        Command::Bundle { board, since, output } => {
            bundle::write(&node, board, since, &output, json).await
        }
        Command::Site(args) => site::write(&node, args, json).await,
        Command::Import { files } => torrent::import(&node, &files, json).await,
        Command::Open { at } => open(&node, at.as_deref(), json).await,
        Command::Status => status::status(&node, json).await,
        Command::Run(_)
        | Command::Demo(_)
        | Command::Connect(_)
        | Command::Inspect { .. }
        | Command::Identity(_)
        | Command::SelfCheck
        | Command::Service(_)
        | Command::Completions { .. }
        | Command::Shipped { .. } => {
            unreachable!("these need no running node and were handled above")
        }
    }
}

async fn open(node: &Remote, at: Option<&str>, json: bool) -> Done {
    let mut opened = node.one_time_link().await?;
    if let Some(at) = at {
        opened.link = leading_to(at, &opened.link)?;
    }
    if json {
        print::json(&opened);
    } else {
        print::out(&opened.link);
    }
    Ok(())
}

/// A link to this machine as one to an address in front of it.
fn leading_to(at: &str, link: &str) -> Result<String, Failure> {
    let known = ["http://", "https://"].iter().any(|scheme| at.starts_with(scheme));
    if !known || at.contains(['?', '#', ' ', '@']) {
        return Err(Failure::user(format!("--at {at}: not an address"))
            .hint("Expected something like https://nas.example or https://nas.example/forum."));
    }
    let path = link.find("/upseed/").map_or("", |from| &link[from..]);
    Ok(format!("{}{path}", at.trim_end_matches('/')))
}
