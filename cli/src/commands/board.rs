//! `upseed board`, `upseed follow` and `upseed unfollow`.

use serde_json::{Value, json};
use upseed_model::PublicKey;

use crate::{
    Done,
    args::BoardCommand,
    print::{self, plural},
    remote::Remote,
};

pub(super) async fn run(node: &Remote, command: BoardCommand, json: bool) -> Done {
    let boards: Vec<Value> = match command {
        BoardCommand::Join { board, trackers } => {
            node.post("/boards", &json!({ "board": board, "trackers": trackers })).await?
        }
        BoardCommand::Leave { board } => {
            node.post(&format!("/boards/{board}/leave"), &Value::Null).await?
        }
        BoardCommand::List => node.get("/boards", &[]).await?,
    };
    if json {
        print::json(&boards);
    } else {
        boards.iter().for_each(line);
    }
    Ok(())
}

/// One board.
pub(super) fn line(board: &Value) {
    let met = plural(board["peers"].as_u64().unwrap_or(0), "member");
    let comparing = match board["comparing"].as_array().map(Vec::as_slice) {
        Some([done, total]) => format!(", comparing day {done} of {total}"),
        _ => String::new(),
    };
    print::out(&format!(
        "board     {} ({met} met now{comparing})",
        board["name"].as_str().unwrap_or("?")
    ));
}

pub(super) async fn follow(node: &Remote, key: PublicKey, follow: bool, json: bool) -> Done {
    let body = json!({ "key": key, "follow": follow });
    people(node.working().post("/follows", &body).await?, json);
    Ok(())
}

pub(super) async fn mute(node: &Remote, key: PublicKey, mute: bool, json: bool) -> Done {
    people(node.post("/mutes", &json!({ "key": key, "mute": mute })).await?, json);
    Ok(())
}

fn people(keys: Vec<PublicKey>, json: bool) {
    if json {
        print::json(&keys);
    } else {
        keys.iter().for_each(|key| print::out(&key.to_string()));
    }
}
