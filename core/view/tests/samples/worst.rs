//! Texts that are as much work as a text can be.

/// One sign or word again and again, which each way of writing Markdown has its trouble with.
const UNITS: &[&str] = &[
    ">",
    "> ",
    "- ",
    "1. ",
    "* ",
    "+ ",
    "[",
    "![",
    "]",
    "](",
    "[a](",
    "*",
    "_",
    "*a_ ",
    "**a *b ",
    "`",
    "` ``",
    "~",
    "~~a",
    "<",
    "<a ",
    "<!--",
    "<?",
    "<![CDATA[",
    "&",
    "&a;",
    "&amp;",
    "\\",
    "|",
    "| a ",
    "a|b\n",
    "#",
    "# a\n",
    "a\n",
    "\n",
    "- a\n",
    ">\n",
    "> a\n\n",
    "http://a ",
    "https://a.b/(((",
    "https://a.b/)))",
    "magnet:?",
    "magnet:?xt=a ",
    "[a](http://b)",
    "[](http://b)",
    "<http://a>",
    "[a]: http://b\n",
    "[a][a] ",
    "   a\n",
    "\t",
    "    a\n",
    "```\n",
    "***a***",
    "_a",
    "a_",
    "<p>",
    "<div><b>",
    "a",
    "é",
    "\u{301}",
    "😀",
    "\u{202e}",
    "1) a\n  ",
    "- > ",
    "* 1. > ",
    "-\n -\n",
    "a\n===\n",
    "---\n",
    ":",
    "http:",
    "x:/",
    "\"",
    "'",
    "<\"",
    "!",
    "$",
    "[^1]",
    "[^1]: a\n",
    "[[",
    "[ ] ",
    "- [ ] a\n",
    "a\n> b\n",
    "*\n",
    "&#1;",
    "<a@b>",
    "`a`",
];

/// Each of about so many bytes, with its name.
pub fn texts(bytes: usize) -> Vec<(String, String)> {
    let part = |of_a_full_one: usize| of_a_full_one * bytes / 65_536;
    let until_full = |line: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        let mut n = 0;
        while text.len() < bytes {
            n += 1;
            text.push_str(&line(n));
        }
        text.truncate(bytes);
        text
    };
    let special = [
        ("stairs of lists", until_full(&|n| format!("{}- a\n", " ".repeat(n * 2)))),
        ("stairs of quotes", until_full(&|n| format!("{}a\n\n", ">".repeat(n)))),
        ("stairs of ticks", until_full(&|n| format!("e {}", "`".repeat(n)))),
        (
            "deep quotes",
            until_full(&|_| "> > > > > > > > > > > > > > > > > > > > - - - - a\n".into()),
        ),
        ("definitions", until_full(&|n| format!("[{n}]: x\n"))),
        (
            "one definition",
            format!("[a]: http://{}\n\n{}", "b".repeat(part(30_000)), "[a] ".repeat(part(8_000))),
        ),
        (
            "emphasis",
            ["*a ".repeat(part(10_000)), "b ".repeat(part(5_000)), "a* ".repeat(part(8_000))]
                .concat(),
        ),
        ("links", ["[".repeat(part(30_000)), "](b)".repeat(part(8_000))].concat()),
    ];
    let units = UNITS.iter().map(|unit| (*unit, unit.repeat(bytes / unit.len())));
    units.chain(special).map(|(name, text)| (name.to_owned(), text)).collect()
}
