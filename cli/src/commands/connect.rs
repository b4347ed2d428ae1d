//! `upseed connect`: a client that is already there.

use std::{
    io::{BufRead as _, IsTerminal as _},
    path::PathBuf,
};

use serde_json::json;
use upseed_node::Folder;
use upseed_qbittorrent::{Basic, api::ApiError, connect};
use zeroize::Zeroizing;

use crate::{
    args::ClientKind,
    cleaners,
    clients::Kept,
    commands::deluge,
    connect_args::{ConnectArgs, ConnectCommand, QbittorrentArgs, TransmissionArgs},
    failure::{Done, Failure},
    print,
    remote::Remote,
};

/// Where a node listens that was not told otherwise.
const USUAL: &str = "127.0.0.1:7667";

/// Runs `upseed connect …`.
pub(crate) async fn run(folder: Folder, command: ConnectCommand, json: bool) -> Done {
    match command {
        ConnectCommand::Qbittorrent(args) => qbittorrent(&folder, args, json).await,
        ConnectCommand::Deluge(args) => deluge::connect(&args, json),
        ConnectCommand::Transmission(args) => transmission(&folder, args, json).await,
    }
}

fn refused(error: &ApiError) -> Failure {
    Failure::user(error.to_string()).hint(error.hint())
}

/// Whether two addresses that people typed are one.
fn same(one: &str, other: &str) -> bool {
    let read = |url: &str| upseed_qbittorrent::Settings::new(url, "", "").map(|read| read.url);
    one == other || matches!((read(one), read(other)), (Ok(one), Ok(other)) if one == other)
}

/// What is kept from now on, and the password. What is not said stays as it was, if the client is
/// the same: nothing of one is ever told to another.
fn kept(
    folder: &Folder,
    client: ClientKind,
    args: &ConnectArgs,
) -> Result<(Kept, Zeroizing<String>), Failure> {
    let before = Kept::read(folder)?;
    let before_url = before.as_ref().filter(|kept| kept.client == client).map(|kept| &kept.url);
    let url = args.url.as_ref().or(before_url).cloned();
    let url = url.ok_or_else(|| {
        let hint = if args.undo {
            "Look at `upseed status`: nothing of this kind is connected."
        } else if client == ClientKind::Transmission {
            "Give --url, such as http://127.0.0.1:9091."
        } else {
            "Give --url, such as http://127.0.0.1:8080."
        };
        Failure::user("its address is missing").hint(hint)
    })?;
    let is_it = |kept: &Kept| kept.client == client && same(&kept.url, &url);
    let (before, other) = match before {
        Some(before) if is_it(&before) => (Some(before), None),
        other => (None, other),
    };
    if let Some(other) = other.filter(|other| args.undo || !other.made.done.is_empty()) {
        let hint = format!(
            "Undo that first: upseed connect {} --undo. If it is gone, that forgets it.",
            other.client.name()
        );
        return Err(Failure::user(format!("another client is connected: {}", other.url)).hint(hint));
    }
    let password = match (args.password_stdin, &before) {
        (true, _) => password()?,
        (false, Some(_)) => Kept::password(folder)?,
        (false, None) => Zeroizing::default(),
    };
    let user = match (&args.user, &before) {
        (Some(user), _) => user.clone(),
        // It needs none, and would not be used with one.
        (None, _) if args.password_stdin && password.starts_with("qbt_") => String::new(),
        (None, Some(before)) => before.user.clone(),
        (None, None) => String::new(),
    };
    let mut kept = match before {
        Some(before) => Kept { url, user, ..before },
        None => Kept {
            client,
            url,
            user,
            certificate: None,
            basic_user: None,
            settings: None,
            watch: None,
            pass_to: None,
            own_watch: None,
            poll: false,
            made: Default::default(),
        },
    };
    if let Some(path) = &args.certificate {
        kept.certificate = Some(certificate(path)?);
    }
    Ok((kept, password))
}

async fn transmission(folder: &Folder, args: TransmissionArgs, json: bool) -> Done {
    let (mut kept, password) = kept(folder, ClientKind::Transmission, &args.client)?;
    if args.client.undo {
        let before = Kept::read(folder)?;
        Kept::forget(folder)?;
        let mut said = vec!["Transmission's own settings were never changed".to_owned()];
        if let Some(watch) = before.and_then(|kept| kept.watch) {
            said.push(format!("{} is not watched any more", watch.display()));
            let folders = [watch.join(upseed_transmission::watch::REJECTED), watch];
            // Only those that nobody has put anything into.
            let empty = folders.iter().filter(|folder| std::fs::remove_dir(folder).is_ok());
            said.extend(empty.map(|folder| format!("{} is removed", folder.display())));
        }
        undone(folder, &said, json);
        return Ok(());
    }
    let whole = |path: Option<PathBuf>| path.map(std::path::absolute).transpose();
    let wrong = |error: std::io::Error| Failure::user(error.to_string());
    kept.settings = whole(args.settings).map_err(wrong)?.or(kept.settings);
    if args.watch.is_some() {
        // A folder is said with everything that belongs to it.
        kept.watch = whole(args.watch).map_err(wrong)?;
        kept.pass_to = whole(args.pass_to).map_err(wrong)?;
        kept.poll = args.poll;
    }
    let settings = kept.transmission(&password);
    let report = upseed_transmission::connect::connect(&settings).await;
    let report = report.map_err(|error| Failure::user(error.to_string()))?;
    kept.own_watch.clone_from(&report.watch_dir);
    kept.url.clone_from(&report.url);
    kept.write(folder, &password)?;
    if json {
        print::json(&json!(report));
        return Ok(());
    }
    for line in report.lines() {
        print::out(&line);
    }
    cleaners::tell("Transmission", "upseed");
    next(folder, "Transmission");
    Ok(())
}

fn undone(folder: &Folder, said: &[String], json: bool) {
    if json {
        print::json(&json!({ "undone": said }));
        return;
    }
    for line in said {
        print::out(&format!("- {line}"));
    }
    print::out(if folder.running().is_some() {
        "Restart your node (`upseed run`): until then it goes on with that client."
    } else {
        "Upseed's own engine hosts from the next `upseed run` on."
    });
}

fn next(folder: &Folder, client: &str) {
    print::out(&if folder.running().is_some() {
        format!("Restart your node (`upseed run`): {client} seeds from then on.")
    } else {
        format!("Now `upseed run`: {client} seeds what you upvote.")
    });
}

/// A certificate as a file has it.
fn certificate(path: &std::path::Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::user(format!("--certificate {}: {why}", path.display()));
    let pem = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    if pem.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(pem);
    }
    Err(wrong("no certificate in PEM".into())
        .hint("It begins with -----BEGIN CERTIFICATE-----. The key is not needed here."))
}

async fn qbittorrent(folder: &Folder, args: QbittorrentArgs, json: bool) -> Done {
    let (mut kept, password) = kept(folder, ClientKind::Qbittorrent, &args.client)?;
    let mut settings = kept.qbittorrent(&password)?;
    settings.basic = match (args.basic_user, &args.basic_password_file) {
        (Some(user), Some(file)) => {
            kept.basic_user = Some(user.clone());
            Some(Basic { user, password: first_line(file)? })
        }
        _ => kept.basic(folder)?,
    };
    if settings.basic.is_some() && settings.api_key.is_some() {
        return Err(Failure::user("an API key and basic authentication cannot be sent together")
            .hint("Give --user and qBittorrent's password instead of the key."));
    }
    let basic = settings.basic.clone();
    if args.client.undo {
        let said = upseed_qbittorrent::undo::undo(settings, &kept.made, folder.path());
        let said = said.await.map_err(|error| refused(&error))?;
        Kept::forget(folder)?;
        undone(folder, &said, json);
        return Ok(());
    }
    let (origin, feed_token) = node(folder).await?;
    let node = connect::Node {
        origin: &origin,
        running: folder.running().is_some(),
        feed_token: &feed_token,
        folder: folder.path(),
    };
    let report = connect::connect(settings, &node, kept.made.clone());
    let report = report.await.map_err(|error| refused(&error))?;
    kept.made = report.made.clone();
    kept.url.clone_from(&report.url);
    kept.write(folder, &password)?;
    if let Some(basic) = &basic {
        Kept::write_basic(folder, basic)?;
    }
    if json {
        print::json(&json!(report));
        return Ok(());
    }
    for line in &report.found {
        print::out(&format!("  {line}"));
    }
    for done in &report.done {
        print::out(&format!("+ {}", report.made.what(*done)));
    }
    if report.done.is_empty() && report.failed.is_empty() {
        print::out("= everything was set up already");
    }
    for line in &report.failed {
        print::out(&format!("! {line}"));
    }
    cleaners::tell("qBittorrent", "upseed");
    print::out("Undo: upseed connect qbittorrent --undo");
    next(folder, "qBittorrent");
    Ok(())
}

/// Where this folder's node is or will be, and its feeds' token.
async fn node(folder: &Folder) -> Result<(String, Zeroizing<String>), Failure> {
    if let Some(running) = folder.running() {
        let node = Remote::find(folder)?;
        let token = Zeroizing::new(node.feed_token().await?.token);
        return Ok((format!("http://{}", running.listen), token));
    }
    Ok((format!("http://{USUAL}"), upseed_http::feed_token(folder)?))
}

/// A password as a file has it.
fn first_line(path: &std::path::Path) -> Result<Zeroizing<String>, Failure> {
    let read = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = read.map_err(|error| {
        Failure::user(format!("--basic-password-file {}: {error}", path.display()))
    })?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
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
