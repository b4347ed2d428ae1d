//! People's texts as HTML that can do nothing.
//!
//! Three barriers, each of which would be enough for what is known today: the parser's events are
//! filtered (no HTML, no images, links only after a browser's own parser has read them), ammonia
//! keeps nothing beyond its allow list, and the page's CSP runs no script that is not ours.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use maud::{Markup, PreEscaped};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};
use url::{Host, Url};

/// Nested quotes, lists and emphasis that are kept; deeper ones lose their frame, not their text.
const MAX_DEPTH: usize = 10;

/// Markers of quotes and lists that one line may begin with before the rest is taken as text.
/// Deeper ones would be flattened anyway, and make the parser walk every open one for each line.
const MAX_MARKERS: usize = 24;

/// Links in one text; what follows stays text. A link of 12 bytes becomes 150 bytes of HTML.
const MAX_LINKS: usize = 300;

/// Characters of [`SPECIAL`] above which a text is shown as it is: each is a character reference
/// that takes the HTML parser almost a microsecond. Ordinary XML in a full 64 KiB has about 5,000.
const MAX_SPECIAL: usize = 12_000;
const SPECIAL: [char; 4] = ['&', '<', '>', '"'];

/// Tags that may stand in a text.
pub const TAGS: [&str; 15] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h2",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "ul",
];

/// Schemes that a link may have.
pub const SCHEMES: [&str; 3] = ["http", "https", "magnet"];

/// What every link in a text has.
pub const REL: &str = "noopener noreferrer nofollow ugc";

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("ol", ["start"])
        .add_allowed_classes("span", ["host"])
        .url_schemes(HashSet::from(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(REL))
        // In a client's page the view is a frame: most places refuse to be shown in one.
        .set_tag_attribute_value("a", "target", "_blank");
    builder
});

/// Markdown (CommonMark with strikethrough and bare links) as HTML of [`TAGS`].
pub fn html(text: &str) -> Markup {
    if text.matches(SPECIAL).count() > MAX_SPECIAL {
        return maud::html! { pre { code { (text) } } };
    }
    let text = unified(text);
    let text = tame(&text);
    let parser = Parser::new_ext(&text, Options::ENABLE_STRIKETHROUGH);
    let mut filter = Filter::default();
    let mut events = Vec::new();
    for event in TextMergeStream::new(parser) {
        filter.pass(event, &mut events);
    }
    let mut out = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut out, events.into_iter());
    PreEscaped(CLEANER.clean(&out).to_string())
}

/// The text without its markup, at most about `max` bytes: for excerpts.
pub fn plain(text: &str, max: usize) -> String {
    let mut end = text.len().min(max * 4);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = unified(&text[..end]);
    let text = tame(&text);
    let mut out = String::new();
    for event in Parser::new_ext(&text, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock,
            ) => {
                out.push(' ');
            }
            _ => {}
        }
        if out.len() > max {
            break;
        }
    }
    let mut words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.len() > max {
        words.truncate((0..=max).rev().find(|at| words.is_char_boundary(*at)).unwrap_or(0));
        words.push('…');
    }
    words
}

/// Without a byte order mark, and with line ends of one kind: editors of every age write CR LF, CR or NEL.
fn unified(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains(['\r', '\u{85}']) {
        Cow::Owned(text.replace("\r\n", "\n").replace(['\r', '\u{85}'], "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes the sting out of what costs the parser more than it is worth: see [`MAX_MARKERS`].
fn tame(text: &str) -> Cow<'_, str> {
    let markers = |line: &str| {
        let mut marks = 0;
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                b'>' | b'-' | b'+' | b'*' | b'.' | b')' => marks += 1,
                b' ' | b'\t' | b'0'..=b'9' => {}
                _ => break,
            }
            if marks > MAX_MARKERS {
                return Some(at);
            }
        }
        None
    };
    // A rule ("-----") is many markers of one kind and harmless.
    let rule = |line: &str| {
        let line = line.trim();
        line.bytes().next().is_some_and(|first| line.bytes().all(|byte| byte == first))
            && !line.starts_with('>')
    };
    let cut = |line: &str| if rule(line) { None } else { markers(line) };
    if !text.lines().any(|line| cut(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        match cut(line) {
            Some(at) => {
                out.push_str(&line[..at]);
                out.push('\\');
                out.push_str(&line[at..]);
            }
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

/// Rewrites the parser's events. Every start pushes whether its frame is kept, its end pops that.
#[derive(Default)]
struct Filter {
    open: Vec<bool>,
    depth: usize,
    links: usize,
    in_link: usize,
    in_code: bool,
    /// Where the innermost link leads, to be named after its text.
    host: Option<String>,
}

impl Filter {
    fn pass<'a>(&mut self, event: Event<'a>, out: &mut Vec<Event<'a>>) {
        match event {
            Event::Start(tag) => self.start(tag, out),
            Event::End(tag) => self.end(tag, out),
            Event::Html(html) | Event::InlineHtml(html) => self.text(html, out),
            Event::Text(text) => self.text(text, out),
            Event::Code(_) | Event::SoftBreak | Event::HardBreak | Event::Rule => out.push(event),
            // Footnotes, mathematics and task lists are not switched on.
            _ => {}
        }
    }

    fn start<'a>(&mut self, tag: Tag<'a>, out: &mut Vec<Event<'a>>) {
        let room = self.depth < MAX_DEPTH;
        let kept = match tag {
            Tag::Paragraph | Tag::HtmlBlock => Some(Tag::Paragraph),
            // One level for all: a text must not tear holes into the page's outline.
            Tag::Heading { .. } => Some(heading()),
            Tag::CodeBlock(_) => {
                self.in_code = true;
                // The language would become a class.
                Some(Tag::CodeBlock(CodeBlockKind::Indented))
            }
            Tag::BlockQuote(_) => room.then_some(Tag::BlockQuote(None)),
            Tag::List(start) => room.then_some(Tag::List(start)),
            Tag::Item => self.open.last().copied().unwrap_or(false).then_some(Tag::Item),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => room.then_some(tag),
            Tag::Link { dest_url, .. } => self.link(&dest_url),
            // The alternative text stays.
            _ => None,
        };
        self.open.push(kept.is_some());
        if let Some(tag) = kept {
            self.depth += 1;
            out.push(Event::Start(tag));
        }
    }

    fn end<'a>(&mut self, end: TagEnd, out: &mut Vec<Event<'a>>) {
        if end == TagEnd::CodeBlock {
            self.in_code = false;
        }
        if !self.open.pop().unwrap_or(false) {
            return;
        }
        self.depth -= 1;
        match end {
            TagEnd::HtmlBlock => out.push(Event::End(TagEnd::Paragraph)),
            TagEnd::Heading(_) => {
                out.push(Event::End(TagEnd::Heading(pulldown_cmark::HeadingLevel::H2)));
            }
            TagEnd::BlockQuote(_) => out.push(Event::End(TagEnd::BlockQuote(None))),
            TagEnd::Link => {
                self.in_link -= 1;
                out.push(Event::End(end));
                if let Some(host) = self.host.take() {
                    out.push(host_note(&host));
                }
            }
            _ => out.push(Event::End(end)),
        }
    }

    fn link<'a>(&mut self, target: &str) -> Option<Tag<'a>> {
        let (address, host) = self.good(target)?;
        self.in_link += 1;
        self.host = Some(host);
        Some(link_tag(address))
    }

    /// [`good`], as long as there are not too many.
    fn good(&mut self, target: &str) -> Option<(String, String)> {
        let good = if self.links < MAX_LINKS { good(target) } else { None };
        self.links += usize::from(good.is_some());
        good
    }

    /// Text, in which bare addresses become links.
    fn text<'a>(&mut self, text: CowStr<'a>, out: &mut Vec<Event<'a>>) {
        if self.in_code || self.in_link > 0 || !text.contains(':') {
            out.push(Event::Text(text));
            return;
        }
        let mut rest = &*text;
        let mut found = Vec::new();
        while let Some((before, bare)) = next_bare(rest) {
            rest = &rest[before.len() + bare.len()..];
            found.push(Event::Text(before.to_owned().into()));
            let Some((address, host)) = self.good(bare) else {
                found.push(Event::Text(bare.to_owned().into()));
                continue;
            };
            found.push(Event::Start(link_tag(address)));
            found.push(Event::Text(bare.to_owned().into()));
            found.push(Event::End(TagEnd::Link));
            // The host stands in the address itself, unless "user@" comes before it.
            if !bare.contains(&*host) || bare.contains('@') {
                found.push(host_note(&host));
            }
        }
        if found.is_empty() {
            out.push(Event::Text(text));
        } else {
            found.push(Event::Text(rest.to_owned().into()));
            out.extend(found);
        }
    }
}

fn heading<'a>() -> Tag<'a> {
    Tag::Heading {
        level: pulldown_cmark::HeadingLevel::H2,
        id: None,
        classes: vec![],
        attrs: vec![],
    }
}

fn link_tag<'a>(address: String) -> Tag<'a> {
    Tag::Link {
        link_type: pulldown_cmark::LinkType::Inline,
        dest_url: address.into(),
        title: CowStr::Borrowed(""),
        id: CowStr::Borrowed(""),
    }
}

/// Where a link leads, said by us behind it. `host` has no markup in it: it is a domain name in
/// its ASCII form, an address, or the word "magnet".
fn host_note<'a>(host: &str) -> Event<'a> {
    let mut html = String::from(" <span class=\"host\">");
    for c in host.chars() {
        match c {
            '<' | '>' | '&' | '"' | '\'' => {}
            _ => html.push(c),
        }
    }
    html.push_str("</span>");
    Event::InlineHtml(html.into())
}

/// The address as a browser understands it, and the host to name; `None` for what is no link.
///
/// The address is written anew: `http:/api` has the host "api" when it stands alone, but in a page
/// served over http it would be a path on the page's own origin.
fn good(target: &str) -> Option<(String, String)> {
    let address = Url::parse(target.trim()).ok()?;
    if !SCHEMES.contains(&address.scheme()) {
        return None;
    }
    if address.scheme() == "magnet" {
        return Some((address.into(), "magnet".to_owned()));
    }
    // Nobody else's loopback is of use to a reader, but the reader's own may run their client.
    let own = match address.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_unspecified(),
        Host::Ipv6(ip) => {
            let v4 = ip.to_ipv4().is_some_and(|ip| ip.is_loopback() || ip.is_unspecified());
            v4 || ip.is_loopback() || ip.is_unspecified()
        }
    };
    let mut host = address.host_str().filter(|_| !own)?.to_owned();
    if let Some(port) = address.port() {
        host = format!("{host}:{port}");
    }
    Some((address.into(), host))
}

/// The next bare address in a text: what stands before it, and the address.
fn next_bare(text: &str) -> Option<(&str, &str)> {
    let starts = ["http://", "https://", "magnet:?"];
    let mut from = 0;
    while let Some(colon) = text[from..].find(':').map(|at| from + at) {
        from = colon + 1;
        let head = &text[..colon];
        let start = starts.iter().find_map(|start| {
            let word = start.split(':').next().unwrap_or_default();
            let at = colon.checked_sub(word.len())?;
            let fits = text.get(at..at + start.len())?.eq_ignore_ascii_case(start);
            let free = !head.get(..at)?.ends_with(|c: char| c.is_alphanumeric());
            (fits && free).then_some(at)
        });
        let Some(start) = start else { continue };
        let address = &text[start..];
        let end = address
            .find(|c: char| c.is_whitespace() || c.is_control() || "<>\"“”«»|\\^`".contains(c))
            .unwrap_or(address.len());
        let address = trim_end(&address[..end]);
        if address.len() > 8 {
            return Some((&text[..start], address));
        }
    }
    None
}

/// Leaves out punctuation that belongs to the sentence, and a bracket that was opened before.
fn trim_end(mut address: &str) -> &str {
    let count = |c: char| address.matches(c).count();
    let mut extra = [count(')').saturating_sub(count('(')), count(']').saturating_sub(count('['))];
    while let Some(last) = address.chars().next_back() {
        match last {
            ')' if extra[0] > 0 => extra[0] -= 1,
            ']' if extra[1] > 0 => extra[1] -= 1,
            _ if ".,;:!?'*_~…".contains(last) => {}
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}
