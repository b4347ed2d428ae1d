//! `upseed connect qbittorrent`: what it looks at and sets up.
//!
//! Twice is as good as once: what is there already is left as it is. What was changed is given
//! back as [`Made`], for the caller to keep: [`undo`](crate::undo::undo) takes back that and
//! nothing else. What other people made in the same qBittorrent is not touched.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use url::{Host, Url};

use crate::{
    Settings, Whereabouts,
    api::{Api, ApiError},
    memory::write_private,
    preferences::Preferences,
    torrents::CATEGORY,
};

/// The feed's name in the client, unless something of that name is there.
const FEED: &str = "Upseed";

/// The plugin's, likewise.
const PLUGIN_NAME: &str = "upseed";

const PLUGIN: &str = include_str!("upseed.py");

/// Installing runs the client's Python.
const INSTALL: Duration = Duration::from_secs(20);

/// Fetching a feed from the node beside it.
const FETCH: Duration = Duration::from_secs(15);

/// Where the client finds this user's node.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// `http://127.0.0.1:7667`.
    pub origin: &'a str,
    /// Whether it runs now, so that it can be tried.
    pub running: bool,
    /// The feeds' read-only token.
    pub feed_token: &'a str,
    /// A folder of the node's, for the plugin's file.
    pub folder: &'a Path,
}

/// Something that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// The category was made.
    Category,
    /// The search plugin was installed.
    Plugin,
    /// The feed was added.
    Feed,
    /// RSS was switched on.
    Rss,
}

/// Everything that was changed in one client so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// What.
    #[serde(default)]
    pub done: Vec<Done>,
    /// The feed's name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// The plugin's name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}

impl Made {
    fn note(&mut self, done: Done) {
        if !self.done.contains(&done) {
            self.done.push(done);
        }
    }

    /// The name of the feed that was added.
    pub fn feed(&self) -> Option<&str> {
        let name = self.feed.as_deref().unwrap_or(FEED);
        self.done.contains(&Done::Feed).then_some(name)
    }

    /// The name of the plugin that was installed.
    pub fn plugin(&self) -> Option<&str> {
        let name = self.plugin.as_deref().unwrap_or(PLUGIN_NAME);
        self.done.contains(&Done::Plugin).then_some(name)
    }

    /// One of the changes, for people.
    pub fn what(&self, done: Done) -> String {
        match done {
            Done::Category => "created the category \"upseed\"".into(),
            Done::Plugin => {
                let name = self.plugin().unwrap_or(PLUGIN_NAME);
                format!("installed the search plugin \"{}\" (View, Search Engine)", shown(name))
            }
            Done::Feed => {
                let name = self.feed().unwrap_or(FEED);
                format!("added the RSS feed \"{name}\" of today's top posts")
            }
            Done::Rss => "turned on fetching of RSS feeds (Options, RSS)".into(),
        }
    }
}

/// What was found and done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Where it answers.
    pub url: String,
    /// The program's version.
    pub version: String,
    /// What it is like, and what Upseed does about it; for people.
    pub found: Vec<String>,
    /// What was changed just now.
    pub done: Vec<Done>,
    /// What could not be done, and what to do.
    pub failed: Vec<String>,
    /// What was changed so far, to be kept.
    #[serde(skip)]
    pub made: Made,
}

impl Report {
    fn changed(&mut self, done: Done) {
        self.done.push(done);
        self.made.note(done);
    }
}

/// Looks at a qBittorrent and prepares it. `made` is what was changed there before.
///
/// # Errors
/// If it does not answer, refuses the log-in, or is none.
pub async fn connect(settings: Settings, node: &Node<'_>, made: Made) -> Result<Report, ApiError> {
    let api = Api::new(settings)?;
    let (version, web_api) = api.versions().await?;
    let preferences = Preferences::read(&api.preferences().await?)?;
    let whereabouts = api.whereabouts().await?;
    let found = found(&preferences, whereabouts);
    let url = api.base().to_string();
    let mut report = Report { url, version, found, made, ..Report::default() };
    let web_api = format!("Web API {}.{}.{}", web_api.0, web_api.1, web_api.2);
    report.found.insert(0, format!("qBittorrent {} ({web_api})", report.version));

    let categories = api.get_json("torrents/categories", &[]).await?;
    if categories.get(CATEGORY).is_none() {
        let save = preferences.save_path.trim_end_matches(['/', '\\']);
        let path = format!("{save}/{CATEGORY}");
        api.post("torrents/createCategory", &[("category", CATEGORY), ("savePath", &path)]).await?;
        report.changed(Done::Category);
    }
    let Some(origin) = reached_at(node.origin, whereabouts) else {
        report.failed.push(format!(
            "the search plugin and the RSS feed were not set up: your node listens on {}, which \
             qBittorrent cannot reach from its machine. Run the node with --listen ADDR:PORT, an \
             address that qBittorrent can reach, and connect again",
            node.origin
        ));
        return Ok(report);
    };
    match feed(&api, node, &origin, &preferences, &mut report).await {
        Ok(true) => {}
        Ok(false) => {
            report.failed.push(format!(
                "the search plugin and the RSS feed were not set up: qBittorrent cannot reach your \
                 node at {origin}. Is it in a container, or does it fetch feeds through a proxy? \
                 Run Upseed where qBittorrent runs, or with --listen ADDR:PORT, an address that it \
                 can reach"
            ));
            return Ok(report);
        }
        Err(error) => report.failed.push(format!("the RSS feed was not added: {error}")),
    }
    if let Err(error) = plugin(&api, node, &origin, &mut report).await {
        report.failed.push(format!("the search plugin was not installed: {error}"));
    }
    Ok(report)
}

/// The node's address as the client must call it; none if it cannot.
fn reached_at(origin: &str, whereabouts: Whereabouts) -> Option<String> {
    let mut url: Url = origin.parse().ok()?;
    let ip = match url.host()? {
        Host::Ipv4(ip) => IpAddr::V4(ip),
        Host::Ipv6(ip) => IpAddr::V6(ip),
        Host::Domain(_) => return Some(origin.to_owned()),
    };
    if ip.is_unspecified() {
        let own = if whereabouts.here { Ipv4Addr::LOCALHOST.into() } else { whereabouts.us };
        url.set_ip_host(own).ok()?;
    } else if ip.to_canonical().is_loopback() && !whereabouts.here {
        return None;
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

fn found(preferences: &Preferences, whereabouts: Whereabouts) -> Vec<String> {
    let here = whereabouts.here;
    let mut found = preferences.way(here);
    if let Some(uploads) = preferences.queue {
        found.push(format!(
            "queueing is on (at most {uploads} torrents seed): Upseed's torrents are \
             force-started, so it does not apply to them"
        ));
    }
    if preferences.share_limits {
        found.push("share limits are on: they do not apply to Upseed's torrents".into());
    }
    found.extend(preferences.warnings(here));
    let save = &preferences.save_path;
    // The folder of a new profile comes with its first torrent.
    let folder = Path::new(save);
    let shared = here && (folder.is_dir() || folder.parent().is_some_and(Path::is_dir));
    found.push(if shared {
        format!("saves to {save}, which seems to be on this machine: Upseed puts texts there")
    } else {
        format!("saves to {save}, which is not visible from here: it downloads texts from Upseed")
    });
    found
}

/// The first of "x", "x2", "x3", … (or "x 2", "x 3") that is free.
fn free(name: &str, between: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|n: u32| format!("{name}{between}{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_else(|| name.to_owned())
}

/// A plugin's name as the client shows it: "Upseed 2" for `upseed2`.
fn shown(plugin: &str) -> String {
    let number = plugin.trim_start_matches(PLUGIN_NAME);
    format!("{FEED} {number}").trim_end().to_owned()
}

pub(crate) async fn has_plugin(api: &Api, name: &str) -> Result<bool, ApiError> {
    let plugins = api.get_json("search/plugins", &[]).await?;
    Ok(plugins.as_array().into_iter().flatten().any(|plugin| plugin["name"] == name))
}

async fn plugin(
    api: &Api,
    node: &Node<'_>,
    origin: &str,
    report: &mut Report,
) -> Result<(), ApiError> {
    let written = |name: &str| {
        PLUGIN
            .replace("@NODE@", origin)
            .replace("@TOKEN@", node.feed_token)
            .replace("class upseed(", &format!("class {name}("))
            .replace("\"Upseed\"", &format!("\"{}\"", shown(name)))
    };
    let plugins = api.get_json("search/plugins", &[]).await?;
    let there: Vec<&str> =
        plugins.as_array().into_iter().flatten().filter_map(|it| it["name"].as_str()).collect();
    let before = report.made.plugin().filter(|name| there.contains(name)).map(ToOwned::to_owned);
    let name =
        before.clone().unwrap_or_else(|| free(PLUGIN_NAME, "", |name| there.contains(&name)));
    let (path, text) = (node.folder.join(format!("{name}.py")), written(&name));
    if let Some(name) = &before {
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        // It keeps a plugin of the same version, with an address or a token that is no more.
        api.post("search/uninstallPlugin", &[("names", name)]).await?;
    } else if name != PLUGIN_NAME {
        report.found.push(format!(
            "another search plugin named \"upseed\" is left as it is: this node's is \"{}\"",
            shown(&name)
        ));
    }
    if let Err(error) = write_private(&path, text.as_bytes()) {
        report.failed.push(format!("{}: {error}", path.display()));
        return Ok(());
    }
    let source = path.to_string_lossy().into_owned();
    api.post("search/installPlugin", &[("sources", &source)]).await?;
    let deadline = Instant::now() + INSTALL;
    while !has_plugin(api, &name).await? {
        if Instant::now() > deadline {
            report.failed.push(format!(
                "the search plugin was not installed; qBittorrent's search needs Python 3. To \
                 install it by hand: View, Search Engine, Search plugins, Install, {source}"
            ));
            return Ok(());
        }
        sleep(Duration::from_millis(200)).await;
    }
    report.made.plugin = Some(name);
    report.changed(Done::Plugin);
    Ok(())
}

/// All feeds with their paths and addresses.
pub(crate) fn feeds(items: &Value) -> Vec<(String, String)> {
    let mut feeds = Vec::new();
    let mut folders = vec![(String::new(), items)];
    while let Some((path, folder)) = folders.pop() {
        for (name, item) in folder.as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}\\{name}") };
            match item["url"].as_str().or(item.as_str()) {
                Some(url) => feeds.push((path, url.to_owned())),
                None => folders.push((path, item)),
            }
        }
    }
    feeds
}

/// Adds the feed. False if the client was seen not to reach it.
async fn feed(
    api: &Api,
    node: &Node<'_>,
    origin: &str,
    preferences: &Preferences,
    report: &mut Report,
) -> Result<bool, ApiError> {
    let url = format!("{origin}/upseed/rss?sort=top&window=day&feed={}", node.feed_token);
    let items = api.get_json("rss/items", &[]).await?;
    let feeds = feeds(&items);
    if let Some((path, _)) = feeds.iter().find(|(_, its)| *its == url) {
        // The token is this node's own, whatever it is called by now.
        report.made.feed = Some(path.clone());
        report.made.note(Done::Feed);
    } else {
        let name = free(FEED, " ", |name| items.get(name).is_some());
        api.post("rss/addFeed", &[("url", &url), ("path", &name)]).await?;
        if node.running && !reaches(api, &name).await? {
            api.post("rss/removeItem", &[("path", &name)]).await?;
            return Ok(false);
        }
        // One with an address or a token that is no more.
        let old = report.made.feed().and_then(|old| {
            let stale =
                |(path, url): &&(String, String)| path == old && url.contains("/upseed/rss?");
            feeds.iter().find(stale)
        });
        if let Some((path, _)) = old {
            api.post("rss/removeItem", &[("path", path)]).await?;
        }
        report.made.feed = Some(name);
        report.changed(Done::Feed);
    }
    if !preferences.rss {
        let json = r#"{"rss_processing_enabled":true}"#;
        api.post("app/setPreferences", &[("json", json)]).await?;
        report.changed(Done::Rss);
    }
    Ok(true)
}

/// Whether the client gets a feed.
async fn reaches(api: &Api, name: &str) -> Result<bool, ApiError> {
    api.post("rss/refreshItem", &[("itemPath", name)]).await?;
    let deadline = Instant::now() + FETCH;
    loop {
        let items = api.get_json("rss/items", &[("withData", "true")]).await?;
        let feed = &items[name];
        if feed["hasError"] == true {
            return Ok(false);
        }
        let fetched = feed["lastBuildDate"].as_str().is_some_and(|date| !date.is_empty())
            || feed["title"].as_str().is_some_and(|title| !title.is_empty());
        if fetched && feed["isLoading"] == false {
            return Ok(true);
        }
        if Instant::now() > deadline {
            return Ok(false);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn names_that_are_taken_are_left_alone() {
        let taken = ["upseed", "upseed2"];
        assert_eq!(free("upseed", "", |name| taken.contains(&name)), "upseed3");
        assert_eq!(free("Upseed", " ", |name| name == "Upseed"), "Upseed 2");
        assert_eq!((shown("upseed"), shown("upseed2")), ("Upseed".into(), "Upseed 2".into()));
    }

    #[test]
    fn feeds_in_folders() {
        let items = json!({ "Upseed": { "Mine": { "uid": "1", "url": "http://a" } },
            "Old": "http://b", "Empty": {} });
        let mut found = feeds(&items);
        found.sort();
        let [one, two] = [("Old", "http://b"), ("Upseed\\Mine", "http://a")]
            .map(|(path, url)| (path.to_owned(), url.to_owned()));
        assert_eq!(found, [one, two]);
    }

    #[test]
    fn a_client_elsewhere_does_not_reach_this_machines_loopback() {
        let us = "10.0.0.7".parse().unwrap();
        let [here, there] = [true, false].map(|here| Whereabouts { here, us, at: us });
        for (origin, from_here, from_there) in [
            ("http://127.0.0.1:7667", Some("http://127.0.0.1:7667"), None),
            ("http://[::1]:7667", Some("http://[::1]:7667"), None),
            ("http://0.0.0.0:7667", Some("http://127.0.0.1:7667"), Some("http://10.0.0.7:7667")),
            ("http://10.0.0.5:7667", Some("http://10.0.0.5:7667"), Some("http://10.0.0.5:7667")),
        ] {
            assert_eq!(reached_at(origin, here).as_deref(), from_here, "{origin}");
            assert_eq!(reached_at(origin, there).as_deref(), from_there, "{origin}");
        }
    }

    #[test]
    fn what_was_kept_before_names_were_is_read() {
        let made: Made = serde_json::from_value(json!({ "done": ["plugin", "feed"] })).unwrap();
        assert_eq!((made.plugin(), made.feed()), (Some("upseed"), Some("Upseed")));
        assert_eq!(Made::default().plugin(), None);
    }
}
