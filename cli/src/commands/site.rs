//! `upseed site`: a board as a static site.

use std::time::Instant;

use serde_json::json;
use upseed_api::{Item, Thread};
use upseed_site::{File, Post, Site, comments, is_shown};

use crate::{
    failure::{Done, Failure},
    print::{self, plural},
    progress,
    remote::Remote,
    site_args::SiteArgs,
    site_folder::SiteFolder,
};

/// Seconds of a day.
const DAY: u64 = 86_400;

pub(super) async fn write(node: &Remote, args: SiteArgs, json: bool) -> Done {
    let start = Instant::now();
    let SiteArgs { board, dir, since, url } = args;
    let site = Site { board, url: url.map(checked).transpose()? };
    let listed = node.board_posts(&board, since.unwrap_or_default() * DAY).await?;
    let mut folder = SiteFolder::open(&dir, board)?;
    let bar = progress::bar(listed.posts.len() as u64, "writing posts");
    let (mut posts, mut without_text, mut answers) = (Vec::new(), 0, 0);
    for id in &listed.posts {
        // One that was hidden or retracted meanwhile, or has gone, is left out like all others.
        if let Some(thread) = node.known_thread(&id.to_string()).await?
            && is_shown(&thread.item)
        {
            let post = thread_files(node, &site, &mut folder, thread).await?;
            without_text += u64::from(post.item.text.is_none());
            answers += u64::from(post.comments);
            posts.push(post);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let lists = site.index(&posts).into_iter().chain([site.feed(&posts)]).chain(site.assets());
    for file in lists {
        folder.write(&file)?;
    }
    let (written, unchanged) = (folder.written, folder.unchanged);
    let (removed, kept) = folder.finish()?;
    if json {
        print::json(&json!({
            "board": board, "dir": dir.to_string_lossy(), "posts": posts.len(), "comments": answers,
            "without_text": without_text, "written": written, "unchanged": unchanged, "removed": removed,
            "changed_by_hand": kept.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
            "is_cut": listed.is_cut,
        }));
        return Ok(());
    }
    let (count, answers) = (plural(posts.len() as u64, "post"), plural(answers, "comment"));
    let seconds = start.elapsed().as_secs_f64();
    print::out(&format!("{count} and {answers} of {board} in {seconds:.1} s"));
    print::out(&format!("{written} files written, {unchanged} as they were, {removed} removed"));
    print::out(&dir.join("index.html").display().to_string());
    if without_text > 0 {
        let count = plural(without_text, "text");
        print::err(&format!("note: {count} could not be had from anybody yet; run it again later"));
    }
    for path in kept {
        let path = path.display();
        print::err(&format!("note: {path} would have gone, but somebody changed it: it stays"));
    }
    if listed.is_cut {
        print::err("note: only the newest 100,000 posts are in it");
    }
    Ok(())
}

/// Writes what belongs to one thread.
async fn thread_files(
    node: &Remote,
    site: &Site,
    folder: &mut SiteFolder,
    mut thread: Thread,
) -> Result<Post, Failure> {
    if thread.item.text.is_none() {
        // It begins to be looked for; this page does not wait.
        let _ = node.item(&thread.item.id.to_string(), 0).await;
    }
    let torrent_bytes = torrent(node, folder, &thread.item).await?;
    let mut count = 0;
    for comment in comments(&thread) {
        torrent(node, folder, comment).await?;
        count += 1;
    }
    folder.write(&site.thread(&thread))?;
    thread.replies.clear();
    Ok(Post { item: thread.item, comments: count, torrent_bytes })
}

async fn torrent(node: &Remote, folder: &mut SiteFolder, item: &Item) -> Result<u64, Failure> {
    let bytes = node.export(&item.id.to_string()).await?;
    let length = bytes.len() as u64;
    folder.write(&File::torrent(&item.id, bytes))?;
    Ok(length)
}

fn checked(url: String) -> Result<String, Failure> {
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !url.contains(['?', '#', ' ']) => Ok(url),
        _ => Err(Failure::user(format!("--url {url}: not the address of a site"))
            .hint("Expected an address such as https://example.org/garden.")),
    }
}
