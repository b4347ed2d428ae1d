//! `upseed starter`.

use upseed_api::{
    FollowStarterRequest, StarterList, StarterRequest, StartersQuery, WithdrawStarterRequest,
};
use upseed_model::BoardName;

use super::people;
use crate::{
    failure::Done,
    people::Names,
    print::{self, safe},
    remote::Remote,
    starter_args::StarterCommand,
    terminal::{BOLD, CODE, paint},
};

pub(super) async fn run(node: &Remote, command: StarterCommand, json: bool) -> Done {
    match command {
        StarterCommand::List { board, mine } => {
            let lists = node.starters(&StartersQuery { board, mine }).await?;
            if lists.is_empty() && !json {
                print::err("No starter list is known here.");
            }
            show(node, &lists, json).await?;
        }
        StarterCommand::Publish { name, board, people } => {
            let request = StarterRequest { name: name.to_string(), board, people };
            let list = node.publish_starter(&request).await?;
            if json {
                print::json(&list);
            } else {
                show(node, &[list], json).await?;
            }
        }
        StarterCommand::Withdraw { board } => {
            let left = node.withdraw_starter(&WithdrawStarterRequest { board }).await?;
            show(node, &left, json).await?;
        }
        StarterCommand::Follow { list, people: chosen } => {
            let chosen = (!chosen.is_empty()).then_some(chosen);
            let request = FollowStarterRequest { list, people: chosen };
            people::list(node, node.follow_starter(&request).await?, json).await?;
        }
    }
    Ok(())
}

async fn show(node: &Remote, lists: &[StarterList], json: bool) -> Done {
    if json {
        print::json(&lists);
        return Ok(());
    }
    let everybody = lists.iter().flat_map(|list| list.people.iter().chain([&list.author]));
    let names = Names::of(node, everybody.copied()).await?;
    for list in lists {
        let boards: Vec<&str> = list.boards.iter().map(BoardName::as_str).collect();
        let people = match list.people.len() {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        };
        let name = paint(BOLD, &safe(&list.name));
        print::out(&format!("{name}  ({people}, for {})", boards.join(", ")));
        print::out(&format!("    by {}", names.by(&list.author)));
        print::out(&format!("    {}", paint(CODE, &format!("upseed starter follow {}", list.id))));
        list.people.iter().for_each(|key| print::out(&format!("      {}", names.by(key))));
    }
    Ok(())
}
