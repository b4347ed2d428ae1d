//! Looking for words.

use axum::extract::Query;
use serde::Deserialize;
use upseed_model::{BoardName, Pasted};
use upseed_node::NodeError;
use upseed_view::{
    markdown,
    open::OpenPage,
    search::{self, Hit, SearchPage},
};

use super::{
    context::ViewContext,
    open_link,
    reader::Reader,
    refusal::refused,
    response::{PageResult, html},
};

/// Items on one page.
const LIST: u32 = 30;

/// How deep the list can be leafed through.
const MAX_SKIP: u32 = 1_000;

/// Bytes of a text in which the words are looked for that were found.
const MAX_SNIPPED: usize = 8_192;

#[derive(Deserialize, Default)]
pub(super) struct SearchForm {
    #[serde(default)]
    q: String,
    board: Option<BoardName>,
    after: Option<u32>,
}

pub(super) async fn search(reader: Reader, Query(form): Query<SearchForm>) -> PageResult {
    match Pasted::find(&form.q) {
        Some(Ok(pasted)) => return open_link::found(reader, pasted, form.q).await,
        Some(Err(error)) => {
            let error = Some(error.to_string());
            return open_link::shown(reader, OpenPage { pasted: form.q, item: None, error }).await;
        }
        None => {}
    }
    let page = reader.load().await?;
    let skip = form.after.unwrap_or(0).min(MAX_SKIP);
    let (words, board) = (form.q.clone(), form.board);
    let found = page.node().blocking(move |node| {
        let mut rows = node.search(&words, board.as_ref(), skip, LIST + 1)?;
        let more = rows.len() > LIST as usize;
        rows.truncate(LIST as usize);
        let mut context = ViewContext::open(node)?;
        let hits = rows
            .into_iter()
            .map(|row| {
                let text = row.text.as_deref().unwrap_or_default();
                let snippet = snippet(&markdown::plain(text, MAX_SNIPPED), &words);
                Ok(Hit { item: context.item(row)?, snippet })
            })
            .collect::<Result<Vec<_>, NodeError>>()?;
        Ok((hits, more))
    });
    let (hits, more) = found.await.map_err(refused)?;
    let more = more.then(|| (skip + LIST).to_string());
    let content = SearchPage { words: form.q, board, hits, total: None, more };
    Ok(html(search::page(&page.site(board, None), &content)))
}

/// About 200 characters around the first word that was found, the words marked.
fn snippet(text: &str, words: &str) -> Vec<(String, bool)> {
    let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let is_wanted = |word: &str| {
        let word = word.to_lowercase();
        wanted.iter().any(|wanted| word.contains(wanted.as_str()))
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let first = words.iter().position(|word| is_wanted(word)).unwrap_or(0);
    let from = first.saturating_sub(8);
    let mut pieces: Vec<(String, bool)> = Vec::new();
    if from > 0 {
        pieces.push(("… ".into(), false));
    }
    for word in words.iter().skip(from).take(32) {
        let (word, found) = (word.chars().take(60).collect::<String>() + " ", is_wanted(word));
        match pieces.last_mut() {
            Some((last, marked)) if *marked == found => last.push_str(&word),
            _ => pieces.push((word, found)),
        }
    }
    pieces
}
