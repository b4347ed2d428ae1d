//! Which torrent client a data folder's node uses: what `upseed connect` keeps and `upseed run`
//! reads. The password lies in a file of its own, for its owner alone.

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};
use upseed_client::Client;
use upseed_node::Folder;
use upseed_qbittorrent::{Basic, Memory, QBittorrent, connect::Made};
use zeroize::Zeroizing;

use crate::{args::ClientKind, failure::Failure};

const FILE: &str = "client.json";
const PASSWORD: &str = "client-password";
/// That of a server in front of it.
const BASIC_PASSWORD: &str = "client-basic-password";
/// What the bridge must know after a restart.
const MEMORY: &str = "client-memory.json";

/// A client that was connected.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Which kind.
    pub client: ClientKind,
    /// Its web UI or RPC.
    pub url: String,
    /// Empty for none.
    #[serde(default)]
    pub user: String,
    /// The certificate of its web UI, if that is one of its own making: PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// The user of a server in front of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic_user: Option<String>,
    /// The client's own settings file, if the user named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<PathBuf>,
    /// The folder whose .torrents are votes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<PathBuf>,
    /// The folder of another client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_to: Option<PathBuf>,
    /// The client's own watch folder, to which ordinary torrents go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_watch: Option<PathBuf>,
    /// Look at the folder at intervals.
    #[serde(default)]
    pub poll: bool,
    /// What was changed there.
    #[serde(flatten)]
    pub made: Made,
}

/// A client that is ready to be spoken with.
pub(crate) struct Opened {
    /// As the node uses it.
    pub client: Arc<dyn Client>,
    /// The same one, if it is a qBittorrent.
    pub qbittorrent: Option<Arc<QBittorrent>>,
}

fn memory(folder: &Folder) -> PathBuf {
    folder.path().join(MEMORY)
}

impl Kept {
    /// The client of a data folder, if one was connected.
    pub fn read(folder: &Folder) -> Result<Option<Self>, Failure> {
        let Some(bytes) = folder.read(FILE)? else { return Ok(None) };
        let kept = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::user(format!("{}: {error}", folder.path().join(FILE).display()))
                .hint("Connect the client again: `upseed connect qbittorrent --url URL`.")
        })?;
        Ok(Some(kept))
    }

    /// Keeps it, and its password.
    pub fn write(&self, folder: &Folder, password: &str) -> Result<(), Failure> {
        let json =
            serde_json::to_vec_pretty(self).map_err(|error| Failure::fault(error.to_string()))?;
        folder.write(PASSWORD, password.as_bytes())?;
        folder.write(FILE, &json)?;
        // It has just been logged in with.
        Memory::open(Some(memory(folder))).forgive();
        Ok(())
    }

    /// Forgets it.
    pub fn forget(folder: &Folder) -> Result<(), Failure> {
        folder.remove(FILE)?;
        folder.remove(BASIC_PASSWORD)?;
        Ok(folder.remove(PASSWORD)?)
    }

    /// The password that was given.
    pub fn password(folder: &Folder) -> Result<Zeroizing<String>, Failure> {
        let bytes = Zeroizing::new(folder.read(PASSWORD)?.unwrap_or_default());
        Ok(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// How to get past a server in front of it.
    pub fn basic(&self, folder: &Folder) -> Result<Option<Basic>, Failure> {
        let Some(user) = self.basic_user.clone() else { return Ok(None) };
        let bytes = Zeroizing::new(folder.read(BASIC_PASSWORD)?.unwrap_or_default());
        let password = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
        Ok(Some(Basic { user, password }))
    }

    /// Keeps the password for it.
    pub fn write_basic(folder: &Folder, basic: &Basic) -> Result<(), Failure> {
        Ok(folder.write(BASIC_PASSWORD, basic.password.as_bytes())?)
    }

    /// How to log in at a qBittorrent.
    pub fn qbittorrent(&self, password: &str) -> Result<upseed_qbittorrent::Settings, Failure> {
        let mut settings = upseed_qbittorrent::Settings::new(&self.url, &self.user, password)
            .map_err(|error| Failure::user(error.to_string()))?;
        // An API key needs no user.
        if self.user.is_empty() && password.starts_with("qbt_") {
            settings.api_key = Some(Zeroizing::new(password.to_owned()));
        }
        settings.certificate.clone_from(&self.certificate);
        Ok(settings)
    }

    /// How to log in at a Transmission, and its watch folder.
    pub fn transmission(&self, password: &str) -> upseed_transmission::Settings {
        upseed_transmission::Settings {
            url: self.url.clone(),
            user: Some(self.user.clone()).filter(|user| !user.is_empty()),
            password: Some(Zeroizing::new(password.to_owned())).filter(|word| !word.is_empty()),
            certificate: self.certificate.clone(),
            file: self.settings.clone(),
            watch: self.watch.clone(),
            pass_to: self.pass_to.clone(),
            poll: self.poll,
        }
    }

    /// The client itself.
    pub fn open(&self, folder: &Folder) -> Result<Option<Opened>, Failure> {
        let password = Self::password(folder)?;
        Ok(match self.client {
            ClientKind::Embedded => None,
            ClientKind::Qbittorrent => {
                let mut settings = self.qbittorrent(&password)?;
                settings.basic = self.basic(folder)?;
                settings.memory = Some(memory(folder));
                let client = QBittorrent::new(settings);
                let client =
                    client.map_err(|error| Failure::user(error.to_string()).hint(error.hint()));
                let client = Arc::new(client?);
                Some(Opened { client: client.clone(), qbittorrent: Some(client) })
            }
            ClientKind::Transmission => {
                let client = upseed_transmission::Transmission::new(&self.transmission(&password));
                let client = client.map_err(|error| Failure::user(error.to_string()))?;
                Some(Opened { client: Arc::new(client), qbittorrent: None })
            }
        })
    }
}
