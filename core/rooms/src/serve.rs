//! What a peer asked for is given to it, as much at a time as its session prepares.

use upseed_model::{WorkId, sync::Session};

use crate::{
    relay::Relay,
    store::{RoomStore, log_failure},
};

/// Gives records.
pub(crate) fn records(session: &mut Session, ids: &[WorkId], store: &dyn RoomStore) {
    let records = log_failure("reading records", store.records(ids, session.room()));
    let Some(records) = records else { return };
    session.serve_later(&ids[records.len()..]);
    let (mut found, mut gone) = (Vec::new(), Vec::new());
    for (work, record) in records {
        match record {
            Some(bytes) => found.push((work, bytes)),
            None => gone.push(work),
        }
    }
    session.serve(found, &gone);
}

/// Gives texts that the user hosts, and those that are passed on.
pub(crate) fn texts(
    session: &mut Session,
    ids: &[WorkId],
    relay: &mut Relay,
    store: &dyn RoomStore,
    now: u64,
) {
    let (mut texts, mut relayed, mut missing, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut left = ids.iter();
    while bytes < session.room()
        && let Some(work) = left.next()
    {
        match log_failure("reading a text", store.served_text(work)).flatten() {
            Some(text) => {
                bytes += text.len();
                texts.push((*work, text));
            }
            None => match passed_on(work, relay, store, now) {
                Some(text) => {
                    bytes += text.len();
                    relayed.push((*work, text));
                }
                None => missing.push(*work),
            },
        }
    }
    session.send_texts_later(left.as_slice());
    session.relay_texts(relayed);
    session.send_texts(texts, &missing);
}

fn passed_on(work: &WorkId, relay: &mut Relay, store: &dyn RoomStore, now: u64) -> Option<Vec<u8>> {
    if !relay.may_pass_on(work, now) {
        return None;
    }
    let text = log_failure("reading a text", store.cached_text(work)).flatten()?;
    relay.passed_on(text.len());
    Some(text)
}

#[cfg(test)]
mod tests {
    use upseed_model::{
        BoardName, Record,
        limits::{MAX_QUEUED, MAX_TEXT},
        sync::{Event, Frame, Options, Role, Sets},
    };
    use upseed_store::{Keep, Store};

    use super::*;
    use crate::{source::StoreSource, testing::post};

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn one_who_reads_nothing_has_a_frame_prepared_and_one_text() {
        let (store, text) = (Store::open_in_memory().unwrap(), vec![b'x'; MAX_TEXT]);
        let item = post(1, b"Long", &text, NOW);
        let work = item.work();
        store.ingest(&[Record::Item(item)], NOW).unwrap();
        store.put_text(&work, &text, Keep::Hosted).unwrap();
        let board = BoardName::upseed();
        let options = Options { board, first: 0, min_bits: 0 };
        let mut session = Session::new(Role::Listener, options, &Sets::default(), NOW);
        let source = StoreSource(&store);
        for frame in [
            Frame::Hello { min: 1, max: 1, frame: 262_144, time: 0 },
            Frame::Open { board, first: 0, last: 0, bits: 0 },
        ] {
            session.receive(&frame.to_bytes(), &source, NOW).unwrap();
        }
        while session.next_frame().is_some() {}
        for _ in 0..200 {
            let frame = Frame::WantText(vec![work]).to_bytes();
            session.receive(&frame, &source, NOW).unwrap();
        }
        let mut given = 0;
        while given < 200 {
            while let Some(event) = session.next_event() {
                if let Event::TextsWanted(ids) = event {
                    texts(&mut session, &ids, &mut Relay::default(), &store, NOW);
                }
            }
            let queued = session.queued();
            assert!(0 < queued && queued < MAX_QUEUED + MAX_TEXT + 1_000, "{queued}");
            while let Some(frame) = session.next_frame() {
                let Ok(Frame::Texts(list)) = Frame::from_bytes(&frame) else { panic!("no texts") };
                given += list.len();
            }
        }
        assert_eq!(given, 200);
    }
}
