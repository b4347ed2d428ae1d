//! `upseed connect deluge`: the plugin's one file, put where Deluge looks for plugins.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    cleaners,
    connect_args::DelugeArgs,
    failure::{Done, Failure},
    print,
};

/// Puts the egg in place, or takes it away.
pub(crate) fn connect(args: &DelugeArgs, json: bool) -> Done {
    let config = match &args.config_dir {
        Some(config) => config.clone(),
        None => directories::BaseDirs::new()
            .ok_or_else(|| Failure::user("this account has no home folder"))?
            .config_dir()
            .join("deluge"),
    };
    if !config.join("core.conf").is_file() {
        let wrong = format!("{}: no config folder of a deluged", config.display());
        return Err(Failure::user(wrong).hint(
            "Start deluged once, or give its folder with --config-dir (Debian's service: \
             /var/lib/deluged/config).",
        ));
    }
    let plugins = config.join("plugins");
    let mut said = Vec::new();
    let before = eggs(&plugins)?;
    if args.undo {
        for egg in before {
            fs::remove_file(&egg).map_err(|error| Failure::file(&egg, &error))?;
            said.push(format!("removed {}", egg.display()));
        }
        said.push(format!("what you wrote and voted stays in {}", config.join("upseed").display()));
        tell(&said, "Restart deluged: the plugin is gone then.", json);
        return Ok(());
    }
    let egg = args.egg.clone().map_or_else(find, Ok)?;
    let name = egg.file_name().ok_or_else(|| Failure::user("--egg names no file"))?;
    let target = plugins.join(name);
    let bytes = fs::read(&egg).map_err(|error| Failure::file(&egg, &error))?;
    if before == [target.clone()] && fs::read(&target).is_ok_and(|there| there == bytes) {
        said.push("the plugin is there already".to_owned());
    } else {
        fs::create_dir_all(&plugins).map_err(|error| Failure::file(&plugins, &error))?;
        let part = plugins.join(".upseed.part");
        fs::write(&part, &bytes)
            .and_then(|()| fs::rename(&part, &target))
            .map_err(|error| Failure::file(&target, &error))?;
        said.push(format!("put the plugin into {}", plugins.display()));
        for old in before.iter().filter(|old| **old != target) {
            fs::remove_file(old).map_err(|error| Failure::file(old, &error))?;
            said.push(format!("removed the older {}", old.display()));
        }
    }
    let next = if before.is_empty() {
        "Enable it: in Deluge, Preferences, Plugins, Upseed (after \"Find More\" or a restart of \
         deluged); or deluge-console \"plugin -e Upseed\". Undo: upseed connect deluge --undo"
    } else {
        "Restart deluged and deluge-web if they run: until then they use the plugin that they began \
         with. Undo: upseed connect deluge --undo"
    };
    if !json {
        cleaners::tell("Deluge", "upseed-… (the label that your upvotes have there)");
    }
    tell(&said, next, json);
    Ok(())
}

fn tell(said: &[String], next: &str, json: bool) {
    if json {
        print::json(&json!({ "done": said, "next": next }));
        return;
    }
    for line in said {
        print::out(&format!("- {line}"));
    }
    print::out(next);
}

/// Our eggs in a folder of plugins.
fn eggs(plugins: &Path) -> Result<Vec<PathBuf>, Failure> {
    let listed = match fs::read_dir(plugins) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(|error| Failure::file(plugins, &error))?,
    };
    let paths = listed.filter_map(|entry| Some(entry.ok()?.path()));
    let ours = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("Upseed-") && name.ends_with(".egg"))
    };
    Ok(paths.filter(ours).collect())
}

/// The numbers in an egg's name: 0.10 is newer than 0.9.
fn version(egg: &Path) -> Vec<u64> {
    let name = egg.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

/// The egg that lies beside this command: in the same folder, where it was built, or where a package puts it.
fn find() -> Result<PathBuf, Failure> {
    let missing = || {
        Failure::user("the plugin's file was not found beside this command")
            .hint("Make it with `make deluge-egg`, or name it with --egg FILE.")
    };
    let me = std::env::current_exe().map_err(|_| missing())?;
    let beside = me.parent().ok_or_else(missing)?;
    let above = beside.parent().unwrap_or(beside);
    for folder in [beside.to_owned(), above.join("deluge"), above.join("lib/upseed")] {
        if let Some(egg) = eggs(&folder)?.into_iter().max_by_key(|egg| version(egg)) {
            return Ok(egg);
        }
    }
    Err(missing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_egg_is_the_one_with_the_highest_version() {
        let eggs = ["Upseed-0.9.0.egg", "Upseed-0.10.0.egg", "Upseed-0.2.11.egg"].map(Path::new);
        assert_eq!(eggs.iter().max_by_key(|egg| version(egg)), Some(&eggs[1]));
    }
}
