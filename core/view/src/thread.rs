//! A post with its comments, or a comment with the replies to it.

use maud::{Markup, PreEscaped, html};

use upseed_model::moderation::LabelAction;

use crate::{
    Action, Fold, ItemView, Site, Text,
    composer::{self, Composer, To},
    direction, item,
    links::ThreadSort,
    list, moderation, page, person,
    why::{self, WhyView},
};

/// Replies nested deeper than this are behind "continue this thread". Browsers stop nesting at 512
/// elements, and each level here is two; nobody reads that deep anyway.
pub const MAX_DEPTH: usize = 24;

/// One item and what was said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadView {
    /// The item on top: a post, or the comment whose permalink this is.
    pub item: ItemView,
    /// Why it has its score.
    pub why: Option<WhyView>,
    /// The link for other clients.
    pub magnet: String,
    /// The replies as a tree written in order: each one before those below it.
    pub replies: Vec<Reply>,
    /// What the reader has begun to answer to the item on top.
    pub draft: String,
    /// The reader can label it.
    pub can_label: bool,
    /// All comments below the item on top.
    pub total: u32,
    /// The order of the replies.
    pub sort: ThreadSort,
    /// Comments that come in a later piece, and where that begins.
    pub more: Option<(u32, String)>,
}

/// One reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// 0 for an answer to [`ThreadView::item`].
    pub depth: usize,
    /// The comment.
    pub item: ItemView,
    /// Comments below it, at any depth.
    pub below: u32,
    /// Those of them that are not in this piece.
    pub more: u32,
}

/// The page.
pub fn page(site: &Site<'_>, thread: &ThreadView) -> String {
    let (strings, links, top) = (site.strings, site.links, &thread.item);
    let root_title = top.root.as_ref().and_then(|(_, title)| title.as_deref());
    let title = match top.title.as_deref().or(root_title) {
        Some(title) => crate::item::title(strings, Some(title)),
        None => strings.comments.as_ref(),
    };
    let muted =
        thread.replies.iter().filter(|reply| reply.item.fold == Some(Fold::Muted)).count() as u64;
    page::page(
        site,
        title,
        html! {
            (head(site, thread))
            section #c {
                h2.count { (if thread.total == 0 { strings.comments.to_string() } else { strings.comments_n.of(thread.total) }) }
                @if thread.total > 1 { (sorts(site, thread)) }
                details.write-box open[!thread.draft.is_empty()] {
                    summary { (strings.write_comment) }
                    (composer::form(site, &Composer { text: thread.draft.clone(), ..Composer::new(To::Reply(top.id)) }))
                }
                @if thread.replies.is_empty() { p.none { (strings.no_comments) } }
                @if muted > 0 { p.fine { (strings.muted_n.of(muted)) } }
                (replies(site, &thread.replies))
                @if let Some((n, after)) = &thread.more {
                    p.more { a rel="next" href={ (links.thread(&top.id, thread.sort, Some(after))) "#c" } { (strings.more_replies.of(*n)) } }
                }
            }
        },
    )
}

/// The orders of the replies.
fn sorts(site: &Site<'_>, thread: &ThreadView) -> Markup {
    let strings = site.strings;
    html! {
        div.tabs {
            nav aria-label=(strings.sort_comments) {
                @for sort in ThreadSort::ALL {
                    @let name = match sort {
                        ThreadSort::Best => &strings.best,
                        ThreadSort::New => &strings.new,
                        ThreadSort::Old => &strings.old,
                    };
                    a href={ (site.links.thread(&thread.item.id, sort, None)) "#c" }
                        aria-current=[(sort == thread.sort).then_some("page")] { (name) }
                }
            }
        }
    }
}

/// The item on top.
fn head(site: &Site<'_>, thread: &ThreadView) -> Markup {
    let (strings, links, top) = (site.strings, site.links, &thread.item);
    html! {
        article.post id=(item::anchor(&top.id)) {
            (item::vote_button(site, top)) (item::votes_link(site, top))
            @if let Some((root, title)) = &top.root {
                p.on {
                    (strings.answer_to) " "
                    a href=(links.item(root)) dir="auto" { (title.as_deref().map_or(&*strings.whole_thread, |title| item::title(strings, Some(title)))) }
                    @if let Some(parent) = top.parent.filter(|parent| parent != root) {
                        " · " a href=(links.item(&parent)) { (strings.parent) }
                    }
                }
            }
            @match &top.title {
                Some(title) => h1 dir=[direction::of(title)] { (item::title(strings, Some(title))) },
                None => h1.vh { (strings.comments) },
            }
            @if top.asks { (moderation::asks(site, top)) }
            (item::labels(site, top))
            p.mt dir=[item::direction_of(top)] {
                (person::link(site, &top.author)) " "
                @if site.board != Some(top.board) {
                    a href=(links.board(&top.board)) { (top.board) } " "
                }
                (item::age(site, top.time)) " "
                span { (strings.votes_n.of(top.votes)) } " "
                (item::hosts(site, top)) " " (item::status(site, top))
            }
            (item::body(site, top))
            p.do { (item::menu(site, top)) }
            div.acts {
                @if let Some(why) = &thread.why {
                    details { summary { (strings.why) } (why::table(site, why)) }
                }
                details { summary { (strings.more_actions) } (acts(site, thread)) }
            }
        }
    }
}

/// What else can be done with the item on top.
fn acts(site: &Site<'_>, thread: &ThreadView) -> Markup {
    let (strings, links, top) = (site.strings, site.links, &thread.item);
    let id = html! { input type="hidden" name="id" value=(top.id); };
    html! {
        div.box {
            p {
                a href=(links.item(&top.id)) { (strings.permalink) } " · "
                a href=(thread.magnet) { (strings.magnet) } " · "
                a href=(links.torrent(&top.id)) { (strings.source) }
            }
            p.id { code { (top.id) } }
            @if top.labels.iter().any(|label| label.action > LabelAction::Mark) { p.buttons { (moderation::except(site, top)) } }
            @if thread.can_label {
                (site.form(Action::Label, "row", &html! {
                    (id)
                    (label_fields(site))
                }))
            }
        }
    }
}

/// What a label says, and why.
pub(crate) fn label_fields(site: &Site<'_>) -> Markup {
    let strings = site.strings;
    html! {
        label { (strings.label_value) input name="value" required maxlength="32"; }
        label { (strings.label_reason) input name="reason" maxlength="200"; }
        button.quiet { (strings.label_do) }
        p.fine { (strings.label_help) }
    }
}

/// The replies, nested, written without recursion: a stranger decides how deep they are.
fn replies(site: &Site<'_>, replies: &[Reply]) -> Markup {
    let mut out = String::new();
    let mut open: Vec<&Reply> = Vec::new();
    let close = |out: &mut String, reply: &Reply| {
        if reply.more > 0 {
            let link = html! {
                p.more { a href=(site.links.item(&reply.item.id)) { (site.strings.more_replies.of(reply.more)) } }
            };
            out.push_str(&link.0);
        }
        out.push_str("</details></article>");
    };
    for (at, reply) in replies.iter().enumerate() {
        if reply.depth >= MAX_DEPTH {
            continue;
        }
        while open.len() > reply.depth {
            if let Some(done) = open.pop() {
                close(&mut out, done);
            }
        }
        let deeper = replies.get(at + 1).is_some_and(|next| next.depth > reply.depth);
        let cut = deeper && reply.depth + 1 == MAX_DEPTH;
        out.push_str(&start(site, reply, cut).0);
        open.push(reply);
    }
    while let Some(done) = open.pop() {
        close(&mut out, done);
    }
    PreEscaped(out)
}

/// One reply up to where those below it begin; `</details></article>` is to follow.
fn start(site: &Site<'_>, reply: &Reply, cut: bool) -> Markup {
    let (strings, links, item) = (site.strings, site.links, &reply.item);
    // Muting folds what that person wrote, and not what others answered.
    let own = [Fold::Unhosted, Fold::Muted];
    let shut = item.fold.is_some_and(|fold| !own.contains(&fold))
        || (item.fold == Some(Fold::Unhosted) && !matches!(item.text, Text::Known(_)));
    let open = if shut { "<details>" } else { "<details open>" };
    html! {
        (PreEscaped("<article class=\"re\" id=\"")) (item::anchor(&item.id)) (PreEscaped("\">"))
        p.mt dir=[item::direction_of(item)] {
            (item::vote_button(site, item)) (item::votes_link(site, item)) " "
            @if item.unread { b.fo { (strings.unread) } " " }
            (person::link(site, &item.author)) " "
            a.t href=(links.item(&item.id)) title=(strings.permalink) { (item::age(site, item.time)) } " "
            (item::hosts(site, item)) " " (item::status(site, item))
            @if item.fold.is_some() { " " span.why-fold { (list::fold_text(site, item)) } }
        }
        (PreEscaped(open))
        summary {
            span.vh { (strings.collapse) " " }
            @if reply.below > 0 { span.cn { (strings.below_n.of(reply.below)) } }
        }
        (item::labels(site, item))
        (item::body(site, item))
        p.do { a.reply href=(links.reply(&item.id)) { (strings.reply) } " " (item::menu(site, item)) }
        @if cut { p.more { a href=(links.item(&item.id)) { (strings.continue_thread) } } }
    }
}
