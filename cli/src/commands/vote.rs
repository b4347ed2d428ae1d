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
    let asked = node.patient(timeout);
    let answers: Vec<Value> = progress::waiting(what, asked.post("/votes", &body)).await?;
    for answer in &answers {
        print::note_twin(answer["id"].as_str().unwrap_or_default(), &answer["item"]);
    }
    let failed = answers.iter().filter(|answer| answer["done"] != true).count();
    if json {
        print::json(&answers);
    } else {
        let away = !up && is_away(node).await;
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
                None => print::out(&format!("  {id} ({})", unvoted(&answer["item"], away))),
            }
        }
    }
    let fault = answers.iter().any(|answer| answer["fault"] == true);
    if failed > 0 { Err(Failure::told(fault)) } else { Ok(()) }
}

/// Whether the client that hosts does not answer now. Without an answer of the node, it does.
async fn is_away(node: &Remote) -> bool {
    let status: Result<Value, Failure> = node.get("/status", &[]).await;
    status.is_ok_and(|status| status["client_online"] == false)
}

/// How an item stands whose vote was taken back.
fn unvoted(item: &Value, away: bool) -> &'static str {
    match item["hosting"].as_str() {
        Some("guest") => "no vote; still in your client, where you added it",
        Some(_) if item["mine"] == true => "no vote; still hosted: you wrote it",
        Some(_) => "no vote; still hosted",
        None if away => "no vote; your client is told when it answers",
        None => "no vote, not hosted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_a_vote_back_says_what_is_still_hosted() {
        let said = |mine: bool, hosting: Option<&str>, away: bool| {
            unvoted(&json!({ "mine": mine, "hosting": hosting }), away)
        };
        assert_eq!(said(false, None, false), "no vote, not hosted");
        assert!(said(false, None, true).ends_with("your client is told when it answers"));
        for hosting in ["hosting", "handed", "wanted"] {
            assert!(said(true, Some(hosting), true).ends_with("still hosted: you wrote it"));
        }
        assert!(said(false, Some("guest"), false).contains("still in your client"));
    }
}
