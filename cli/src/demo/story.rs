//! What the people of the demo write, answer and upvote.

use std::time::Duration;

use upseed_model::{BoardName, Infohash};
use upseed_node::{Fixed, NewComment, NewPost, Node, Reference};

use super::people::{People, YOU};
use crate::{failure::Failure, progress};

/// Longest that any step of the story may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

struct Post {
    author: &'static str,
    title: &'static str,
    text: &'static str,
    upvoters: &'static [&'static str],
    answers: &'static [(&'static str, &'static str)],
}

/// Who follows whom. Nobody follows Emil, who spams.
const FOLLOWS: [(&str, &[&str]); 5] = [
    ("ada", &["ben", "chen"]),
    ("ben", &["ada", "dora"]),
    ("chen", &["ada"]),
    ("dora", &["ben", "chen"]),
    (YOU, &["ada", "ben", "chen"]),
];

const STORY: [Post; 5] = [
    Post {
        author: "ada",
        title: "The upvote is the hosting",
        text: "Every post here is a tiny torrent. When you upvote one, your own machine keeps it \
               and gives it to others.\n\nSo what people value stays online, without any server.",
        upvoters: &["ben", "chen", "dora"],
        answers: &[
            ("ben", "So the front page is also the list of what survives?"),
            ("ada", "Yes. And nobody can pay for a place on it: your node ranks for you alone."),
        ],
    },
    Post {
        author: "ben",
        title: "Which plants survive a north-facing balcony?",
        text: "Ferns do well. Basil does not. What has worked for you?",
        upvoters: &["ada", "dora"],
        answers: &[("dora", "Mint. It survives everything, including me.")],
    },
    Post {
        author: "chen",
        title: "A library in a shoebox: how small can texts be?",
        text: "A post is at most 64 KiB. Ten thousand of them fit into the memory of a phone, and \
               one connection carries them all.",
        upvoters: &["ada", "ben"],
        answers: &[],
    },
    Post {
        author: "dora",
        title: "Notes from a village without internet",
        text: "On a phone's hotspot two nodes find each other by themselves. The minutes of our \
               meeting went round the room before anybody had found a cable.",
        upvoters: &["chen"],
        answers: &[("ben", "Did the votes go round too?"), ("dora", "They did.")],
    },
    Post {
        author: "emil",
        title: "CHEAP SEEDS, TODAY ONLY",
        text: "Everybody buys here. Upvote this and tell your friends.",
        upvoters: &[],
        answers: &[],
    },
];

/// Lets everybody write, answer and upvote, and waits until you see all of it.
pub(super) async fn tell(people: &People) -> Result<(), Failure> {
    let votes: usize = STORY.iter().map(|post| post.upvoters.len()).sum();
    let answers: usize = STORY.iter().map(|post| post.answers.len()).sum();
    let bar = progress::bar((STORY.len() + answers + votes) as u64, "people write and upvote");
    for name in people.names().filter(|name| *name != YOU) {
        people.node(name)?.set_profile(name.into(), String::new()).await?;
    }
    let mut expected = Vec::new();
    for post in &STORY {
        let written = people.node(post.author)?.post(NewPost {
            board: BoardName::upseed(),
            title: post.title.parse().map_err(|e| Failure::fault(format!("{e}")))?,
            text: post.text.into(),
        });
        let id = written.await?.infohash();
        bar.inc(1);
        let mut parent = id;
        for (author, text) in post.answers {
            let node = people.node(author)?;
            node.read(&parent.into(), PATIENCE).await?;
            let comment = NewComment { parent, text: text.as_bytes().to_vec() };
            parent = node.comment(comment).await?.infohash();
            bar.inc(1);
        }
        for voter in post.upvoters {
            let node = people.node(voter)?;
            let row = node.find(&Reference::from(id), PATIENCE).await?;
            node.vote(row.item.work(), true).await?;
            bar.inc(1);
        }
        expected.push((id, post.upvoters.len() as u32, post.answers.len() as u32));
    }
    bar.set_message("people follow each other");
    for (who, followed) in FOLLOWS {
        for name in followed {
            if let Some(key) = people.node(name)?.identity().public() {
                let node = people.node(who)?.clone();
                node.blocking(move |node| node.follow(key, true)).await?;
            }
        }
    }
    bar.set_message("waiting until you see all of it");
    for (id, votes, comments) in expected {
        arrives(people.you().node(), id, votes, comments).await?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Returns once a node sees an item with its text, votes, comments and its author's name.
async fn arrives(node: &Node, id: Infohash, votes: u32, comments: u32) -> Result<(), Failure> {
    let mut events = node.events();
    loop {
        let row = node.read(&id.into(), PATIENCE).await?;
        // Whom you follow, or they, voted for everything that has votes at all.
        let is_ranked = votes == 0 || row.score > Fixed::ZERO;
        let author = row.item.author();
        let is_named =
            node.blocking(move |node| Ok(!node.profile_of(&author)?.name.is_empty())).await?;
        if row.votes >= votes && row.comments >= comments && is_ranked && is_named {
            return Ok(());
        }
        // Missed events do no harm: the next look tells.
        let _ = tokio::time::timeout(Duration::from_secs(1), events.recv()).await;
    }
}
