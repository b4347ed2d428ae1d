//! What lies beside the command in a package: the manual, what shells complete, the machine's unit.

use std::{fs, io, path::Path};

use clap::{Command, CommandFactory as _};
use clap_complete::{Generator, generate, shells};

use crate::{
    args::Args,
    failure::{Done, Failure},
    install_args::Shell,
    print,
    unit::{NAME, SYSTEM_DATA, Scope, Unit},
};

/// `upseed completions`.
pub(super) fn completions(shell: Shell) -> Done {
    let script = match shell {
        Shell::Bash => script(shells::Bash),
        Shell::Zsh => script(shells::Zsh),
        Shell::Fish => script(shells::Fish),
    };
    print::out(String::from_utf8_lossy(&script).trim_end());
    Ok(())
}

fn script(shell: impl Generator) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut Args::command(), "upseed", &mut script);
    script
}

/// Writes everything, in the folders that Linux has for it below /usr.
pub(super) fn write(folder: &Path) -> Done {
    let put = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, bytes)).map_err(|error| Failure::file(&path, &error))
    };
    put("share/bash-completion/completions/upseed", &script(shells::Bash))?;
    put("share/zsh/vendor-completions/_upseed", &script(shells::Zsh))?;
    put("share/fish/vendor_completions.d/upseed.fish", &script(shells::Fish))?;
    let unit = Unit {
        scope: Scope::System,
        program: "/usr/bin/upseed".into(),
        data: SYSTEM_DATA.into(),
        options: Vec::new(),
        writable: Vec::new(),
    };
    put(&format!("lib/systemd/system/{NAME}"), unit.render().as_bytes())?;
    let mut command = Args::command();
    command.build();
    for (name, page) in pages(&command).map_err(|error| Failure::fault(error.to_string()))? {
        put(&format!("share/man/man1/{name}.1"), &page)?;
    }
    Ok(())
}

/// The manual's pages: one for the command, and one for each of its commands.
fn pages(command: &Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    let mut pages = vec![(name, page)];
    for sub in command.get_subcommands() {
        if !sub.is_hide_set() && sub.get_name() != "help" {
            pages.extend(self::pages(sub)?);
        }
    }
    Ok(pages)
}
