//! The terminal: how wide it is, and what stands out in it.
//!
//! Colours are for terminals that have them: `anstream` takes them out for pipes, files, `NO_COLOR` and `TERM=dumb`.

use std::{
    io::{IsTerminal, stderr, stdout},
    os::fd::AsFd,
};

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A title, or what a section is about.
pub(crate) const BOLD: Style = Style::new().bold();
/// What is beside the point.
pub(crate) const DIM: Style = Style::new().dimmed();
/// What can be typed again.
pub(crate) const CODE: Style = AnsiColor::Cyan.on_default();
/// What is well, and the user's own vote.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is under way, or worth a look.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What failed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// A text in a style. Nothing of it may come from strangers but through [`crate::print::safe`].
pub(crate) fn paint(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

/// Columns of the terminal that shows standard output; none if there is none.
pub(crate) fn columns() -> Option<usize> {
    columns_of(stdout())
}

/// Columns of the terminal that shows standard error.
pub(crate) fn error_columns() -> Option<usize> {
    columns_of(stderr())
}

fn columns_of(output: impl IsTerminal + AsFd) -> Option<usize> {
    if !output.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(output).ok()?;
    // Some say nothing, and in fewer than 20 nothing can be read anyway.
    Some(usize::from(size.ws_col)).filter(|columns| *columns >= 20)
}

/// A text as lines that begin with `pad` and are no wider than the terminal. Lines of the text stay
/// lines; one that is indented by four or stands between fences is not wrapped.
pub(crate) fn wrapped(text: &str, pad: &str, columns: Option<usize>) -> Vec<String> {
    let room = columns.map(|columns| columns.saturating_sub(pad.width()).max(20));
    let mut lines = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        let is_code = fenced || is_fence || line.starts_with("    ") || line.starts_with('\t');
        fenced ^= is_fence;
        match room {
            Some(room) if !is_code && line.width() > room => {
                lines.extend(folded(line, room).iter().map(|part| format!("{pad}{part}")));
            }
            _ => lines.push(format!("{pad}{line}").trim_end().to_owned()),
        }
    }
    lines
}

/// One line as several: between words, and within a word that is wider than all the room.
fn folded(line: &str, room: usize) -> Vec<String> {
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let (mut lines, mut now, mut width) = (Vec::new(), indent.clone(), indent.len());
    for word in line.split_whitespace() {
        let wide = word.width();
        let is_first = width == indent.len();
        if !is_first && width + 1 + wide > room {
            lines.push(std::mem::replace(&mut now, indent.clone()));
            width = indent.len();
        } else if !is_first {
            now.push(' ');
            width += 1;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if width + wide > room && width > indent.len() {
                lines.push(std::mem::replace(&mut now, indent.clone()));
                width = indent.len();
            }
            now.push(c);
            width += wide;
        }
    }
    lines.push(now);
    lines
}

/// Facts in a row, with a dot between each two; on several lines where one is too narrow.
pub(crate) fn row(facts: &[(Style, String)], pad: &str, columns: Option<usize>) -> Vec<String> {
    const DOT: &str = " · ";
    let (mut lines, mut now, mut width) = (Vec::new(), pad.to_owned(), pad.width());
    for (at, (style, fact)) in facts.iter().filter(|(_, fact)| !fact.is_empty()).enumerate() {
        let wide = fact.width();
        if at > 0 {
            if columns.is_some_and(|columns| width + DOT.len() - 1 + wide > columns) {
                lines.push(std::mem::replace(&mut now, pad.to_owned()));
                width = pad.width();
            } else {
                now += &paint(DIM, DOT);
                width += DOT.width();
            }
        }
        now += &paint(*style, fact);
        width += wide;
    }
    lines.push(now);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words_and_code_is_not() {
        let text = "one two three four five six\n    let code = \"is never folded here\";\n\nseven";
        let lines = wrapped(text, "  ", Some(22));
        assert_eq!(
            lines,
            [
                "  one two three four",
                "  five six",
                "      let code = \"is never folded here\";",
                "",
                "  seven"
            ]
        );
        assert_eq!(wrapped("```\na b\n```\nx", "", Some(20)), ["```", "a b", "```", "x"]);
        let whole = wrapped(text, "  ", None);
        assert_eq!(whole[0], "  one two three four five six", "a pipe has no width");
    }

    #[test]
    fn what_has_no_spaces_is_folded_by_the_width_of_its_signs() {
        assert_eq!(folded(&"x".repeat(25), 20), ["x".repeat(20), "x".repeat(5)]);
        assert_eq!(folded(&"漢".repeat(11), 20), ["漢".repeat(10), "漢".into()]);
    }

    #[test]
    fn facts_go_to_a_further_line_where_there_is_no_room() {
        let facts = ["one", "", "two", "three"].map(|fact| (Style::new(), fact.to_owned()));
        let plain = |lines: Vec<String>| {
            let lines = lines.iter().map(|line| anstream::adapter::strip_str(line).to_string());
            lines.collect::<Vec<_>>()
        };
        assert_eq!(plain(row(&facts, "  ", None)), ["  one · two · three"]);
        assert_eq!(plain(row(&facts, "  ", Some(12))), ["  one · two", "  three"]);
    }
}
