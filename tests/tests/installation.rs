//! What a person has who did not build Upseed: a service, a manual, completions, and a command that says what is wrong. What
//! `make dist` makes is tried by `make dist-test`, with a real systemd.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use upseed_tests::{Output, Person, binary, namespace, until};

/// What a self-check says is wrong: the part and the sentence.
fn wrong(checked: &Output) -> Vec<(String, String)> {
    let report: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().clone();
    let wrong = findings.into_iter().filter(|finding| finding["state"] == "wrong");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let wrong: Vec<_> =
        wrong.map(|found| (text(&found["part"]), text(&found["message"]))).collect();
    assert_eq!(report["ok"], wrong.is_empty(), "{report}");
    assert_eq!(checked.code, Some(if wrong.is_empty() { 0 } else { 1 }), "{checked:?}");
    wrong
}

#[test]
fn a_self_check_says_what_is_wrong_with_a_node_and_without() {
    if !namespace::enter("a_self_check_says_what_is_wrong_with_a_node_and_without", &[]) {
        return;
    }
    let check = ["self-check", "--json"];
    let mut ann = Person::named("Ann").offline();
    assert_eq!(wrong(&ann.run(&check)), [], "nothing is there yet, and nothing is wrong");

    ann.restart();
    assert_eq!(wrong(&ann.run(&check)), []);
    let told = ann.run(&["self-check"]).ok();
    assert!(told.text().ends_with("Nothing is wrong.\n"), "{told:?}");
    ann.post("upseed", "T", "text");
    let key = ann.data().join("identity.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let [(part, message)] = wrong(&ann.run(&check)).try_into().unwrap();
    assert!(part == "data folder" && message.contains("identity.key"), "{message}");
    let told = ann.run(&["self-check"]);
    assert!(
        told.text().contains("chmod 600") && told.text().contains("1 thing is wrong"),
        "{told:?}"
    );
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    // Without a node: somebody else has its port, and the client that is connected is gone.
    ann.stop();
    let _taken = TcpListener::bind("127.0.0.1:7667").unwrap();
    let client = r#"{"client": "transmission", "url": "http://127.0.0.1:9", "done": []}"#;
    fs::write(ann.data().join("client.json"), client).unwrap();
    fs::set_permissions(ann.data().join("client.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let [port, client] = wrong(&ann.run(&check)).try_into().unwrap();
    assert!(port.0 == "port" && port.1.contains("127.0.0.1:7667"), "{port:?}");
    assert!(client.0 == "client" && client.1.contains("http://127.0.0.1:9"), "{client:?}");
}

/// Plays `systemctl`: `restart` runs what the unit says, `disable` ends it.
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >>"$HOME/calls"
unit=$HOME/.config/systemd/user/upseed.service
pid=$(cat "$HOME/pid" 2>/dev/null || echo 0)
[ -d "/proc/$pid" ] || pid=0
case "$*" in
*"restart upseed.service")
    [ "$pid" = 0 ] || { kill "$pid"; while [ -d "/proc/$pid" ]; do :; done; }
    eval "setsid $(sed -n 's/^ExecStart=//p' "$unit") >/dev/null 2>&1 &"
    echo $! >"$HOME/pid" ;;
*"disable --now upseed.service")
    [ "$pid" = 0 ] || kill "$pid" ;;
"--user show upseed.service"*)
    [ -f "$unit" ] && echo LoadState=loaded || echo LoadState=not-found
    [ "$pid" = 0 ] && echo ActiveState=inactive || echo ActiveState=active
    printf 'MainPID=%s\nFragmentPath=%s\nUnitFileState=enabled\n' "$pid" "$unit" ;;
"show "*) exit 1 ;;
esac
"#;

fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_service_is_installed_runs_and_goes_without_a_trace() {
    if !namespace::enter("a_service_is_installed_runs_and_goes_without_a_trace", &[]) {
        return;
    }
    let ann = Person::named("Ann").offline();
    let home = ann.scratch();
    fs::create_dir(home.join("bin")).unwrap();
    program(&home.join("bin/systemctl"), SYSTEMCTL);
    program(&home.join("bin/systemd-run"), "#!/bin/sh\nexit 0\n");
    let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap());
    let service = |args: &[&str]| {
        let mut command = ann.command(&[&["service"], args].concat());
        let output = command.env("PATH", &path).env_remove("XDG_CONFIG_HOME").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), said + &String::from_utf8_lossy(&output.stderr))
    };
    let (code, said) = service(&["status"]);
    assert!(code == Some(1) && said.contains("Not installed"), "{said}");
    let options = ["--", "--listen", "127.0.0.1:0", "--no-dht", "--no-lsd"];
    // What is wrong is said now, and not by a unit that does not start.
    let (code, said) = service(&["install", "--", "--listne"]);
    assert!(code == Some(2) && said.contains("--listne"), "{said}");
    // The arguments of Person::command come last, where "--" would take them.
    let install = |print: bool| {
        let mut command = Command::new(binary());
        command.arg("--data").arg(ann.data()).args(["service", "install"]);
        command.args(print.then_some("--print")).args(options).env("PATH", &path);
        let output = command.env("HOME", home).env_remove("XDG_CONFIG_HOME").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let printed = install(true);
    assert!(!home.join(".config").exists() && !ann.data().exists(), "it was only printed");
    let said = install(false);
    assert!(said.contains("Your node runs on http://127.0.0.1:"), "{said}");
    let unit = home.join(".config/systemd/user/upseed.service");
    let written = fs::read_to_string(&unit).unwrap();
    assert!(written.ends_with(&printed), "{written}\n{printed}");
    assert!(written.contains(&format!("ReadWritePaths={}\n", ann.data().display())), "{written}");
    let (code, said) = service(&["status"]);
    assert!(code == Some(0) && said.contains("active, process"), "{said}");
    let first = ann.json(&["status"])["address"].clone();
    // A second time is an upgrade: the node of before gives way.
    install(false);
    until("another node runs", || (ann.json(&["status"])["address"] != first).then_some(()));

    let (code, said) = service(&["uninstall"]);
    assert!(code == Some(0) && said.contains("stay in"), "{said}");
    until("the node has ended", || (ann.run(&["status"]).code == Some(1)).then_some(()));
    assert!(!unit.exists() && ann.data().join("upseed.db").exists());
    // One that somebody wrote by hand is neither replaced nor removed.
    fs::write(&unit, "[Service]\n").unwrap();
    for args in [&["install"][..], &["uninstall"]] {
        let (code, said) = service(args);
        assert!(code == Some(1) && said.contains("written by somebody else"), "{said}");
    }
    assert_eq!(fs::read_to_string(&unit).unwrap(), "[Service]\n");
}

#[test]
fn what_packages_ship_is_what_bash_man_and_systemd_read() {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        let output = command.args(args).stdin(Stdio::null()).current_dir(folder.path()).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program} {args:?}: {errors}");
        (String::from_utf8_lossy(&output.stdout).into_owned(), errors)
    };
    let upseed = binary().display().to_string();
    run(&upseed, &["shipped", "."]);
    let script = "share/bash-completion/completions/upseed";
    let (printed, _) = run(&upseed, &["completions", "bash"]);
    assert_eq!(
        printed.trim_end(),
        fs::read_to_string(folder.path().join(script)).unwrap().trim_end()
    );
    // As a person types it, and Tab.
    let typed = r#". ./share/bash-completion/completions/upseed
        COMP_WORDS=(upseed self) COMP_CWORD=1; _upseed upseed self upseed; echo "${COMPREPLY[@]}""#;
    assert_eq!(run("bash", &["-c", typed]).0, "self-check\n");

    let pages = fs::read_dir(folder.path().join("share/man/man1")).unwrap();
    let pages: Vec<_> =
        pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    for name in ["upseed.1", "upseed-self-check.1", "upseed-connect-qbittorrent.1"] {
        assert!(pages.iter().any(|page| page == name), "{name}: {pages:?}");
    }
    assert!(
        !pages.iter().any(|page| page.contains("shipped") || page.contains("help")),
        "{pages:?}"
    );
    for page in pages {
        let page = format!("share/man/man1/{page}");
        let text = fs::read_to_string(folder.path().join(&page)).unwrap();
        assert!(text.contains(".SH NAME") && !text.contains("\u{1b}"), "{page}");
    }

    // Of this machine, so that what it starts is there.
    let unit = folder.path().join("lib/systemd/system/upseed.service");
    let text = fs::read_to_string(&unit).unwrap().replace("/usr/bin/upseed", &upseed);
    fs::write(&unit, text.replace("Documentation=man:upseed(1)\n", "")).unwrap();
    let (_, told) =
        run("systemd-analyze", &["verify", "--recursive-errors=no", unit.to_str().unwrap()]);
    assert_eq!(told, "");
    let offline = ["security", "--offline=true", "--threshold=20", unit.to_str().unwrap()];
    run("systemd-analyze", &offline);
}
