//! The file tree of a version 2 torrent (BEP 52): dictionaries of names, and under the empty name a
//! file's own keys.

use std::collections::HashMap;

use serde_bencode::value::Value;

use super::{
    envelope::length,
    error::{MAX_METAINFO, MetainfoError},
    file::TorrentFile,
};

/// Files in the order of their paths, which is the order of their pieces.
pub(super) fn files(tree: Option<&Value>) -> Result<Vec<TorrentFile>, MetainfoError> {
    let root = dict(tree.ok_or(MetainfoError::Missing("file tree"))?)?;
    let (mut files, mut shown) = (Vec::new(), 0);
    // Folders still to be gone through, the next one last.
    let mut open = vec![(Vec::<String>::new(), root)];
    while let Some((path, folder)) = open.pop() {
        if let Some(leaf) = folder.get(&b""[..]) {
            let Some(Value::Int(found)) = dict(leaf)?.get(&b"length"[..]) else {
                return Err(MetainfoError::Missing("length"));
            };
            files.push(TorrentFile { path, length: length(*found)? });
            continue;
        }
        let mut names: Vec<_> = folder.iter().collect();
        names.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        for (name, inner) in names {
            let mut path = path.clone();
            path.push(String::from_utf8_lossy(name).into_owned());
            // A name of many bytes high in the tree is repeated for every file below it.
            shown += path.iter().map(|name| name.len() + size_of::<String>()).sum::<usize>();
            if shown > 10 * MAX_METAINFO {
                return Err(MetainfoError::Paths);
            }
            open.push((path, dict(inner)?));
        }
    }
    Ok(files)
}

fn dict(value: &Value) -> Result<&HashMap<Vec<u8>, Value>, MetainfoError> {
    match value {
        Value::Dict(dict) => Ok(dict),
        _ => Err(MetainfoError::Type("the file tree is not made of dictionaries".into())),
    }
}
