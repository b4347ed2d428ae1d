//! What needs no node: verify, inspect, create, rank.

use pyo3::{prelude::*, types::PyBytes};
use serde::Serialize;
use upseed_api::{ItemHeader, MagnetLink};
use upseed_model::{
    BoardName, ItemDraft, Kind, Link, SecretKey, SignedItem,
    item::TextMatch,
    magnet::Magnet,
    rank::{Sort, Window},
    torrent,
};
use upseed_node::{Fixed, hot, now};

use crate::error::wrong;

/// What Python's own reader makes of JSON.
fn to_python(py: Python<'_>, value: &impl Serialize) -> PyResult<Py<PyAny>> {
    let json = serde_json::to_string(value).map_err(wrong)?;
    Ok(py.import("json")?.call_method1("loads", (json,))?.unbind())
}

/// Checks the item in a .torrent (form, name, proof of work, signature) and, if given, that `text`
/// is its text. Returns what it says of itself; raises UpseedError if anything is wrong.
#[pyfunction]
#[pyo3(signature = (torrent, text = None))]
pub fn verify(py: Python<'_>, torrent: &[u8], text: Option<&[u8]>) -> PyResult<Py<PyAny>> {
    let value = py.detach(|| {
        let item = torrent::read(torrent).map_err(wrong)?;
        match text.map(|text| item.check_text(text)) {
            None | Some(TextMatch::Good(_)) => Ok(ItemHeader::from(&item)),
            Some(TextMatch::Dead(error)) => Err(wrong(format!("the item is dead: {error}"))),
            Some(TextMatch::Wrong) => Err(wrong("this is not the item's text")),
        }
    })?;
    to_python(py, &value)
}

/// Says everything about a .torrent (bytes) or a magnet link (str). Nothing is fetched; a magnet
/// link proves nothing by itself.
#[pyfunction]
pub fn inspect(py: Python<'_>, what: Inspected) -> PyResult<Py<PyAny>> {
    match what {
        Inspected::Torrent(torrent) => {
            to_python(py, &ItemHeader::from(&torrent::read(&torrent).map_err(wrong)?))
        }
        Inspected::Magnet(link) => {
            to_python(py, &MagnetLink::from(link.parse::<Magnet>().map_err(wrong)?))
        }
    }
}

/// What can be inspected.
#[derive(FromPyObject)]
pub enum Inspected {
    /// The bytes of a .torrent.
    Torrent(Vec<u8>),
    /// A magnet link.
    Magnet(String),
}

/// Signs a post (`title`) or a comment (`parent`, and `root` unless it is the same: 52 bytes each, infohash and
/// work id) with the key of 24 words, finds its proof of work (about a tenth of a second), and returns its .torrent.
#[pyfunction]
#[pyo3(signature = (phrase, text, *, board = "upseed", title = None, parent = None, root = None, time = None))]
#[allow(clippy::too_many_arguments)]
pub fn create<'py>(
    py: Python<'py>,
    phrase: &str,
    text: &str,
    board: &str,
    title: Option<&str>,
    parent: Option<&[u8]>,
    root: Option<&[u8]>,
    time: Option<u64>,
) -> PyResult<Bound<'py, PyBytes>> {
    let torrent = py.detach(|| {
        let key = SecretKey::from_phrase(phrase).map_err(wrong)?;
        let link = |bytes: &[u8]| {
            Link::from_slice(bytes)
                .ok_or_else(|| wrong("a link has 52 bytes: infohash and work id"))
        };
        let kind = match (title, parent) {
            (Some(title), None) => Kind::Post { title: title.parse().map_err(wrong)? },
            (None, Some(parent)) => {
                Kind::Comment { parent: link(parent)?, root: link(root.unwrap_or(parent))? }
            }
            _ => return Err(wrong("a post has a title, a comment has a parent")),
        };
        let board = BoardName::from_bytes(board.as_bytes()).map_err(wrong)?;
        let time = time.unwrap_or_else(now);
        let draft = ItemDraft { author: key.public(), board, kind, time, text: text.as_bytes() };
        let header = draft.puzzle(0).map_err(wrong)?.solve(&key);
        let item = SignedItem::from_bytes(&header).map_err(wrong)?;
        Ok(torrent::write(&item, Some(text), &[]))
    })?;
    Ok(PyBytes::new(py, &torrent))
}

/// Orders (id, score, time) as a list does: `top` by score, `hot` by score and age, `new` by time;
/// `window` (day, week, month, year, all) is counted back from `now`.
#[pyfunction]
#[pyo3(signature = (items, *, sort = "top", window = "all", now = None))]
pub fn rank(
    items: Vec<(String, f64, u64)>,
    sort: &str,
    window: &str,
    now: Option<u64>,
) -> PyResult<Vec<String>> {
    let sort: Sort = sort.parse().map_err(wrong)?;
    let window: Window = window.parse().map_err(wrong)?;
    let since = window.since(now.unwrap_or_else(upseed_node::now));
    let mut ranked: Vec<_> = items
        .into_iter()
        .filter(|(_, _, time)| *time >= since)
        .map(|(id, score, time)| {
            let weight = match sort {
                Sort::Top => score,
                Sort::Hot => hot(Fixed::from_f64(score), time).to_f64(),
                Sort::New => 0.0,
            };
            (weight, time, id)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
    Ok(ranked.into_iter().map(|(_, _, id)| id).collect())
}
