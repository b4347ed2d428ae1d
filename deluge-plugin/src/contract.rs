//! The client port's suite over a Python client; the tests run it inside a real deluged.

use pyo3::prelude::*;
use upseed_client::{Offer, Owner, contract};
use upseed_model::{BoardName, ItemDraft, Kind, SecretKey, SignedItem};
use upseed_node::now;

use crate::{
    error::wrong,
    node::{introduce, listen, runtime},
};

/// Runs the contract suite with `count` items (at least four) on a client that no node uses.
/// For tests.
#[pyfunction]
#[pyo3(signature = (client, count = 5))]
pub fn _contract(py: Python<'_>, client: Py<PyAny>, count: usize) -> PyResult<()> {
    let (hosts, shared) = introduce(py, &client)?;
    listen(py, &client)?;
    py.detach(|| {
        let items = (1..=count.max(4)).map(item).collect::<PyResult<Vec<_>>>()?;
        let engine = ([127, 0, 0, 1], 9).into();
        let owner = Owner { tag: "upseed-00000000".into(), engine };
        let told = runtime()?.block_on(async {
            let connected = tokio::time::timeout(contract::PATIENCE, hosts.changes());
            connected.await.map_err(|_| wrong("Deluge does not connect"))?.map_err(wrong)?;
            contract::suite(&*hosts, &items, &owner).await.map_err(wrong)
        });
        shared.close();
        told
    })
}

fn item(number: usize) -> PyResult<Offer> {
    let key = SecretKey::from_seed(&[7; 32]);
    // From one block to four.
    let word = format!("{number} ");
    let text = word.repeat((number % 4 * 16_000 + 1_000) / word.len()).into_bytes();
    let draft = ItemDraft {
        author: key.public(),
        board: BoardName::upseed(),
        kind: Kind::Post { title: format!("Contract {number}").parse().map_err(wrong)? },
        time: now(),
        text: &text,
    };
    let header = draft.puzzle(0).map_err(wrong)?.solve(&key);
    let item = SignedItem::from_bytes(&header).map_err(wrong)?;
    Ok(Offer::item(item, text, Vec::new()))
}
