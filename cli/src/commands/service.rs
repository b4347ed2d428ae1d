//! `upseed service`: a node that systemd starts.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Command as Process,
    time::{Duration, Instant},
};

use clap::Parser as _;
use serde_json::json;
use upseed_node::{Folder, Running};

use crate::{
    args::{Args, Command, RunArgs},
    clients::Kept,
    failure::{Done, Failure},
    finding::Finding,
    install_args::{ServiceCommand, Whose},
    print,
    remote::folder,
    systemd::Manager,
    unit::{HEADER, NAME, SYSTEM_DATA, Scope, Unit},
};

/// How long a node may take until it listens: on a slow disk it has a database to open.
const START: Duration = Duration::from_secs(60);

/// What makes the user `upseed`, for `systemd-sysusers`.
const USER: &str = "u upseed - \"Upseed node\" /var/lib/upseed\n";
const USER_FILE: &str = "/etc/sysusers.d/upseed.conf";

/// The unit that a package brought.
const PACKAGED: [&str; 2] = ["/usr/lib/systemd/system", "/lib/systemd/system"];

pub(super) async fn run(data: Option<PathBuf>, command: ServiceCommand, json: bool) -> Done {
    match command {
        ServiceCommand::Install { whose, print, options } => {
            install(&data_of(data, whose)?, whose, &options, print, json).await
        }
        ServiceCommand::Status { whose } => status(Manager { is_system: whose.system }, json),
        ServiceCommand::Uninstall { whose } => uninstall(&data_of(data, whose)?, whose, json),
    }
}

/// The folder of the node that is meant.
fn data_of(data: Option<PathBuf>, whose: Whose) -> Result<Folder, Failure> {
    let usual = whose.system.then(|| PathBuf::from(SYSTEM_DATA));
    let folder = folder(data.or(usual))?;
    let whole =
        std::path::absolute(folder.path()).map_err(|error| Failure::file(folder.path(), &error))?;
    Ok(Folder::new(whole))
}

/// Options of `upseed run`, as they were typed, once they are known to be good.
fn options(typed: &[OsString]) -> Result<(Vec<String>, RunArgs), Failure> {
    let words = ["upseed", "run"].map(OsString::from).into_iter().chain(typed.iter().cloned());
    let parsed = Args::try_parse_from(words).map_err(|error| Failure::usage(&error))?;
    let Some(Command::Run(run)) = parsed.command else {
        return Err(Failure::user("after \"--\" there can be options of `upseed run` only"));
    };
    if typed.iter().any(|word| word.to_string_lossy().starts_with("--data")) {
        return Err(Failure::user("--data is said before \"--\""));
    }
    let text = |word: &OsString| {
        word.to_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::user("a unit can hold no word that is not UTF-8"))
    };
    Ok((typed.iter().map(text).collect::<Result<_, _>>()?, run))
}

fn unit(folder: &Folder, scope: Scope, typed: &[OsString]) -> Result<Unit, Failure> {
    let (options, run) = options(typed)?;
    let mut writable: Vec<PathBuf> = run.watch.into_iter().chain(run.pass_to).collect();
    if let Some(kept) = Kept::read(folder)? {
        writable.extend([kept.watch, kept.pass_to, kept.own_watch].into_iter().flatten());
    }
    for path in &mut writable {
        *path = std::path::absolute(&*path).map_err(|error| Failure::file(path, &error))?;
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::fault(format!("where this command lies: {error}")))?;
    Ok(Unit { scope, program, data: folder.path().to_owned(), options, writable })
}

async fn install(
    folder: &Folder,
    whose: Whose,
    typed: &[OsString],
    print: bool,
    json: bool,
) -> Done {
    let manager = Manager { is_system: whose.system };
    if print {
        let can_confine = manager.can_confine();
        let scope = if whose.system { Scope::System } else { Scope::User { can_confine } };
        print::out(unit(folder, scope, typed)?.render().trim_end());
        return Ok(());
    }
    as_root(whose)?;
    manager.check()?;
    let is_ours = manager.state().is_some_and(|state| state.pid != 0);
    if folder.is_locked() && !is_ours {
        return Err(Failure::user(format!("a node runs on {} already", folder.path().display()))
            .hint("Stop it first (Ctrl-C, where it runs): two cannot have one folder."));
    }
    let can_confine = !whose.system && manager.can_confine();
    let scope = if whose.system { Scope::System } else { Scope::User { can_confine } };
    let text = unit(folder, scope, typed)?.render();
    if whose.system {
        make_user()?;
    }
    make_private(folder.path(), whose)?;
    let file = place(manager, &text)?;
    manager.control(&["daemon-reload"])?;
    manager.control(&["enable", NAME])?;
    manager.control(&["restart", NAME])?;
    let running = started(folder, manager).await?;
    if json {
        print::json(
            &json!({ "unit": file, "data": folder.path(), "address": running.address, "confined": whose.system || can_confine }),
        );
        return Ok(());
    }
    print::out(&format!(
        "Your node runs on http://{}, and starts by itself from now on.",
        running.address
    ));
    print::out(&format!("unit      {}", file.display()));
    print::out(&format!("data      {}", folder.path().display()));
    print::out(&format!("log       {}", manager.log()));
    if whose.system {
        print::out(&format!(
            "commands  sudo -u upseed upseed --data {} open",
            folder.path().display()
        ));
    } else {
        if !can_confine {
            print::out(
                "This system lets no user's service have a view of its own of the disks, so it can write where you can.",
            );
        }
        print::out(
            "It runs while you are logged in. To have it run always: loginctl enable-linger",
        );
        print::out("Look: `upseed open` prints a link");
    }
    Ok(())
}

/// Puts the unit where systemd looks, unless a package has put the same one there.
fn place(manager: Manager, text: &str) -> Result<PathBuf, Failure> {
    let file = manager.unit_file()?;
    let packaged = PACKAGED.iter().map(|folder| Path::new(folder).join(NAME));
    let same =
        packaged.into_iter().find(|path| fs::read_to_string(path).is_ok_and(|there| there == text));
    if let Some(same) = same.filter(|_| manager.is_system && !file.exists()) {
        return Ok(same);
    }
    if fs::read_to_string(&file).is_ok_and(|there| !there.starts_with(HEADER)) {
        return Err(Failure::user(format!("{} was written by somebody else", file.display()))
            .hint("Move it away, or change it by hand; --print shows what would be written."));
    }
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(&file, format!("{HEADER}{text}")))
        .map_err(|error| Failure::file(&file, &error))?;
    Ok(file)
}

/// Waits until the node listens, or has ended.
async fn started(folder: &Folder, manager: Manager) -> Result<Running, Failure> {
    let start = Instant::now();
    loop {
        if let Some(running) = folder.running() {
            return Ok(running);
        }
        let ended = manager.state().is_some_and(|state| state.pid == 0);
        if ended || start.elapsed() > START {
            let why = if ended {
                "the node ended while it started"
            } else {
                "the node does not listen yet"
            };
            return Err(Failure::user(why).hint(format!("See what it logged: {}", manager.log())));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn as_root(whose: Whose) -> Done {
    if whose.system && !rustix::process::geteuid().is_root() {
        return Err(Failure::user("only root can change this machine's services")
            .hint("Put `sudo` before the command, or leave --system out for your own."));
    }
    Ok(())
}

/// The unit could not start without the folder into which alone it may write.
fn make_private(folder: &Path, whose: Whose) -> Done {
    if folder.exists() || whose.system && folder == Path::new(SYSTEM_DATA) {
        return Ok(());
    }
    if whose.system {
        let name = folder.display();
        return Err(Failure::user(format!("{name} is not there"))
            .hint(format!("Make it for the user upseed: install -d -o upseed -m 700 {name}")));
    }
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Failure::file(folder, &error))
}

/// Makes the user `upseed`, if nobody has.
fn make_user() -> Done {
    let is_there = fs::read_to_string("/etc/passwd")
        .is_ok_and(|users| users.lines().any(|line| line.starts_with("upseed:")));
    if is_there {
        return Ok(());
    }
    let file = Path::new(USER_FILE);
    let written =
        file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, USER));
    written.map_err(|error| Failure::file(file, &error))?;
    match Process::new("systemd-sysusers").arg(file).output() {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(Failure::user("the user upseed could not be made")
            .hint("useradd --system --home /var/lib/upseed upseed")),
    }
}

fn status(manager: Manager, json: bool) -> Done {
    manager.check()?;
    let state = manager.state().ok_or_else(|| Failure::user("systemd does not answer"))?;
    if json {
        print::json(&state);
    } else if !state.installed {
        print::out("Not installed: `upseed service install` does it.");
    } else {
        let starts = if state.enabled { "starts by itself" } else { "does not start by itself" };
        let process =
            if state.pid == 0 { String::new() } else { format!(", process {}", state.pid) };
        print::out(&format!("service   {}{process}; {starts}", state.active));
        print::out(&format!("unit      {}", state.unit));
        print::out(&format!("log       {}", manager.log()));
    }
    if state.installed && state.active == "active" { Ok(()) } else { Err(Failure::told(false)) }
}

fn uninstall(folder: &Folder, whose: Whose, json: bool) -> Done {
    as_root(whose)?;
    let manager = Manager { is_system: whose.system };
    manager.check()?;
    let file = manager.unit_file()?;
    let state = manager.state().filter(|state| state.installed);
    if let Some(state) = &state {
        if state.unit == file.to_string_lossy()
            && !fs::read_to_string(&file).is_ok_and(|text| text.starts_with(HEADER))
        {
            return Err(Failure::user(format!("{} was written by somebody else", file.display()))
                .hint(format!(
                    "Stop it with `systemctl disable --now {NAME}`, and remove it by hand."
                )));
        }
        manager.control(&["disable", "--now", NAME])?;
    }
    for ours in [Some(&*file), whose.system.then_some(Path::new(USER_FILE))].into_iter().flatten() {
        match fs::remove_file(ours) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::file(ours, &error));
            }
            _ => {}
        }
    }
    manager.control(&["daemon-reload"])?;
    if json {
        print::json(&json!({ "was_installed": state.is_some(), "data": folder.path() }));
        return Ok(());
    }
    print::out(if state.is_some() {
        "The service is stopped and taken away."
    } else {
        "There was no service."
    });
    if folder.path().exists() {
        print::out(&format!("Your key and what you wrote stay in {}.", folder.path().display()));
    }
    Ok(())
}

/// What a self-check says of the services that are installed.
pub(super) fn finding() -> Vec<Finding> {
    let part = "service";
    let looked = [false, true].map(|is_system| Manager { is_system });
    let installed = looked.into_iter().filter_map(|manager| {
        let state = manager.state().filter(|state| state.installed)?;
        let whose = if manager.is_system { "this machine's" } else { "yours" };
        Some(match &*state.active {
            "active" => Finding::ok(part, format!("{whose} runs")),
            "failed" => Finding::wrong(part, format!("{whose} has failed")).hint(manager.log()),
            other => Finding::note(part, format!("{whose} is {other}")),
        })
    });
    installed.collect()
}
