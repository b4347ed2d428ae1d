//! What the node asks of a session: to ask the peer for something, or to give it something.

use std::net::SocketAddr;

use super::{conversation::Session, event::Event};
use crate::{
    WorkId,
    limits::{MAX_FRAME, MAX_PEERS, MAX_QUEUED},
    sync::frame::Frame,
};

impl Session {
    /// Asks for records; returns those that were not asked because too many are under way, or
    /// because the peer takes nothing.
    pub fn want(&mut self, ids: &[WorkId], now: u64) -> Vec<WorkId> {
        self.asked.want(ids, &mut self.out, now).to_vec()
    }

    /// Asks for texts; returns those that were not asked because too many are under way.
    pub fn want_texts(&mut self, ids: &[WorkId], now: u64) -> Vec<WorkId> {
        self.asked.want_texts(ids, &mut self.out, now).to_vec()
    }

    /// How many more texts may be asked for now.
    pub fn text_room(&self) -> usize {
        self.asked.text_room(&self.out)
    }

    /// Whether every text that was asked for was answered.
    pub fn owes_no_text(&self) -> bool {
        self.asked.owes_no_text()
    }

    /// These records came (and were valid): they are not waited for any more. To be told before the
    /// next frame is taken.
    pub fn arrived(&mut self, ids: &[WorkId]) {
        for id in ids {
            self.asked.arrived(id);
            self.news.remember(*id);
        }
    }

    /// Bytes that wait to be sent.
    pub const fn queued(&self) -> usize {
        self.out.bytes()
    }

    /// Bytes that wait to be sent, and the ids of what the peer asked for besides.
    pub fn waiting(&self) -> usize {
        self.out.bytes() + self.serving.bytes()
    }

    /// Bytes of records or texts to be prepared now, and whatever crosses that. One statement of 16 KiB
    /// may be asked for in each of hundreds of frames, by one who then reads nothing.
    pub const fn room(&self) -> usize {
        self.out.room()
    }

    /// The next event.
    pub fn next_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if self.room() == 0 { None } else { self.serving.next() }
    }

    /// These records are to be served when there is room: they come as [`Event::Serve`] again, before
    /// all others.
    pub fn serve_later(&mut self, ids: &[WorkId]) {
        self.serving.records_later(ids);
    }

    /// These texts are to be sent when there is room.
    pub fn send_texts_later(&mut self, ids: &[WorkId]) {
        self.serving.texts_later(ids);
    }

    /// Sends records; `gone` are those that this node does not give.
    pub fn serve(&mut self, records: Vec<(WorkId, Vec<u8>)>, gone: &[WorkId]) {
        let mut list = Vec::new();
        let mut bytes = 0;
        for (id, record) in records {
            self.news.remember(id);
            if bytes + record.len() > MAX_FRAME / 2 {
                self.out.put(&Frame::Records(std::mem::take(&mut list)));
                bytes = 0;
            }
            bytes += record.len() + 8;
            list.push(record);
        }
        if !list.is_empty() {
            self.out.put(&Frame::Records(list));
        }
        self.out.put_ids(gone, Frame::Gone);
    }

    /// Pushes a fresh record whole, unless the peer knows it. One who would not take any more of
    /// them is told its id.
    pub fn push(&mut self, id: WorkId, record: &[u8], now: u64) {
        if !self.is_ready() || self.news.knows(&id) {
            return;
        }
        if self.out.bytes() < MAX_QUEUED && self.news.may_push(record.len(), now) {
            self.serve(vec![(id, record.to_vec())], &[]);
        } else {
            self.offer(&[id], now);
        }
    }

    /// Says that this node has records, unless the peer knows them: within a second, and as many as
    /// possible in one frame.
    pub fn offer(&mut self, ids: &[WorkId], now: u64) {
        if self.is_ready() {
            self.news.offer(ids, now);
        }
    }

    /// Sends texts; `missing` are those that this node does not give.
    pub fn send_texts(&mut self, texts: Vec<(WorkId, Vec<u8>)>, missing: &[WorkId]) {
        self.put_texts(texts, Frame::Texts);
        self.out.put_ids(missing, Frame::NoText);
    }

    /// Sends texts that this node does not host.
    pub fn relay_texts(&mut self, texts: Vec<(WorkId, Vec<u8>)>) {
        self.put_texts(texts, Frame::Relayed);
    }

    fn put_texts(
        &mut self,
        texts: Vec<(WorkId, Vec<u8>)>,
        frame: fn(Vec<(WorkId, Vec<u8>)>) -> Frame,
    ) {
        let mut list = Vec::new();
        let mut bytes = 0;
        for (id, text) in texts {
            if bytes + text.len() > MAX_FRAME / 2 && !list.is_empty() {
                self.out.put(&frame(std::mem::take(&mut list)));
                bytes = 0;
            }
            bytes += text.len() + 44;
            list.push((id, text));
        }
        if !list.is_empty() {
            self.out.put(&frame(list));
        }
    }

    /// Tells of other members.
    pub fn send_peers(&mut self, peers: &[SocketAddr]) {
        if self.is_ready() && !peers.is_empty() {
            self.out.put(&Frame::Peers(peers[..peers.len().min(MAX_PEERS)].to_vec()));
        }
    }

    /// Tells where another member is dialled now, who is told the same of this peer.
    pub fn send_punch(&mut self, at: SocketAddr) {
        if self.is_ready() {
            self.out.put(&Frame::Punch(at));
        }
    }
}
