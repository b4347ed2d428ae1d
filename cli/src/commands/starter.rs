//! `upseed starter`.

use upseed_api::{
    FollowStarterRequest, StarterList, StarterRequest, StartersQuery, WithdrawStarterRequest,
};
use upseed_model::BoardName;

use super::board::people;
use crate::{
    failure::Done,
    print::{self, plural},
    remote::Remote,
    starter_args::StarterCommand,
};

pub(super) async fn run(node: &Remote, command: StarterCommand, json: bool) -> Done {
    match command {
        StarterCommand::List { board, mine } => {
            let lists = node.starters(&StartersQuery { board, mine }).await?;
            if lists.is_empty() && !json {
                print::err("No starter list is known here.");
            }
            show(&lists, json);
        }
        StarterCommand::Publish { name, board, people } => {
            let request = StarterRequest { name: name.to_string(), board, people };
            let list = node.publish_starter(&request).await?;
            if json {
                print::json(&list);
            } else {
                show(&[list], json);
            }
        }
        StarterCommand::Withdraw { board } => {
            show(&node.withdraw_starter(&WithdrawStarterRequest { board }).await?, json);
        }
        StarterCommand::Follow { list, people: chosen } => {
            let chosen = (!chosen.is_empty()).then_some(chosen);
            let request = FollowStarterRequest { list, people: chosen };
            people(node.follow_starter(&request).await?, json);
        }
    }
    Ok(())
}

fn show(lists: &[StarterList], json: bool) {
    if json {
        return print::json(&lists);
    }
    for list in lists {
        let boards: Vec<&str> = list.boards.iter().map(BoardName::as_str).collect();
        let (count, boards) = (plural(list.people.len() as u64, "key"), boards.join(", "));
        print::out(&format!("{}  ({count}, for {boards})", list.name));
        print::out(&format!("    by {}", list.author));
        print::out(&format!("    upseed starter follow {}", list.id));
        list.people.iter().for_each(|key| print::out(&format!("      {key}")));
    }
}
