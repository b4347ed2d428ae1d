//! What a reader does with what others and they themselves wrote, by the view's pages and forms.
#![allow(clippy::unwrap_used)]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use tempfile::TempDir;
use upseed_http::{Server, ServerConfig, start};
use upseed_model::{
    Infohash, ItemDraft, Kind, Pasted, SecretKey, SignedItem, magnet::Magnet, torrent,
};
use upseed_node::{Config, NewComment, NewPost, SwarmConfig, now};

/// A node with its owner in front of a browser.
struct Reader {
    server: Server,
    token: String,
    _folder: TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// Where it leads, without the mark of what was done.
    fn leads_to(&self) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix("location: "));
        line.unwrap_or_else(|| panic!("{}", self.head)).split("said=").next().unwrap()
    }
}

impl Reader {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Config {
            data: folder.path().join("data"),
            swarm: SwarmConfig { listen: Some(anywhere), ..SwarmConfig::default() },
            first_boards: Vec::new(),
        };
        let listening = ServerConfig { listen: anywhere, hosts: Vec::new(), proxies: Vec::new() };
        let server = start(listening, config, None).await.unwrap();
        let token = server.node().folder().token().unwrap().to_string();
        Self { server, token, _folder: folder }
    }

    async fn post(&self, title: &str, text: &str) -> SignedItem {
        let (board, title) = ("upseed".parse().unwrap(), title.parse().unwrap());
        let text = text.as_bytes().to_vec();
        self.server.node().post(NewPost { board, title, text }).await.unwrap()
    }

    async fn ask(&self, method: &'static str, path: &str, fields: &str) -> Answer {
        let (from, token) = (self.server.address(), self.token.clone());
        let (path, fields) = (path.to_owned(), fields.to_owned());
        let asked = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(from).unwrap();
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {from}\r\nAuthorization: Bearer {token}\r\n\
                 Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{fields}",
                fields.len()
            );
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = asked.await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.ask("GET", &format!("/upseed/{path}"), "").await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// Sends a form as a page of the view would.
    async fn send(&self, path: &str, fields: &str) -> Answer {
        let page = self.page("me").await;
        let (_, token) = page.split_once("name=\"page_token\" value=\"").unwrap();
        let token = token.split('"').next().unwrap();
        let fields = format!("page_token={token}&back=&{fields}");
        self.ask("POST", &format!("/upseed/{path}"), &fields).await
    }
}

/// The text that a page offers to send to others, as a browser shows it.
fn text_to_send(page: &str) -> String {
    let (_, text) = page.split_once("<textarea id=\"share\"").unwrap();
    let (_, text) = text.split_once('>').unwrap();
    text.split("</textarea>").next().unwrap().replace("&amp;", "&")
}

fn link_in(text: &str) -> Magnet {
    match Pasted::find(text) {
        Some(Ok(Pasted::Item(magnet))) => magnet,
        other => panic!("{other:?} in {text}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_text_names_the_item_the_trackers_and_an_address_only_where_it_is_allowed() {
    let reader = Reader::start().await;
    let tracker = "http://127.0.0.1:9/announce".to_owned();
    let node = reader.server.node();
    node.join("upseed".parse().unwrap(), std::slice::from_ref(&tracker)).unwrap();
    let post = reader.post("Seeds & stones", "Sow peas.").await;
    let id = post.infohash();
    node.wait_hosted(id, std::time::Duration::from_secs(600)).await.unwrap();
    let text = text_to_send(&reader.page(&format!("share/{id}")).await);
    assert!(text.starts_with("Seeds & stones \n\nmagnet:?"), "{text}");
    assert!(text.contains("Without Upseed"), "{text}");
    let link = link_in(&text);
    assert_eq!((link.infohash, &link.trackers[..]), (id, &[tracker][..]));
    assert_eq!(link.peers, [], "nobody said that the address may be told");
    assert_eq!(reader.send("share", "do=add").await.status, 303);
    let told = link_in(&text_to_send(&reader.page(&format!("share/{id}")).await)).peers;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ip().is_loopback());
    assert_eq!(reader.send("share", "do=drop").await.status, 303);
    let link = link_in(&text_to_send(&reader.page(&format!("share/{id}")).await));
    assert_eq!(link.peers, []);
    let comment = NewComment { parent: id, text: b"And *beans*.".to_vec() };
    let comment = node.comment(comment).await.unwrap().infohash();
    let text = text_to_send(&reader.page(&format!("share/{comment}")).await);
    assert!(text.starts_with("Comment on “Seeds & stones”: And beans. \n"), "{text}");
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_box_opens_links_to_what_is_here_and_offers_to_look_for_the_rest() {
    let reader = Reader::start().await;
    let post = reader.post("One", "Text.").await;
    let (id, author) = (post.infohash(), post.author().to_string());
    for link in [
        id.to_string(),
        format!("magnet%3A%3Fxt%3Durn%3Abtih%3A{id}"),
        format!("Title+magnet%3A%3Fxt%3Durn%3Abtih%3A{id}%26tr%3Dhttp%3A%2F%2Fx+paste+it"),
        format!("http%3A%2F%2Fnas%3A1%2Fupseed%2Ft%2F{id}"),
    ] {
        let found = reader.ask("GET", &format!("/upseed/search?q={link}"), "").await;
        assert_eq!((found.status, found.leads_to()), (303, &*format!("/upseed/t/{id}")), "{link}");
    }
    let found = reader.ask("GET", &format!("/upseed/search?q={author}"), "").await;
    let letters = author.trim_start_matches("upseed:");
    assert_eq!(found.leads_to(), format!("/upseed/p/{letters}"));
    let unknown = Infohash::from_bytes([7; 20]);
    let page = reader.page(&format!("search?q=magnet%3A%3Fxt%3Durn%3Abtih%3A{unknown}")).await;
    assert!(page.contains("action=\"/upseed/link\"") && page.contains(&unknown.to_string()));
    let page = reader.page("search?q=magnet%3A%3Fdn%3Dx").await;
    assert!(page.contains("names no torrent") && !page.contains("button>Open"), "{page}");
    assert!(reader.page("search?q=what+is+a+magnet").await.contains("Nothing found"));
    assert_eq!(reader.ask("POST", "/upseed/link", &format!("q={unknown}")).await.status, 403);
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_and_hiding_are_lists_of_the_readers_own_and_are_undone_there() {
    let reader = Reader::start().await;
    let (one, two) = (reader.post("First", "1.").await, reader.post("Second", "2.").await);
    let (one, two) = (one.infohash(), two.infohash());
    assert!(reader.page("saved").await.contains("Nothing saved yet"));
    let saved = reader.send("keep", &format!("save={one}")).await;
    assert_eq!((saved.status, saved.leads_to()), (303, "/upseed/?"));
    let page = reader.page("saved").await;
    assert!(page.contains(&format!("name=\"unsave\" value=\"{one}\"")) && !page.contains("Second"));
    let row = reader.server.node().item(&one).unwrap().unwrap();
    assert!(row.saved && !row.upvoted, "saving is no vote");
    reader.send("keep", &format!("unsave={one}")).await;
    assert!(reader.page("saved").await.contains("Nothing saved yet"));
    reader.send("keep", &format!("hide={two}")).await;
    assert!(!reader.page("?window=all").await.contains("Second"));
    assert!(reader.page("moderation").await.contains(&format!("name=\"unhide\" value=\"{two}\"")));
    reader.send("keep", &format!("unhide={two}")).await;
    assert!(reader.page("?window=all").await.contains("Second"));
    assert_eq!(reader.send("keep", "").await.status, 422);
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn editing_publishes_anew_and_retracts_the_old_one() {
    let reader = Reader::start().await;
    let old = reader.post("A tyop", "With <b>text</b>.").await.infohash();
    let page = reader.page(&format!("edit/{old}")).await;
    assert!(page.contains("value=\"A tyop\"") && page.contains("With &lt;b&gt;text&lt;/b&gt;."));
    assert!(page.contains("cannot be changed"), "what an edit is is said");
    let fields = format!("replaces={old}&board=upseed&title=A+typo&text=Better.&do=publish");
    let done = reader.send("publish", &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let new = done.leads_to().trim_start_matches("/upseed/t/")[..40].parse::<Infohash>().unwrap();
    let node = reader.server.node();
    assert!(node.item(&old).unwrap().unwrap().retracted);
    assert_eq!(node.item(&new).unwrap().unwrap().text.as_deref(), Some("Better."));
    let again = reader.ask("GET", &format!("/upseed/edit/{old}"), "").await;
    assert_eq!(again.status, 422, "what was retracted is not edited");
    // Retracting asks first, and the question changes nothing.
    let question = reader.page(&format!("retract/{new}")).await;
    assert!(question.contains("Retract this?") && !node.item(&new).unwrap().unwrap().retracted);
    let done = reader.send("retract", &format!("id={new}")).await;
    assert_eq!(done.status, 303);
    assert!(node.item(&new).unwrap().unwrap().retracted);
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_following_tab_has_what_those_wrote_whom_the_reader_follows() {
    let reader = Reader::start().await;
    reader.post("Mine", "Text.").await;
    let page = reader.page("?followed=1").await;
    assert!(page.contains("You are not following anyone yet") && !page.contains("Mine"), "{page}");
    assert!(page.contains("followed=1\" aria-current=\"page\""));
    let friend = SecretKey::from_seed(&[7; 32]);
    for (key, title) in [(&friend, "By a friend"), (&SecretKey::from_seed(&[8; 32]), "By another")]
    {
        let kind = Kind::Post { title: title.parse().unwrap() };
        let (author, board) = (key.public(), "elsewhere".parse().unwrap());
        let draft = ItemDraft { author, board, kind, time: now(), text: b"Hello." };
        let item = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(key)).unwrap();
        reader.server.node().import(torrent::write(&item, None, &[])).await.unwrap();
    }
    assert_eq!(
        reader.send("person", &format!("do=follow&key={}", friend.public().to_hex())).await.status,
        303
    );
    let page = reader.page("?followed=1").await;
    assert!(page.contains("By a friend") && !page.contains("By another"), "{page}");
    assert!(
        !reader.page("b/upseed?followed=1").await.contains("By a friend"),
        "on that board alone"
    );
    let page = reader.page("following").await;
    assert!(page.contains(&format!("name=\"key\" value=\"{}\"", friend.public().to_hex())));
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_since_the_last_visit_is_marked_and_a_get_is_no_visit() {
    let reader = Reader::start().await;
    let node = reader.server.node();
    node.join("elsewhere".parse().unwrap(), &[]).unwrap();
    let stranger = SecretKey::from_seed(&[8; 32]);
    let import = async |title: &str| {
        let kind = Kind::Post { title: title.parse().unwrap() };
        let (author, board) = (stranger.public(), "elsewhere".parse().unwrap());
        let draft = ItemDraft { author, board, kind, time: now(), text: b"Hello." };
        let item = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&stranger)).unwrap();
        node.import(torrent::write(&item, None, &[])).await.unwrap();
    };
    import("Old").await;
    let marks = async || reader.page("?window=all").await.matches("class=\"fo\">new<").count();
    assert_eq!((marks().await, marks().await), (0, 0), "on a first visit nothing is new");
    node.view_settings().visit("", now() - 60).unwrap();
    assert_eq!((marks().await, marks().await), (1, 1), "a GET changes nothing");
    assert_eq!(reader.send("seen", "page=").await.status, 200);
    assert_eq!(marks().await, 0);
    assert_eq!(reader.send("seen", "page=me").await.status, 422);
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_is_answered_with_a_page() {
    let reader = Reader::start().await;
    for (method, path, status) in [
        ("GET", "/upseed/nowhere", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/upseed/t/abc", 400),
        ("GET", "/upseed/b/NOT%20A%20BOARD", 400),
        ("GET", "/upseed/?sort=sideways", 400),
        ("GET", "/upseed/keep", 405),
        ("POST", "/upseed/keep", 403),
        ("GET", "/upseed/t/0000000000000000000000000000000000000000", 404),
    ] {
        let answer = reader.ask(method, path, "").await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.head.contains("content-type: text/html"), "{path}: {}", answer.head);
        assert!(answer.head.contains("content-security-policy"), "{path}");
        assert!(answer.body.contains("Back to the front page"), "{path}");
    }
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_stay_where_they_were_begun_until_they_are_published_or_discarded() {
    let reader = Reader::start().await;
    let post = reader.post("Asked", "What?").await.infohash();
    let draft = format!("parent={post}&text=Half+an+answer");
    assert_eq!(reader.send("draft", &draft).await.status, 200);
    for path in [format!("reply/{post}"), format!("t/{post}")] {
        assert!(reader.page(&path).await.contains("Half an answer"), "{path}");
    }
    assert!(!reader.page("write").await.contains("Half an answer"));
    // Without script every preview keeps one.
    let fields = "do=preview&board=garden&title=A+title&text=So+far";
    let preview = reader.send("publish", fields).await;
    assert_eq!(preview.status, 200);
    let page = reader.page("write").await;
    assert!(page.contains("value=\"garden\"") && page.contains("value=\"A title\""), "{page}");
    assert!(page.contains("So far"));
    assert_eq!(reader.send("publish", "do=discard").await.status, 303);
    assert!(!reader.page("write").await.contains("So far"));
    let done = reader.send("publish", &format!("do=publish&parent={post}&text=Whole")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(!reader.page(&format!("reply/{post}")).await.contains("Half an answer"));
    assert_eq!(reader.send("draft", &format!("text={}", "x".repeat(140_000))).await.status, 422);
    reader.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_composer_asks_for_a_name_once_and_takes_none() {
    let reader = Reader::start().await;
    let asks = async || reader.page("write").await.contains("name=\"name\"");
    assert!(asks().await);
    let fields = "do=publish&board=upseed&title=First&text=Hello.&name=";
    assert_eq!(reader.send("publish", fields).await.status, 303);
    assert!(!asks().await, "an empty answer is one");
    let key = reader.server.node().identity().public().unwrap();
    assert_eq!(reader.server.node().profile_of(&key).unwrap().name, "");
    reader.server.stop().await;
}
