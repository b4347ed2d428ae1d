//! The command's reference as Markdown, from its arguments: `make generate` puts it into `docs/cli.md`.

// Of what can be typed, only the descriptions are read here.
#[allow(dead_code)]
#[path = "../src/args.rs"]
mod args;
#[path = "../src/connect_args.rs"]
mod connect_args;
#[path = "../src/day_arg.rs"]
mod day_arg;
#[path = "../src/install_args.rs"]
mod install_args;
#[path = "../src/label_args.rs"]
mod label_args;
#[path = "../src/profile_args.rs"]
mod profile_args;
#[path = "../src/site_args.rs"]
mod site_args;
#[path = "../src/starter_args.rs"]
mod starter_args;

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command, CommandFactory as _};

fn main() {
    let mut command = args::Args::command();
    // Fills in what is derived: usage lines and the names of subcommands.
    command.build();
    print!("{}", reference(&command));
}

fn reference(command: &Command) -> String {
    let mut page = String::from(
        "# The upseed command\n\n<!-- Made from cli/src/args.rs by `make generate`; changes here would be lost. -->\n\n",
    );
    let about = command.get_long_about().or(command.get_about());
    paragraph(&mut page, about.map(ToString::to_string));
    paragraph(&mut page, command.get_after_help().map(ToString::to_string));
    page.push_str("| command | what it does |\n|---|---|\n");
    for leaf in leaves(command) {
        let name = full_name(leaf);
        let about = leaf.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(page, "| [`{name}`](#{}) | {} |", name.replace(' ', "-"), cell(&about));
    }
    page.push_str("\n## For every command\n\n");
    for arg in command.get_arguments().filter(|arg| !is_help(arg)) {
        entry(&mut page, arg);
    }
    page.push_str("- `-h`, `--help`: Explain the command\n- `-V`, `--version` (without a command): Print the version\n");
    for leaf in leaves(command) {
        section(&mut page, leaf);
    }
    page
}

/// The commands that do something, in the order of `--help`.
fn leaves(command: &Command) -> Vec<&Command> {
    let subcommands = command.get_subcommands();
    let shown = subcommands.filter(|sub| !sub.is_hide_set() && sub.get_name() != "help");
    shown.flat_map(|sub| if sub.has_subcommands() { leaves(sub) } else { vec![sub] }).collect()
}

fn full_name(command: &Command) -> &str {
    command.get_bin_name().unwrap_or(command.get_name())
}

fn section(page: &mut String, command: &Command) {
    let _ = write!(page, "\n## {}\n\n", full_name(command));
    let about = command.get_long_about().or(command.get_about());
    paragraph(page, about.map(|about| format!("{about}.")));
    let usage = command.clone().render_usage().to_string();
    let _ = write!(page, "```\n{}\n```\n", usage.trim_start_matches("Usage: "));
    let arguments = command.get_arguments().filter(|arg| !arg.is_global_set() && !is_help(arg));
    let (positional, options): (Vec<_>, Vec<_>) = arguments.partition(|arg| arg.is_positional());
    let all: Vec<_> = positional.into_iter().chain(options).collect();
    if !all.is_empty() {
        page.push('\n');
    }
    for arg in all {
        entry(page, arg);
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if let Some(example) = after.strip_prefix("Example: ") {
        let _ = write!(page, "\n```sh\n{example}\n```\n");
    } else if !after.is_empty() {
        let _ = write!(page, "\n{after}\n");
    }
}

/// One argument: how it is typed, what it means, and its default.
fn entry(page: &mut String, arg: &Arg) {
    let names = arg.get_value_names().unwrap_or_default();
    let mut value = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ");
    if arg.is_positional() && matches!(arg.get_action(), ArgAction::Append) {
        value.push_str("...");
    }
    let short = arg.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let typed = match arg.get_long() {
        Some(long) if arg.get_action().takes_values() => format!("{short}`--{long} {value}`"),
        Some(long) => format!("{short}`--{long}`"),
        None => format!("`{value}`"),
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    // A default that is no value stands in the help itself, as clap would show one.
    let inside = help.strip_suffix(']').and_then(|help| help.split_once(" [default: "));
    let (help, described) = inside.map_or((help.as_str(), None), |(help, it)| (help, Some(it)));
    let _ = write!(page, "- {typed}: {help}");
    let mut more = Vec::new();
    let values = arg.get_possible_values();
    if arg.get_action().takes_values() && !values.is_empty() {
        let values = values.iter().filter(|value| !value.is_hide_set()).map(|value| {
            let help = value.get_help().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("`{}`{help}", value.get_name())
        });
        more.push(format!("One of {}", values.collect::<Vec<_>>().join(", ")));
    }
    more.extend(described.map(|default| format!("Default: {default}")));
    let defaults = arg.get_default_values();
    if !defaults.is_empty() && !matches!(arg.get_action(), ArgAction::SetTrue) {
        let defaults = defaults.iter().map(|value| format!("`{}`", value.display()));
        more.push(format!("Default: {}", defaults.collect::<Vec<_>>().join(", ")));
    }
    if let Some(variable) = arg.get_env() {
        more.push(format!("From the environment: `{}`", variable.display()));
    }
    for sentence in more {
        let _ = write!(page, ". {sentence}");
    }
    page.push('\n');
}

fn is_help(arg: &Arg) -> bool {
    matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    )
}

fn paragraph(page: &mut String, text: Option<String>) {
    if let Some(text) = text {
        let _ = write!(page, "{text}\n\n");
    }
}

/// A bar would end the table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
