//! Commands that must refuse: within a bound of memory, with words that help, without a trace.

use std::{
    collections::BTreeSet,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use crate::{Output, Person, ended};

/// KiB of address space that a command may use; `upseed status` needs less than 100,000. (It has as
/// many threads as the machine has cores, so the tests give it two.)
const ADDRESS_SPACE: u32 = 300_000;

/// A command that is to be refused.
#[must_use = "say how it is refused"]
pub struct Attempt<'a> {
    what: String,
    command: Command,
    input: Box<dyn Read + Send + 'a>,
}

/// `upseed ARGS` of a person, with nothing on standard input.
pub fn bad<'a>(person: &Person, args: &[&str]) -> Attempt<'a> {
    Attempt {
        what: format!("{args:?}"),
        command: person.command(args),
        input: Box::new(io::empty()),
    }
}

/// Any command that has `upseed` in it.
pub fn bad_command<'a>(command: Command) -> Attempt<'a> {
    Attempt { what: format!("{command:?}"), command, input: Box::new(io::empty()) }
}

impl<'a> Attempt<'a> {
    /// What stands on standard input; it may never end.
    pub fn input(mut self, input: impl Read + Send + 'a) -> Self {
        self.input = Box::new(input);
        self
    }

    /// Refused with exit code 1: the user can mend it. All of `words` are in the message.
    ///
    /// # Panics
    /// If it ends differently.
    #[track_caller]
    pub fn user(self, words: &[&str]) {
        self.refused(1, words);
    }

    /// Refused with exit code 2: it was typed wrongly.
    ///
    /// # Panics
    /// If it ends differently.
    #[track_caller]
    pub fn usage(self, words: &[&str]) {
        self.refused(2, words);
    }

    #[track_caller]
    fn refused(self, code: i32, words: &[&str]) {
        let what = self.what.clone();
        let Output { code: found, stdout, stderr } = self.run();
        assert_eq!(found, Some(code), "{what}: {stderr}");
        assert!(stdout.is_empty(), "{what}: {}", String::from_utf8_lossy(&stdout));
        assert!(stderr.starts_with("error: "), "{what}: nothing stands before the error: {stderr}");
        assert!(!stderr.contains("panicked"), "{what}: {stderr}");
        let told = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(told.contains(word), "{what}: it does not say {word:?}: {stderr}");
        }
    }

    /// Runs it within its bounds.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn run(self) -> Output {
        let mut command = limited(&self.command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut stdin = child.stdin.take().expect("it was started with a pipe");
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let (what, mut input) = (self.what, self.input);
        thread::scope(|scope| {
            // A command that refuses early closes its end, which ends even an endless input.
            scope.spawn(move || io::copy(&mut input, &mut stdin));
            let stdout = scope.spawn(move || drain(out.as_mut()));
            let stderr = scope.spawn(move || drain(err.as_mut()));
            let status = ended(&mut child, &what);
            Output {
                code: status,
                stdout: stdout.join().unwrap_or_default(),
                stderr: String::from_utf8_lossy(&stderr.join().unwrap_or_default()).into_owned(),
            }
        })
    }
}

/// The same command with little memory to be had.
fn limited(command: &Command) -> Command {
    let mut limited = Command::new("sh");
    limited
        .args(["-c", &format!("ulimit -v {ADDRESS_SPACE}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .env("TOKIO_WORKER_THREADS", "2");
    copy(limited, command)
}

/// Adds what `from` has beside its program.
fn copy(mut to: Command, from: &Command) -> Command {
    to.args(from.get_args());
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
    if let Some(folder) = from.get_current_dir() {
        to.current_dir(folder);
    }
    to
}

fn drain(stream: Option<&mut impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        let _ = stream.read_to_end(&mut bytes);
    }
    bytes
}

/// What a failed command must leave as it was.
#[derive(Debug, PartialEq)]
pub struct Trace {
    top: Vec<Value>,
    items: Value,
    hosted: Value,
    wanted: Value,
    author: Value,
    boards: Vec<Value>,
    files: BTreeSet<PathBuf>,
}

impl Trace {
    /// How things stand with a person whose node runs.
    pub fn of(person: &Person) -> Self {
        let status = person.status();
        let boards = status["boards"].as_array().into_iter().flatten();
        let field = |name: &str| status[name].clone();
        Self {
            top: person.top(),
            items: field("items"),
            hosted: field("hosted"),
            wanted: field("wanted"),
            author: field("author"),
            boards: boards.map(|board| board["name"].clone()).collect(),
            files: files(person.scratch()).union(&files(person.data())).cloned().collect(),
        }
    }
}

/// The names of all files in a folder.
///
/// # Panics
/// If it cannot be read.
pub fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of this test") {
            let path = entry.expect("a folder of this test").path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

/// The same command, kept out of what the permissions of files forbid even if the test is root.
pub fn without_privileges(command: &Command) -> Command {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    if id.stdout != b"0\n" {
        return copy(Command::new(command.get_program()), command);
    }
    let mut plain = Command::new("setpriv");
    plain.args(["--bounding-set", "-dac_override,-dac_read_search"]).arg(command.get_program());
    copy(plain, command)
}
