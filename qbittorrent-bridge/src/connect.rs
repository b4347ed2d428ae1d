//! `upseed connect qbittorrent`: what it looks at, what it sets up, and how that is undone.
//!
//! Twice is as good as once: what is there already is left as it is. What was changed is given
//! back as [`Done`]s, for the caller to keep: undoing takes back those and nothing else.

use std::{path::Path, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::{
    Settings,
    api::{Api, ApiError},
    preferences::Preferences,
    torrents::CATEGORY,
};

/// The feed's name in the client.
const FEED: &str = "Upseed";

const PLUGIN: &str = include_str!("upseed.py");

/// Installing runs the client's Python.
const INSTALL: Duration = Duration::from_secs(20);

/// Where the client finds this user's node.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// `http://127.0.0.1:7667`.
    pub origin: &'a str,
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

impl Done {
    /// What it is, for people.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Category => "made the category \"upseed\"",
            Self::Plugin => "installed the search plugin \"Upseed\" (View, Search Engine)",
            Self::Feed => "added the RSS feed \"Upseed\" of the day's top",
            Self::Rss => "switched fetching of RSS feeds on (Options, RSS)",
        }
    }
}

/// What was found and done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The program's version.
    pub version: String,
    /// What it is like, and what Upseed does about it; for people.
    pub found: Vec<String>,
    /// What was changed just now.
    pub done: Vec<Done>,
    /// What could not be done, and what to do.
    pub failed: Vec<String>,
}

/// Looks at a qBittorrent and prepares it.
///
/// # Errors
/// If it does not answer, refuses the log-in, or is none.
pub async fn connect(settings: Settings, node: &Node<'_>) -> Result<Report, ApiError> {
    let api = Api::new(settings)?;
    let (version, web_api) = api.versions().await?;
    let told = api.preferences().await?;
    let preferences = Preferences::read(&told);
    let mut report = Report { version, found: found(&api, &preferences), ..Report::default() };
    let web_api = format!("Web API {}.{}.{}", web_api.0, web_api.1, web_api.2);
    report.found.insert(0, format!("qBittorrent {} ({web_api})", report.version));

    let categories = api.get_json("torrents/categories", &[]).await?;
    if categories.get(CATEGORY).is_none() {
        let save = preferences.save_path.trim_end_matches(['/', '\\']);
        let path = format!("{save}/{CATEGORY}");
        api.post("torrents/createCategory", &[("category", CATEGORY), ("savePath", &path)]).await?;
        report.done.push(Done::Category);
    }
    if let Err(error) = plugin(&api, node, &mut report).await {
        report.failed.push(format!("the search plugin was not installed: {error}"));
    }
    if let Err(error) = feed(&api, node, &preferences, &mut report).await {
        report.failed.push(format!("the RSS feed was not added: {error}"));
    }
    Ok(report)
}

fn found(api: &Api, preferences: &Preferences) -> Vec<String> {
    let mut found = Vec::new();
    let network = preferences.network();
    let local = api.settings().is_local();
    match (&network.interface, local) {
        (Some(name), true) => found
            .push(format!("bound to {name}: Upseed's own engine uses that too, and nothing else")),
        (Some(name), false) => found.push(format!(
            "bound to {name} of its own machine; Upseed's engine on this one is not"
        )),
        (None, _) => found.push("bound to no interface".into()),
    }
    if let Some(proxy) = &network.proxy {
        found.push(format!(
            "goes through the proxy {}:{}: so does Upseed's engine",
            proxy.host, proxy.port
        ));
    }
    if let Some(uploads) = preferences.queue {
        found.push(format!(
            "queueing is on ({uploads} may seed): Upseed's torrents are force-started past it"
        ));
    }
    if preferences.share_limits {
        found.push("share limits are on: Upseed's torrents get none".into());
    }
    found.extend(preferences.warnings());
    let save = &preferences.save_path;
    // The folder of a new profile comes with its first torrent.
    let folder = Path::new(save);
    let shared = local && (folder.is_dir() || folder.parent().is_some_and(Path::is_dir));
    found.push(if shared {
        format!("saves to {save}, which seems to be here: texts are put there")
    } else {
        format!("saves to {save}, which is not seen from here: it downloads texts from Upseed")
    });
    found
}

async fn has_plugin(api: &Api) -> Result<bool, ApiError> {
    let plugins = api.get_json("search/plugins", &[]).await?;
    Ok(plugins.as_array().into_iter().flatten().any(|plugin| plugin["name"] == "upseed"))
}

async fn plugin(api: &Api, node: &Node<'_>, report: &mut Report) -> Result<(), ApiError> {
    let text = PLUGIN.replace("@NODE@", node.origin).replace("@TOKEN@", node.feed_token);
    let path = node.folder.join("upseed.py");
    let there = has_plugin(api).await?;
    if there && std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if there {
        // It keeps a plugin of the same version, with an address or a token that is no more.
        api.post("search/uninstallPlugin", &[("names", "upseed")]).await?;
    }
    if let Err(error) = write_private(&path, text.as_bytes()) {
        report.failed.push(format!("{}: {error}", path.display()));
        return Ok(());
    }
    let source = path.to_string_lossy().into_owned();
    api.post("search/installPlugin", &[("sources", &source)]).await?;
    let deadline = Instant::now() + INSTALL;
    while !has_plugin(api).await? {
        if Instant::now() > deadline {
            report.failed.push(format!(
                "the search plugin was not taken; its search needs Python 3. By hand: View, Search \
                 Engine, Search plugins, Install, {source}"
            ));
            return Ok(());
        }
        sleep(Duration::from_millis(200)).await;
    }
    report.done.push(Done::Plugin);
    Ok(())
}

/// The plugin's file holds the feeds' token: it is for its user alone.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let part = path.with_extension("part");
    let _ = std::fs::remove_file(&part);
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    std::fs::rename(&part, path)
}

async fn feed(
    api: &Api,
    node: &Node<'_>,
    preferences: &Preferences,
    report: &mut Report,
) -> Result<(), ApiError> {
    let url = format!("{}/upseed/rss?sort=top&window=day&feed={}", node.origin, node.feed_token);
    let items = api.get_json("rss/items", &[]).await?;
    let there = items.get(FEED).map(|feed| feed["url"].as_str().or(feed.as_str()) == Some(&url));
    if there == Some(false) {
        api.post("rss/removeItem", &[("path", FEED)]).await?;
    }
    if there != Some(true) {
        api.post("rss/addFeed", &[("url", &url), ("path", FEED)]).await?;
        report.done.push(Done::Feed);
    }
    if !preferences.rss {
        let json = r#"{"rss_processing_enabled":true}"#;
        api.post("app/setPreferences", &[("json", json)]).await?;
        report.done.push(Done::Rss);
    }
    Ok(())
}

/// Takes back what [`connect`] did. What is gone already is no error. Torrents stay.
///
/// # Errors
/// As [`connect`].
pub async fn undo(settings: Settings, done: &[Done]) -> Result<Vec<String>, ApiError> {
    let api = Api::new(settings)?;
    api.versions().await?;
    let mut said = Vec::new();
    for done in done {
        let (undone, what) = match done {
            Done::Category => (
                api.post("torrents/removeCategories", &[("categories", CATEGORY)]).await,
                "removed the category; its torrents stay",
            ),
            Done::Plugin => (
                api.post("search/uninstallPlugin", &[("names", "upseed")]).await,
                "uninstalled the search plugin",
            ),
            Done::Feed => {
                (api.post("rss/removeItem", &[("path", FEED)]).await, "removed the RSS feed")
            }
            Done::Rss => (
                api.post("app/setPreferences", &[("json", r#"{"rss_processing_enabled":false}"#)])
                    .await,
                "switched RSS off again",
            ),
        };
        match undone {
            Ok(_) => said.push(what.to_owned()),
            Err(ApiError::Strange { .. }) => said.push(format!("{what} (it was gone already)")),
            Err(error) => return Err(error),
        }
    }
    Ok(said)
}
