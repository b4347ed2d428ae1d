//! `upseed connect qbittorrent --undo`.

use std::path::Path;

use upseed_reach::Failure;

use crate::{
    Settings,
    api::{Api, ApiError},
    connect::{Done, Made, feeds, has_plugin},
    torrents::CATEGORY,
};

/// Takes back what [`connect`](crate::connect::connect) did. What is gone already is no error,
/// and neither is a client that is gone: what stays there is said then. Torrents stay. `folder` is
/// where the plugin's file was put.
///
/// # Errors
/// If it is there and refuses the log-in, or its certificate is not trusted.
pub async fn undo(settings: Settings, made: &Made, folder: &Path) -> Result<Vec<String>, ApiError> {
    let mut said = Vec::new();
    let url = settings.url.to_string();
    let api = Api::new(settings)?;
    match api.versions().await {
        Ok(_) => {
            for done in &made.done {
                said.push(match take_back(&api, made, *done).await {
                    Ok(what) => what,
                    Err(error) => left(made, *done, &error.to_string()),
                });
            }
        }
        Err(
            error @ (ApiError::Refused(_)
            | ApiError::Basic
            | ApiError::Away { failure: Failure::Certificate(_), .. }),
        ) => return Err(error),
        Err(error) => {
            said.push(format!("qBittorrent no longer answers at {url}: {error}"));
            said.extend(made.done.iter().map(|done| left(made, *done, "once it is back")));
        }
    }
    if let Some(name) = made.plugin() {
        let path = folder.join(format!("{name}.py"));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                said.push(format!("{} stays: {error}", path.display()));
            }
            _ => {}
        }
    }
    Ok(said)
}

/// How to do it by hand.
fn left(made: &Made, done: Done, why: &str) -> String {
    let what = match done {
        Done::Category => "the category \"upseed\": delete it in the list of categories".to_owned(),
        Done::Plugin => format!(
            "the search plugin \"{}\": View, Search Engine, Search plugins, Uninstall",
            made.plugin().unwrap_or_default()
        ),
        Done::Feed => {
            format!(
                "the RSS feed \"{}\": delete it in the RSS tab",
                made.feed().unwrap_or_default()
            )
        }
        Done::Rss => "fetching of RSS feeds is still on: Options, RSS".to_owned(),
    };
    format!("left in qBittorrent: {what} ({why})")
}

async fn take_back(api: &Api, made: &Made, done: Done) -> Result<String, ApiError> {
    let (there, what) = match done {
        Done::Category => {
            let there = api.get_json("torrents/categories", &[]).await?.get(CATEGORY).is_some();
            if there {
                api.post("torrents/removeCategories", &[("categories", CATEGORY)]).await?;
            }
            (there, "removed the category; the torrents in it stay")
        }
        Done::Plugin => {
            let name = made.plugin().unwrap_or_default();
            let there = has_plugin(api, name).await?;
            if there {
                api.post("search/uninstallPlugin", &[("names", name)]).await?;
            }
            (there, "uninstalled the search plugin")
        }
        Done::Feed => {
            let name = made.feed().unwrap_or_default();
            let feeds = feeds(&api.get_json("rss/items", &[]).await?);
            // Something else may be called so by now.
            let there =
                feeds.iter().any(|(path, url)| path == name && url.contains("/upseed/rss?"));
            if there {
                api.post("rss/removeItem", &[("path", name)]).await?;
            }
            (there, "removed the RSS feed")
        }
        Done::Rss => {
            if !feeds(&api.get_json("rss/items", &[]).await?).is_empty() {
                return Ok("RSS stays on because there are other feeds".into());
            }
            let json = r#"{"rss_processing_enabled":false}"#;
            api.post("app/setPreferences", &[("json", json)]).await?;
            (true, "turned RSS off again")
        }
    };
    Ok(if there { what.to_owned() } else { format!("{what} (already gone)") })
}
