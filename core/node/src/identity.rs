//! The user's key. It appears with the first thing somebody writes, not before.

use std::{path::PathBuf, sync::Arc};

use parking_lot::RwLock;
use upseed_folder::{Folder, FolderError, write_private};
use upseed_model::{PublicKey, SecretKey};
use zeroize::Zeroizing;

use crate::NodeError;

/// The key of this node's user, if there is one yet.
#[derive(Debug, Clone)]
pub struct Identity {
    folder: Folder,
    key: Arc<RwLock<Option<Arc<SecretKey>>>>,
}

impl Identity {
    /// Reads the key file, if there is one.
    pub fn open(folder: &Folder) -> Result<Self, NodeError> {
        let key = read(folder.key())?;
        Ok(Self { folder: folder.clone(), key: Arc::new(RwLock::new(key)) })
    }

    /// The key, if there is one.
    pub fn get(&self) -> Option<Arc<SecretKey>> {
        self.key.read().clone()
    }

    /// The public half, if there is one.
    pub fn public(&self) -> Option<PublicKey> {
        self.get().map(|key| key.public())
    }

    /// The key; made now if there is none.
    pub fn get_or_create(&self) -> Result<Arc<SecretKey>, NodeError> {
        let mut slot = self.key.write();
        if let Some(key) = &*slot {
            return Ok(key.clone());
        }
        let key = draw()?;
        self.write(&key)?;
        *slot = Some(key.clone());
        Ok(key)
    }

    /// The key, or one that may become it ([`Identity::keep`]) and that nobody has seen yet.
    pub(crate) fn get_or_draw(&self) -> Result<Arc<SecretKey>, NodeError> {
        self.get().map_or_else(draw, Ok)
    }

    /// Makes a drawn key the user's. False if they have another one by now.
    pub(crate) fn keep(&self, key: &Arc<SecretKey>) -> Result<bool, NodeError> {
        let mut slot = self.key.write();
        if let Some(known) = &*slot {
            return Ok(known.public() == key.public());
        }
        self.write(key)?;
        *slot = Some(key.clone());
        Ok(true)
    }

    /// Takes the key of a back-up phrase. An existing other key is replaced only if `replace`.
    pub fn restore(&self, phrase: &str, replace: bool) -> Result<PublicKey, NodeError> {
        let key =
            SecretKey::from_phrase(phrase).map_err(|error| NodeError::Input(error.to_string()))?;
        let mut slot = self.key.write();
        let public = key.public();
        match &*slot {
            Some(old) if old.public() == public => return Ok(public),
            Some(old) if !replace => {
                return Err(NodeError::Input(format!(
                    "this folder already has the identity {}; back it up, then add --replace",
                    old.public()
                )));
            }
            _ => {}
        }
        self.folder.create()?;
        self.write(&key)?;
        *slot = Some(Arc::new(key));
        Ok(public)
    }

    /// The key that is to succeed the user's: drawn now, or what an earlier attempt left. It is on the
    /// disk before anybody hears of it.
    pub(crate) fn next(&self) -> Result<Arc<SecretKey>, NodeError> {
        let path = self.folder.next_key();
        if let Some(key) = read(path.clone())? {
            return Ok(key);
        }
        let key = draw()?;
        write_private(&path, key.phrase().as_bytes())?;
        Ok(key)
    }

    /// Makes [`Identity::next`] the user's key. The old one is kept beside it.
    pub(crate) fn succeed(&self, next: &Arc<SecretKey>) -> Result<(), NodeError> {
        let mut slot = self.key.write();
        if let Some(old) = &*slot {
            write_private(&self.folder.old_key(&old.public()), old.phrase().as_bytes())?;
        }
        self.write(next)?;
        *slot = Some(next.clone());
        let path = self.folder.next_key();
        Ok(std::fs::remove_file(&path).map_err(FolderError::file(&path))?)
    }

    /// The key file holds the 24 words, so that a person who finds it knows what it is.
    fn write(&self, key: &SecretKey) -> Result<(), NodeError> {
        Ok(write_private(&self.folder.key(), key.phrase().as_bytes())?)
    }
}

/// The key in a file, if the file is there.
fn read(path: PathBuf) -> Result<Option<Arc<SecretKey>>, NodeError> {
    match std::fs::read_to_string(&path) {
        Ok(phrase) => {
            let phrase = Zeroizing::new(phrase);
            let key = SecretKey::from_phrase(&phrase)
                .map_err(|error| NodeError::Key { path, reason: error.to_string() })?;
            Ok(Some(Arc::new(key)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(NodeError::Key { path, reason: "it is not text".into() })
        }
        Err(error) => Err(FolderError::file(path)(error).into()),
    }
}

fn draw() -> Result<Arc<SecretKey>, NodeError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(|error| NodeError::Fault(error.to_string()))?;
    Ok(Arc::new(SecretKey::from_seed(&seed)))
}
