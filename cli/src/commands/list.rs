//! `upseed top`, `upseed thread` and `upseed read`.

use serde_json::Value;
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};
use upseed_node::now;

use crate::{Done, print, progress, remote::Remote};

pub(super) async fn top(
    node: &Remote,
    board: Option<BoardName>,
    window: Window,
    sort: Sort,
    limit: u32,
    json: bool,
) -> Done {
    let mut query = vec![
        ("window", window.to_string()),
        ("sort", sort.to_string()),
        ("limit", limit.to_string()),
    ];
    query.extend(board.map(|board| ("board", board.to_string())));
    let items: Vec<Value> = node.get("/top", &query).await?;
    if json {
        print::json(&items);
        return Ok(());
    }
    if items.is_empty() {
        let place = board.map_or("any joined board".into(), |board| format!("board {board}"));
        print::err(&format!("Nothing in {place} in this window ({window})."));
        print::err("  hint: try --window all, or see `upseed status` for whom you meet.");
    }
    for (index, item) in items.iter().enumerate() {
        print::list_entry(index + 1, item, now());
    }
    Ok(())
}

pub(super) async fn thread(node: &Remote, id: &str, timeout: u64, json: bool) -> Done {
    let query = [("id", id.to_owned()), ("wait", timeout.to_string())];
    let node = node.patient(timeout);
    let top: Value = progress::waiting("looking for it", node.get("/thread", &query)).await?;
    print::note_twin(id, &top);
    if json {
        print::json(&top);
    } else {
        print::thread(&top, now());
    }
    Ok(())
}

pub(super) async fn read(node: &Remote, id: &str, timeout: u64, json: bool) -> Done {
    let query = [("id", id.to_owned()), ("wait", timeout.to_string())];
    let node = node.patient(timeout);
    let item: Value = progress::waiting("looking for hosts", node.get("/item", &query)).await?;
    print::note_twin(id, &item);
    if json {
        print::json(&item);
    } else {
        print::whole(&item, 0, now());
    }
    Ok(())
}

pub(super) async fn search(
    node: &Remote,
    words: &str,
    board: Option<BoardName>,
    limit: u32,
    json: bool,
) -> Done {
    let mut query = vec![("q", words.to_owned()), ("limit", limit.to_string())];
    query.extend(board.map(|board| ("board", board.to_string())));
    found(node.get("/search", &query).await?, json, "Nothing here has all of these words.");
    Ok(())
}

pub(super) async fn inbox(node: &Remote, json: bool) -> Done {
    found(node.get("/inbox", &[]).await?, json, "Nobody has answered you yet.");
    Ok(())
}

fn found(items: Vec<Value>, json: bool, nothing: &str) {
    if json {
        return print::json(&items);
    }
    if items.is_empty() {
        print::err(nothing);
    }
    for item in &items {
        print::whole(item, 0, now());
        print::out("");
    }
}

pub(super) async fn why(node: &Remote, id: &str, json: bool) -> Done {
    let why: Value = node.get("/why", &[("id", id.to_owned())]).await?;
    if json {
        print::json(&why);
        return Ok(());
    }
    let strangers = print::plural(why["strangers"].as_u64().unwrap_or(0), "stranger");
    print::out(&format!("{:>8}  {strangers}", why["strangers_add"]));
    print::out(&format!("{:>8}  the score", why["score"]));
    if why["follows_nobody"] == true {
        print::out("You follow nobody yet, so everybody is a stranger: `upseed follow KEY`.");
    }
    Ok(())
}
