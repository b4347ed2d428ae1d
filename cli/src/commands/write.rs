//! `upseed post` and `upseed comment`.

use std::{io::Read as _, path::PathBuf};

use upseed_api::{CommentRequest, Item, PostRequest, Status};
use upseed_model::{BoardName, limits::MAX_TEXT, prefix, text::Title, text::check_body};
use upseed_node::Reference;

use crate::{
    failure::{Done, Failure},
    print, progress,
    remote::Remote,
};

pub(super) async fn post(
    node: &Remote,
    board: BoardName,
    title: &Title,
    file: Option<PathBuf>,
    json: bool,
) -> Done {
    let text = text(file)?;
    let post = PostRequest { board, title: title.as_str().to_owned(), text };
    let item = progress::waiting("finding the proof of work", node.publish(&post)).await?;
    written(&item, json);
    warn_of_clock(node).await;
    Ok(())
}

pub(super) async fn comment(node: &Remote, id: &str, file: Option<PathBuf>, json: bool) -> Done {
    // Before anybody types a text for nothing. The beginning of an id is the node's to find.
    if prefix::infohashes(id).is_none() {
        let _: Reference = id.parse().map_err(|error| Failure::user(format!("{error}")))?;
    }
    let text = text(file)?;
    let comment = CommentRequest { parent: id.to_owned(), text };
    let item = progress::waiting("finding the proof of work", node.comment(&comment)).await?;
    written(&item, json);
    warn_of_clock(node).await;
    Ok(())
}

fn written(item: &Item, json: bool) {
    if json {
        return print::json(item);
    }
    print::out(&item.id.to_string());
    print::out(&item.magnet);
}

/// What was written with a wrong time is kept, and may reach nobody for a while.
async fn warn_of_clock(node: &Remote) {
    // It is written: that nothing can be said of the clock is no failure.
    if let Ok(Status { clock: Some(clock), .. }) = node.status().await {
        print::err(&format!("warning: {}.", clock.message));
    }
}

/// Reads a text of at most 64 KiB; a larger or endless source is not read further than that.
fn text(file: Option<PathBuf>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let limit = MAX_TEXT as u64 + 1;
    match file.filter(|path| path.as_os_str() != "-") {
        None => std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::user(format!("standard input: {error}")))?,
        Some(path) => {
            // Without a writer a FIFO would keep us waiting for ever.
            if std::fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
                return Err(Failure::user(format!("{}: not a file", path.display()))
                    .hint("Pipe it into standard input instead."));
            }
            let read = |bytes: &mut Vec<u8>| {
                let file = std::fs::File::open(&path)?;
                file.take(limit).read_to_end(bytes)
            };
            read(&mut bytes).map_err(|error| Failure::file(&path, &error))?
        }
    };
    match check_body(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(upseed_model::text::TextError::TooLong { .. }) => {
            Err(Failure::user(format!("the text has more than {MAX_TEXT} bytes"))
                .hint("Split it: a post and comments below it."))
        }
        Err(error) => Err(Failure::user(error.to_string())),
    }
}
