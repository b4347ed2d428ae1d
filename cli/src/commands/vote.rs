//! `upseed upvote` and `upseed unvote`.

use serde_json::{Value, json};

use crate::{
    Done,
    failure::{Failure, REPORT},
    print, progress,
    remote::Remote,
};

pub(super) async fn vote(
    node: &Remote,
    ids: Vec<String>,
    up: bool,
    until_hosted: bool,
    timeout: u64,
    json: bool,
) -> Done {
    let body = json!({ "ids": ids, "up": up, "wait": timeout, "until_hosted": until_hosted });
    let what = if until_hosted { "waiting until it is hosted" } else { "looking for it" };
    let answers: Vec<Value> = progress::waiting(what, node.post("/votes", &body)).await?;
    for answer in &answers {
        print::note_twin(answer["id"].as_str().unwrap_or_default(), &answer["item"]);
    }
    let failed = answers.iter().filter(|answer| answer["done"] != true).count();
    if json {
        print::json(&answers);
    } else {
        for answer in &answers {
            let id = answer["id"].as_str().unwrap_or("?");
            match answer["error"].as_str() {
                Some(error) => {
                    print::err(&format!("error: {error}"));
                    if let Some(hint) = answer["hint"].as_str() {
                        print::err(&format!("  hint: {hint}"));
                    }
                    if answer["fault"] == true {
                        print::err(REPORT);
                    }
                }
                None if up => {
                    let state = answer["item"]["hosting"].as_str().unwrap_or("wanted");
                    print::out(&format!("▲ {id} ({state})"));
                }
                None => print::out(&format!("  {id} (no vote, not hosted)")),
            }
        }
    }
    let fault = answers.iter().any(|answer| answer["fault"] == true);
    if failed > 0 { Err(Failure::told(fault)) } else { Ok(()) }
}
