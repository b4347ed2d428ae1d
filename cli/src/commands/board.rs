//! `upseed board`.

use upseed_api::{BoardStatus, JoinRequest};

use crate::{
    args::BoardCommand,
    failure::Done,
    print::{self, plural},
    remote::Remote,
};

pub(super) async fn run(node: &Remote, command: BoardCommand, json: bool) -> Done {
    let boards = match command {
        BoardCommand::Join { board, trackers } => {
            node.join(&JoinRequest { board, trackers }).await?
        }
        BoardCommand::Leave { board } => node.leave(&board).await?,
        BoardCommand::List => node.boards().await?,
    };
    if json {
        print::json(&boards);
    } else {
        boards.iter().for_each(|board| print::out(&stands(board)));
        if boards.is_empty() {
            print::err("You joined no board.");
            print::hint("upseed board join upseed");
        }
    }
    Ok(())
}

/// One board, and who is there.
pub(super) fn stands(board: &BoardStatus) -> String {
    let met = plural(board.peers as u64, "member");
    let comparing = match board.comparing {
        Some((done, total)) => format!(", comparing day {done} of {total}"),
        None => String::new(),
    };
    format!("{} ({met} met now{comparing})", board.name)
}
