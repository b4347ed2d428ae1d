//! `upseed top`, `upseed thread` and `upseed read`.

use upseed_api::{Item, Relation, SearchQuery, TopQuery};
use upseed_model::{
    BoardName,
    rank::{Sort, Window},
};
use upseed_node::now;
use upseed_view::{Strings, nothing::Nothing};

use crate::{
    byline::by,
    failure::Done,
    print, progress,
    remote::Remote,
    terminal::{BOLD, error_columns, paint, wrapped},
};

pub(super) async fn top(
    node: &Remote,
    board: Option<BoardName>,
    window: Window,
    sort: Sort,
    limit: u32,
    json: bool,
) -> Done {
    let query =
        TopQuery { board, window: Some(window), sort: Some(sort), limit: Some(limit), skip: 0 };
    let items = node.top(&query).await?;
    if json {
        print::json(&items);
        return Ok(());
    }
    if items.is_empty() {
        return nothing(node, board, window, sort).await;
    }
    for (index, item) in items.iter().enumerate() {
        print::list_entry(index + 1, item, now());
    }
    Ok(())
}

/// Why a list is empty: nothing in this window, or nothing at all, and then why.
async fn nothing(node: &Remote, board: Option<BoardName>, window: Window, sort: Sort) -> Done {
    let all = TopQuery {
        board,
        window: Some(Window::All),
        sort: Some(Sort::New),
        limit: Some(1),
        skip: 0,
    };
    if sort == Sort::Top && window != Window::All && !node.top(&all).await?.is_empty() {
        let place = board.map_or_else(|| "on your boards".into(), |board| format!("on {board}"));
        print::err(&format!("Nothing {place} in this window ({window})."));
        print::hint("upseed top --window all");
        return Ok(());
    }
    let status = node.status().await?;
    let here = status.boards.iter().filter(|it| board.is_none_or(|board| board == it.name));
    let people = here.map(|board| board.peers).sum::<usize>();
    let (strings, nothing) =
        (Strings::english(), Nothing::of(status.dht_nodes, status.peers as u32, people as u32));
    print::err(&format!("{}.", paint(BOLD, nothing.title(strings))));
    for line in wrapped(nothing.help(strings), "", error_columns()) {
        print::err(&line);
    }
    if people == 0 {
        print::err(&strings.searching(status.uptime));
    }
    Ok(())
}

pub(super) async fn thread(node: &Remote, id: &str, timeout: u64, json: bool) -> Done {
    let top = progress::waiting("looking for it", node.thread(id, timeout)).await?;
    print::note_twin(id, top.item.id);
    if json {
        print::json(&top);
    } else {
        print::thread(&top, now());
    }
    Ok(())
}

pub(super) async fn read(node: &Remote, id: &str, timeout: u64, json: bool) -> Done {
    let item = progress::waiting("looking for hosts", node.item(id, timeout)).await?;
    print::note_twin(id, item.id);
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
    let query = SearchQuery { q: words.to_owned(), board, limit: Some(limit) };
    found(&node.search(&query).await?, json, "Nothing here has all of these words.");
    Ok(())
}

pub(super) async fn inbox(node: &Remote, json: bool) -> Done {
    found(&node.inbox().await?, json, "Nobody has answered you yet.");
    Ok(())
}

fn found(items: &[Item], json: bool, nothing: &str) {
    if json {
        return print::json(&items);
    }
    if items.is_empty() {
        print::err(nothing);
    }
    for item in items {
        print::whole(item, 0, now());
        print::out("");
    }
}

pub(super) async fn why(node: &Remote, id: &str, json: bool) -> Done {
    let why = node.why(id).await?;
    if json {
        print::json(&why);
        return Ok(());
    }
    why.words.iter().for_each(|sentence| print::text(sentence));
    print::out("");
    for through in &why.through {
        let name = by(&through.key, &through.name, Relation::Stranger);
        let behind = print::plural(through.behind.into(), "other");
        let who = match (through.voted, through.behind) {
            (true, 0) => name,
            (true, _) => format!("{name} and {behind}"),
            (false, _) => format!("{behind} through {name}"),
        };
        print::out(&format!("{:9.6}  {who}", through.adds));
    }
    if why.strangers > 0 {
        let strangers = print::plural(why.strangers.into(), "stranger");
        print::out(&format!("{:9.6}  {strangers}", why.strangers_add));
    }
    print::out(&format!("{:9.6}  the score", why.score));
    print::out(&print::hosts(why.seeds, why.verified, why.verified_at, now()));
    if why.follows_nobody {
        print::out("You follow nobody yet, so everybody is a stranger: `upseed follow NAME`.");
    }
    Ok(())
}
