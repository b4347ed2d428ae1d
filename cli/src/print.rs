//! What people see: lists, threads, ages. Nothing that strangers wrote reaches the terminal with
//! its control characters.

use std::{
    io::{self, Write as _},
    sync::OnceLock,
};

use anstyle::Style;
use upseed_api::{Item, Thread};
use upseed_model::{
    Infohash,
    text::{is_acting, is_blank},
};
use upseed_node::Reference;

pub(crate) use crate::safe::{is_hostile, safe};
use crate::{
    byline::by,
    terminal::{BAD, BOLD, CODE, DIM, GOOD, columns, error_columns, paint, row, wrapped},
};

/// Prints JSON on one value's worth of lines, the fields of objects by name.
pub(crate) fn json(value: &impl serde::Serialize) {
    match serde_json::to_value(value).and_then(|value| serde_json::to_string_pretty(&value)) {
        Ok(text) => out(&escaped(&text)),
        Err(error) => err(&format!("error: {error}")),
    }
}

/// The same JSON, in which a terminal finds nothing to obey: what strangers wrote may well be shown in one.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        // What is below a space stands in JSON itself, or is escaped already.
        if c > '~' && is_acting(c) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Why standard output took no more.
static REFUSED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line. Whatever happens, the command goes on: it has things to do and to clean up.
pub(crate) fn out(line: &str) {
    let written = writeln!(anstream::stdout(), "{line}");
    written.unwrap_or_else(|error| {
        let _ = REFUSED.set(error);
    });
}

/// Whether everything was printed. A reader that closed its end (`| head`) is no failure, a full
/// disk is one.
pub(crate) fn finish() -> io::Result<()> {
    let flushed = io::stdout().flush();
    match REFUSED.get().or(flushed.as_ref().err()) {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(io::Error::new(error.kind(), error.to_string()))
        }
        _ => Ok(()),
    }
}

/// A line on standard error. If that is closed nobody listens, and nothing else is to be done.
pub(crate) fn err(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// What to do about an error that was just told.
pub(crate) fn hint(text: &str) {
    marked(&format!("  {} ", paint(CODE, "hint:")), text, "        ");
}

/// Says what failed.
pub(crate) fn error(text: &str) {
    marked(&format!("{} ", paint(BAD, "error:")), text, "       ");
}

/// A text on standard error behind a mark that is as wide as `pad`.
fn marked(mark: &str, text: &str, pad: &str) {
    for (at, line) in wrapped(text, pad, error_columns()).iter().enumerate() {
        let line = line.strip_prefix(pad).unwrap_or(line);
        err(&if at == 0 { format!("{mark}{line}") } else { format!("{pad}{line}") });
    }
}

/// Prints a text, wrapped to the terminal.
pub(crate) fn text(text: &str) {
    wrapped(text, "", columns()).iter().for_each(|line| out(line));
}

/// Says on standard error that something else is shown than what was asked for: the same item, signed
/// a second time.
pub(crate) fn note_twin(asked: &str, kept: Infohash) {
    if let Ok(Reference { infohash: asked, .. }) = asked.parse()
        && asked != kept
    {
        err(&format!("note: {asked} is a second signature over an item that is kept as {kept}"));
    }
}

/// "3 hours ago".
pub(crate) fn age(time: u64, now: u64) -> String {
    let seconds = now.saturating_sub(time);
    let (count, unit) = match seconds {
        0..60 => return "just now".into(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..31_536_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{} ago", plural(count, unit))
}

/// "1 vote", "2 votes".
pub(crate) fn plural(count: u64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// "12 hosts, 5 verified 3 minutes ago".
pub(crate) fn hosts(seeds: Option<u32>, verified: u32, at: Option<u64>, now: u64) -> String {
    match (seeds, at) {
        (None, _) => "host count unknown".to_owned(),
        (Some(0), _) => "no host seen".to_owned(),
        (Some(seeds), Some(at)) if verified > 0 => {
            format!("{}, {verified} verified {}", plural(seeds.into(), "host"), age(at, now))
        }
        (Some(seeds), _) => plural(seeds.into(), "host"),
    }
}

/// The first digits of an id: enough to name it again (40 bits).
pub(crate) fn short_id(id: &Infohash) -> String {
    id.to_string().chars().take(10).collect()
}

/// A title, or that nothing of it is to be seen.
fn title(title: &str) -> String {
    if is_blank(title) { "(no title)".into() } else { safe(title) }
}

/// One item of a list.
pub(crate) fn list_entry(number: usize, item: &Item, now: u64) {
    let columns = columns();
    let mark = if item.upvoted { paint(GOOD, "▲") } else { " ".into() };
    let title = wrapped(&title(item.title.as_deref().unwrap_or_default()), "       ", columns);
    for (at, line) in title.iter().enumerate() {
        let line = paint(BOLD, line.trim_start());
        out(&match at {
            0 => format!("{number:>3}. {mark} {line}"),
            _ => format!("       {line}"),
        });
    }
    let facts = [
        (DIM, plural(item.votes.into(), "vote")),
        (DIM, hosts(item.seeds, item.verified, item.verified_at, now)),
        (DIM, plural(item.comments.into(), "comment")),
        (DIM, item.board.to_string()),
        (Style::new(), by(&item.author, &item.author_name, item.author_is)),
        (DIM, age(item.time, now)),
        (CODE, short_id(&item.id)),
    ];
    row(&facts, "       ", columns).iter().for_each(|line| out(line));
}

/// An item with its text.
pub(crate) fn whole(item: &Item, indent: usize, now: u64) {
    let columns = columns();
    let pad = " ".repeat(indent.min(40));
    if let Some(text) = &item.title {
        for line in wrapped(&title(text), &pad, columns) {
            out(&paint(BOLD, &line));
        }
    }
    let mark = if item.upvoted { "▲ " } else { "" };
    let facts = [
        (
            if item.upvoted { GOOD } else { DIM },
            format!("{mark}{}", plural(item.votes.into(), "vote")),
        ),
        (Style::new(), by(&item.author, &item.author_name, item.author_is)),
        (DIM, age(item.time, now)),
        (CODE, short_id(&item.id)),
    ];
    row(&facts, &pad, columns).iter().for_each(|line| out(line));
    let inner = format!("{pad}  ");
    match &item.text {
        Some(text) => wrapped(&safe(text), &inner, columns).iter().for_each(|line| out(line)),
        None if item.retracted => out(&format!("{inner}(retracted by its author)")),
        None if item.dead => out(&format!("{inner}(can never be read)")),
        None => out(&format!("{inner}(no host of its text is online now)")),
    }
}

/// A thread, without recursion: an answer hangs two columns further right.
pub(crate) fn thread(top: &Thread, now: u64) {
    let mut todo = vec![(top, 0)];
    while let Some((Thread { item, replies, cut }, level)) = todo.pop() {
        if level > 0 {
            out("");
        }
        whole(item, level * 2, now);
        if *cut {
            let (pad, id) = (" ".repeat((level * 2).min(40)), short_id(&item.id));
            out(&match level {
                0 => format!("{pad}  … not all answers are shown: these are the best"),
                _ => format!("{pad}  … more answers: upseed thread {id}"),
            });
        }
        todo.extend(replies.iter().rev().map(|reply| (reply, level + 1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_by_number_what_a_terminal_would_obey() {
        let value = serde_json::json!({ "title": "a\u{9b}31m\u{202e}b\u{7f}é\n" });
        let told = escaped(&serde_json::to_string_pretty(&value).unwrap_or_default());
        assert!(told.contains(r"a\u009b31m\u202eb\u007fé\n"), "{told}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&told).ok(), Some(value));
    }

    #[test]
    fn a_title_of_nothing_is_said_to_be_none() {
        assert_eq!(title("\u{200b}\u{2060}"), "(no title)");
        assert_eq!(title("\u{200b}a"), "\u{200b}a");
    }

    #[test]
    fn ages() {
        assert_eq!(age(100, 100), "just now");
        assert_eq!(age(0, 60), "1 minute ago");
        assert_eq!(age(0, 7_300), "2 hours ago");
        assert_eq!(age(10, 0), "just now");
    }
}
