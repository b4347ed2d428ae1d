//! Whether the watched folder can be used: read, and written, for a file that cannot be renamed
//! would be taken for a new one after the next start.

use std::{io, path::Path, time::Duration};

use rustix::fs::{Access, access};
use upseed_client::sink::Sink;

/// An error if it cannot be used now. Nothing is written: that would wake the watch.
pub(super) fn check(folder: &Path) -> io::Result<()> {
    if !std::fs::metadata(folder)?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::NotADirectory));
    }
    Ok(access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Waits until the folder can be used, looking again after each pause, and says so while it cannot.
pub(super) async fn wait(folder: &Path, sink: &dyn Sink, pause: Duration) {
    let mut told = None;
    loop {
        let looked_at = folder.to_path_buf();
        let tried = tokio::task::spawn_blocking(move || check(&looked_at)).await;
        let error = match tried {
            Ok(Ok(())) => {
                sink.trouble(None);
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        if told.as_ref() != Some(&error) {
            let folder = folder.display();
            tracing::warn!(%folder, %error, "files dropped here are not upvoted until the folder can be used");
            sink.trouble(Some(format!(
                "The watch folder {folder} cannot be used ({error}), so files dropped there are not \
                 upvoted. Create it again if it is gone, let this user read and write it, or choose \
                 another one: `upseed connect transmission --watch DIR`"
            )));
            told = Some(error);
        }
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_or_no_folder_cannot_be_used() {
        let folder = tempfile::tempdir().unwrap();
        check(folder.path()).unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert_eq!(check(&file).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        let gone = folder.path().join("gone");
        assert_eq!(check(&gone).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
