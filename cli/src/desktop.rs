//! The desktop that a node is started on: the view is opened there, once.

use std::{
    env,
    io::{IsTerminal as _, stdout},
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

/// Whether somebody sits before this process with a browser beside it.
pub(crate) fn is_here() -> bool {
    stdout().is_terminal() && has_browser(|name| env::var_os(name).is_some_and(|it| !it.is_empty()))
}

/// By the variables that are set: a display, and no session from elsewhere.
fn has_browser(is_set: impl Fn(&str) -> bool) -> bool {
    let here = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| is_set(name));
    here && !["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].iter().any(|name| is_set(name))
}

/// Opens an address in the user's browser. False if there is nothing to open it with.
pub(crate) fn open(link: &str) -> bool {
    let null = Stdio::null;
    let opener = Command::new("xdg-open")
        .arg(link)
        .stdin(null())
        .stdout(null())
        .stderr(null())
        // What it starts must not end with this process's Ctrl-C.
        .process_group(0)
        .spawn();
    let Ok(mut opener) = opener else { return false };
    // Some browsers stay in the opener's place until they are closed.
    std::thread::spawn(move || opener.wait());
    true
}

#[cfg(test)]
mod tests {
    use super::has_browser;

    #[test]
    fn a_view_opens_where_there_is_a_display_and_never_from_elsewhere() {
        let here = |set: &[&str]| has_browser(|name| set.contains(&name));
        assert!(here(&["DISPLAY"]) && here(&["WAYLAND_DISPLAY"]));
        for set in [&[][..], &["DISPLAY", "SSH_CONNECTION"], &["WAYLAND_DISPLAY", "SSH_TTY"]] {
            assert!(!here(set), "{set:?}");
        }
    }
}
