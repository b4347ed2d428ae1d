//! The JSON of every request and answer, byte for byte, both ways: what is pinned here is what
//! scripts, older commands and the view's script rely on.
#![allow(clippy::unwrap_used)]

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use upseed_api::{
    ApiError, CommentRequest, Event, EventsQuery, FeedToken, FollowRequest, Identity, Item,
    ItemHeader, ItemQuery, JoinRequest, MagnetLink, MuteRequest, OneTimeLink, PeopleRequest,
    Person, PostRequest, Profile, ProfileRequest, RemovalRequest, Removals, RestoreRequest,
    SearchQuery, Status, Thread, TopQuery, VoteOutcome, VoteRequest, Why,
};

const ID: &str = "1111111111111111111111111111111111111111";
const PARENT: &str = "2222222222222222222222222222222222222222";
const WORK: &str = "3333333333333333333333333333333333333333333333333333333333333333";
/// The public key of the first test vector of RFC 8032.
const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// `$ID` and the like are put in; spaces between fields stand for nothing.
fn filled(json: &str) -> String {
    let json = json.replace("\n", "").replace("  ", "");
    let json = json.replace("$ID", ID).replace("$PARENT", PARENT).replace("$WORK", WORK);
    json.replace("$KEY", KEY)
}

/// Reads the JSON and writes the same again.
#[track_caller]
fn parsed<T: Serialize + DeserializeOwned>(json: &str) -> T {
    let json = filled(json);
    let value: T = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{json}: {e}"));
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    value
}

/// What a shorter form stands for.
#[track_caller]
fn means<T: Debug + PartialEq + Serialize + DeserializeOwned>(short: &str, long: &str) {
    let short: T = serde_json::from_str(&filled(short)).unwrap();
    assert_eq!(short, parsed::<T>(long));
}

const POST: &str = r#"{
    "id":"$ID","work":"$WORK","magnet":"magnet:?xt=urn:btih:$ID","kind":"post",
    "board":"upseed","title":"A \"post\"","author":"$KEY","author_name":"Ann","author_is":"followed","time":1800000000,
    "first_seen":1800000001,"score":2.5,"known":true,"votes":3,"upvoted":true,"mine":false,
    "seeds":4,"verified":2,"verified_at":1800000060,
    "comments":1,"parent":null,"root":null,"hosting":"hosting",
    "dead":false,"text":"Text.\n"}"#;

const COMMENT: &str = r#"{
    "id":"$ID","work":"$WORK","magnet":"magnet:?xt=urn:btih:$ID","kind":"comment",
    "board":"upseed","title":null,"author":"$KEY","author_name":"","author_is":"you","time":1800000000,
    "first_seen":1800000001,"score":0.0,"known":false,"votes":0,"upvoted":false,"mine":true,
    "seeds":null,"verified":0,"verified_at":null,
    "comments":0,"parent":"$PARENT","root":"$PARENT","hosting":null,
    "dead":true,"text":null}"#;

/// An item as a thread has it.
fn with(item: &str, more: &str) -> String {
    format!("{},{more}}}", item.strip_suffix('}').unwrap())
}

#[test]
fn items() {
    parsed::<Item>(POST);
    let comment: Item = parsed(COMMENT);
    assert_eq!((comment.title, comment.hosting), (None, None));
    for state in
        ["wanted", "fetching", "handed", "hosting", "failed", "missing", "stopped", "guest"]
    {
        let json = POST.replace("\"hosting\":\"hosting\"", &format!("\"hosting\":\"{state}\""));
        let item: Item = parsed(&json);
        assert_eq!(item.hosting.unwrap().as_str(), state);
    }
    // What is added later is passed over.
    let newer = filled(&with(POST, "\"colour\":[\"green\"]"));
    assert!(serde_json::from_str::<Item>(&newer).is_ok());
}

#[test]
fn threads() {
    let reply = with(COMMENT, r#""replies":[],"cut":true"#);
    let thread: Thread = parsed(&with(POST, &format!(r#""replies":[{reply}],"cut":false"#)));
    assert!(thread.replies[0].cut && thread.replies[0].replies.is_empty());
    let top: Vec<Item> = parsed(&format!("[{POST},{COMMENT}]"));
    assert_eq!(top.len(), 2);
}

#[test]
fn a_thread_as_deep_as_nodes_send_it_is_read() {
    let mut json = with(COMMENT, r#""replies":[],"cut":true"#);
    for _ in 0..50 {
        json = with(COMMENT, &format!(r#""replies":[{json}],"cut":false"#));
    }
    parsed::<Thread>(&json);
}

#[test]
fn status() {
    let status: Status = parsed(
        r#"{"version":"0.1.0","address":"127.0.0.1:7667","uptime":90,"author":"$KEY",
        "client":"qbittorrent","client_version":"5.1.4","client_online":true,
        "client_warnings":["The DHT is off."],
        "clock":{"seconds":7200,"is_ahead":true,"peers":7,"message":"It is ahead."},"peers":3,"boards":[
        {"name":"garden","peers":1,"days":30,"comparing":[3,7],"trackers":["udp://t.example:1"]},
        {"name":"upseed","peers":2,"days":365,"comparing":null,"trackers":[]}],
        "items":10,"hosted":4,"wanted":1,"asked":2,"text_bytes":65536,"is_scored":true,"dht_nodes":120,
        "swarm_port":6881,"reachable":"upnp","outside_port":51413,"was_reached":true,"punched":1,
        "announced":[2,3]}"#,
    );
    assert_eq!(status.boards[0].comparing, Some((3, 7)));
}

#[test]
fn removals() {
    let removals: Removals = parsed(&format!(
        r#"{{"asked":[{{"item":{POST},"why":"a share limit"}}],"undoable":[{{"item":{POST},"until":1800003600}}]}}"#
    ));
    assert_eq!(removals.undoable[0].until, 1_800_003_600);
    means::<RemovalRequest>(r#"{"do":"put-back"}"#, r#"{"ids":[],"do":"put-back"}"#);
    parsed::<RemovalRequest>(r#"{"ids":["$ID"],"do":"let-go"}"#);
}

#[test]
fn votes() {
    means::<VoteRequest>(
        r#"{"ids":["$ID"],"up":true}"#,
        r#"{"ids":["$ID"],"up":true,"wait":0,"until_hosted":false}"#,
    );
    let done: VoteOutcome = parsed(&format!(r#"{{"id":"$ID","done":true,"item":{POST}}}"#));
    assert!(done.error.is_none() && !done.fault);
    parsed::<VoteOutcome>(
        r#"{"id":"x","done":false,"error":"no item","hint":"Try another.","fault":true}"#,
    );
    parsed::<Why>(
        r#"{"id":"$ID","score":1.75,"votes":4,"seeds":4,"verified":2,"verified_at":1800000060,
            "words":["It is."],"through":[{"key":"$KEY","name":"ann",
            "provisional":false,"voted":true,"behind":1,"votes":2.0,"weight":1.5,"adds":1.5}],
            "strangers":2,"strangers_add":0.25,"networks":1,"muted":0,"mine":false,"follows":3,
            "provisional":0,"follows_nobody":false,
            "place":{"window":"week","number":3,"without_strongest":null}}"#,
    );
}

#[test]
fn requests() {
    parsed::<PostRequest>(r#"{"board":"upseed","title":"A post","text":"Text.\n"}"#);
    parsed::<CommentRequest>(r#"{"parent":"$PARENT","text":"Text.\n"}"#);
    parsed::<FollowRequest>(r#"{"key":"$KEY","follow":true}"#);
    parsed::<MuteRequest>(r#"{"key":"$KEY","mute":false}"#);
    means::<JoinRequest>(r#"{"board":"garden"}"#, r#"{"board":"garden","trackers":[]}"#);
    parsed::<FollowRequest>(r#"{"key":"Ann","follow":true}"#);
    parsed::<PeopleRequest>(r#"{"who":["upseed:7nne9b47","Ann"]}"#);
    parsed::<Person>(r#"{"key":"$KEY","name":"Ann","relation":"muted"}"#);
    means::<ProfileRequest>(r#"{"name":"Ann"}"#, r#"{"name":"Ann","about":null}"#);
    parsed::<Profile>(
        r#"{"key":"$KEY","name":"Ann","about":"I garden.","boards":["garden"],"relation":"you"}"#,
    );
    let restore: RestoreRequest = parsed(r#"{"phrase":"abandon ability","replace":true}"#);
    assert_eq!(*restore.phrase, "abandon ability");
    means::<TopQuery>(
        r#"{"board":"garden","window":"week","sort":"hot","limit":10}"#,
        r#"{"board":"garden","window":"week","sort":"hot","limit":10,"skip":0}"#,
    );
    means::<ItemQuery>(r#"{"id":"$ID"}"#, r#"{"id":"$ID","wait":0}"#);
    parsed::<SearchQuery>(r#"{"q":"basil","board":null,"limit":25}"#);
    means::<EventsQuery>("{}", r#"{"ids":"","since":null}"#);
}

#[test]
fn small_answers() {
    let identity: Identity = parsed(r#"{"author":null,"name":null}"#);
    assert_eq!(identity, Identity::from(None));
    let key = KEY.parse().unwrap();
    let name = serde_json::to_string(&Identity::from(Some(key))).unwrap();
    assert_eq!(name, filled(&format!(r#"{{"author":"$KEY","name":"{key}"}}"#)));
    parsed::<OneTimeLink>(r#"{"link":"http://127.0.0.1:7667/upseed/open?ticket=0"}"#);
    parsed::<FeedToken>(r#"{"token":"0"}"#);
    parsed::<ApiError>(r#"{"error":"no item","kind":"user"}"#);
    parsed::<ApiError>(r#"{"error":"a fault","hint":"Report it.","kind":"fault"}"#);
}

#[test]
fn inspected() {
    parsed::<ItemHeader>(
        r#"{"id":"$ID","work":"$WORK","kind":"post","board":"upseed","title":"A post",
        "author":"$KEY","time":1800000000,"length":6,"name":"a-post.md","parent":null,
        "root":null,"pow_bits":19,"header_bytes":300}"#,
    );
    parsed::<MagnetLink>(
        r#"{"id":"$ID","name":"a-post.md","trackers":["http://t.example/announce"],
        "peers":["192.0.2.1:6881"]}"#,
    );
}

#[test]
fn events() {
    for event in [
        r#"{"event":"item","id":"$ID","board":"upseed","root":"$PARENT"}"#,
        r#"{"event":"item","id":"$ID","board":"upseed","root":null}"#,
        r#"{"event":"text","id":"$ID"}"#,
        r#"{"event":"unreadable","id":"$ID","unfit":"not-now","reason":"nobody has it"}"#,
        r#"{"event":"unreadable","id":"$ID","unfit":"ordinary","reason":"a film"}"#,
        r#"{"event":"unreadable","id":"$ID","unfit":"wrong","reason":"no signature"}"#,
        r#"{"event":"twin","id":"$ID","kept":"$PARENT"}"#,
        r#"{"event":"votes","id":"$ID","votes":2,"upvoted":true}"#,
        r#"{"event":"hosting","id":"$ID","state":"none"}"#,
        r#"{"event":"hosting","id":"$ID","state":"guest"}"#,
        r#"{"event":"work","job":"j","percent":40}"#,
        r#"{"event":"sync","board":"upseed","done":3,"total":7}"#,
        r#"{"event":"missed"}"#,
    ] {
        parsed::<Event>(event);
    }
    let odd = filled(r#"{"event":"hosting","id":"$ID","state":"elsewhere"}"#);
    assert!(serde_json::from_str::<Event>(&odd).is_err());
}
