//! `upseed connect`: a client that is already there.

use std::io::{BufRead as _, IsTerminal as _};

use serde_json::json;
use upseed_node::Folder;
use upseed_qbittorrent::{api::ApiError, connect};
use zeroize::Zeroizing;

use crate::{
    Done,
    args::{ClientKind, ConnectArgs, ConnectCommand},
    clients::Kept,
    failure::Failure,
    print,
    remote::Remote,
};

/// Where a node listens that was not told otherwise.
const USUAL: &str = "127.0.0.1:7667";

/// Runs `upseed connect …`.
pub(crate) async fn run(folder: Folder, command: ConnectCommand, json: bool) -> Done {
    match command {
        ConnectCommand::Qbittorrent(args) => qbittorrent(&folder, args, json).await,
    }
}

fn refused(error: &ApiError) -> Failure {
    Failure::user(error.to_string()).hint(error.hint())
}

async fn qbittorrent(folder: &Folder, args: ConnectArgs, json: bool) -> Done {
    let before = Kept::read(folder)?.filter(|kept| kept.client == ClientKind::Qbittorrent);
    let password = match (args.password_stdin, &before) {
        (true, _) => password()?,
        (false, Some(_)) => Kept::password(folder)?,
        (false, None) => Zeroizing::default(),
    };
    let url = args.url.or(before.as_ref().map(|kept| kept.url.clone()));
    let url = url.ok_or_else(|| {
        Failure::user("which qBittorrent?").hint("Give --url, such as http://127.0.0.1:8080.")
    })?;
    let user = args.user.or(before.as_ref().map(|kept| kept.user.clone())).unwrap_or_default();
    let mut kept = Kept {
        client: ClientKind::Qbittorrent,
        url,
        user,
        watch: None,
        pass_to: None,
        done: before.map(|kept| kept.done).unwrap_or_default(),
    };
    let settings = kept.qbittorrent(&password)?;
    if args.undo {
        let said = connect::undo(settings, &kept.done).await.map_err(|error| refused(&error))?;
        Kept::forget(folder)?;
        if json {
            print::json(&json!({ "undone": said }));
            return Ok(());
        }
        for line in said {
            print::out(&format!("- {line}"));
        }
        print::out("Upseed's own engine hosts from the next `upseed run` on.");
        return Ok(());
    }
    let (origin, feed_token) = node(folder).await?;
    let node = connect::Node { origin: &origin, feed_token: &feed_token, folder: folder.path() };
    let report = connect::connect(settings, &node).await.map_err(|error| refused(&error))?;
    for done in &report.done {
        if !kept.done.contains(done) {
            kept.done.push(*done);
        }
    }
    kept.write(folder, &password)?;
    if json {
        print::json(&json!(report));
        return Ok(());
    }
    for line in &report.found {
        print::out(&format!("  {line}"));
    }
    for done in &report.done {
        print::out(&format!("+ {}", done.what()));
    }
    if report.done.is_empty() {
        print::out("= everything was set up already");
    }
    for line in &report.failed {
        print::out(&format!("! {line}"));
    }
    print::out("Undo: upseed connect qbittorrent --undo");
    print::out(if folder.running().is_some() {
        "Restart your node (`upseed run`): qBittorrent seeds from then on."
    } else {
        "Now `upseed run`: qBittorrent seeds what you upvote."
    });
    Ok(())
}

/// Where this folder's node is or will be, and its feeds' token.
async fn node(folder: &Folder) -> Result<(String, Zeroizing<String>), Failure> {
    if let Some(running) = folder.running() {
        let node = Remote::find(folder)?;
        let answer: serde_json::Value = node.post("/feed", &json!({})).await?;
        let token = answer["token"].as_str().unwrap_or_default().to_owned();
        return Ok((format!("http://{}", running.address), Zeroizing::new(token)));
    }
    Ok((format!("http://{USUAL}"), upseed_node::feed_token(folder)?))
}

/// One line of standard input.
fn password() -> Result<Zeroizing<String>, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        print::err("The client's password, then Enter (it is shown as you type):");
    }
    let mut line = Zeroizing::new(String::new());
    input.lock().read_line(&mut line).map_err(|error| Failure::user(error.to_string()))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
