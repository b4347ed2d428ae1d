//! What the node asks of a session: to ask the peer for something, or to give it something.

use std::net::SocketAddr;

use super::{Frame, MOST_OFFERED, MOST_QUEUED, PUSHED_SHARE, Session};
use crate::{
    WorkId,
    limits::{MAX_ASKED, MAX_FRAME, MAX_PEERS, MAX_QUEUED, UNASKED_PER_SECOND},
};

impl Session {
    /// Asks for records; returns those that were not asked because too many are under way, or
    /// because the peer takes nothing.
    pub fn want(&mut self, ids: &[WorkId], now: u64) -> Vec<WorkId> {
        let (now_asked, rest) = room(ids, self.room_for(self.asked.len()));
        self.asked.extend(now_asked.iter().map(|id| (*id, now)));
        self.put_ids(now_asked, Frame::Want);
        rest.to_vec()
    }

    /// Asks for texts; returns those that were not asked because too many are under way.
    pub fn want_texts(&mut self, ids: &[WorkId], now: u64) -> Vec<WorkId> {
        let (now_asked, rest) = room(ids, self.text_room());
        self.asked_texts.extend(now_asked.iter().map(|id| (*id, now)));
        self.put_ids(now_asked, Frame::WantText);
        rest.to_vec()
    }

    /// How many more texts may be asked for now.
    pub fn text_room(&self) -> usize {
        self.room_for(self.asked_texts.len())
    }

    /// Whether every text that was asked for was answered.
    pub fn owes_no_text(&self) -> bool {
        self.asked_texts.is_empty()
    }

    fn room_for(&self, asked: usize) -> usize {
        if self.queued < MOST_QUEUED { MAX_ASKED.saturating_sub(asked) } else { 0 }
    }

    /// These records came (and were valid): they are not waited for any more. To be told before the
    /// next frame is taken.
    pub fn arrived(&mut self, ids: &[WorkId]) {
        for id in ids {
            if self.asked.remove(id).is_some() {
                self.unjudged = self.unjudged.saturating_sub(1);
                self.unserved = 0;
                self.served = self.heard;
            }
            self.remember(*id);
        }
    }

    /// Sends records; `gone` are those that this node does not give.
    pub fn serve(&mut self, records: Vec<(WorkId, Vec<u8>)>, gone: &[WorkId]) {
        let mut list = Vec::new();
        let mut bytes = 0;
        for (id, record) in records {
            self.remember(id);
            if bytes + record.len() > MAX_FRAME / 2 {
                self.put(&Frame::Records(std::mem::take(&mut list)));
                bytes = 0;
            }
            bytes += record.len() + 8;
            list.push(record);
        }
        if !list.is_empty() {
            self.put(&Frame::Records(list));
        }
        self.put_ids(gone, Frame::Gone);
    }

    /// Pushes a fresh record whole, unless the peer knows it. One who would not take any more of
    /// them is told its id.
    pub fn push(&mut self, id: WorkId, record: &[u8], now: u64) {
        if !self.is_ready() || self.told.contains(&id) {
            return;
        }
        let a_second = UNASKED_PER_SECOND / PUSHED_SHARE;
        if self.queued < MAX_QUEUED && self.pushes.take(1, a_second, 1, now) {
            self.serve(vec![(id, record.to_vec())], &[]);
        } else {
            self.offer(&[id], now);
        }
    }

    /// Says that this node has records, unless the peer knows them: within a second, and as many as
    /// possible in one frame.
    pub fn offer(&mut self, ids: &[WorkId], now: u64) {
        if self.is_ready() {
            let room = MOST_OFFERED.saturating_sub(self.offering.len() + self.news.len());
            let news = ids.iter().filter(|id| !self.told.contains(id)).take(room);
            self.news.extend(news);
            self.tell_news(now);
        }
    }

    /// Has the news told, once a second.
    pub(super) fn tell_news(&mut self, now: u64) {
        if self.news.is_empty() || now <= self.news_told {
            return;
        }
        self.news_told = now;
        for id in std::mem::take(&mut self.news) {
            if !self.told.contains(&id) {
                self.remember(id);
                self.offering.push_back(id);
            }
        }
    }

    /// Sends texts; `missing` are those that this node does not give.
    pub fn send_texts(&mut self, texts: Vec<(WorkId, Vec<u8>)>, missing: &[WorkId]) {
        let mut list = Vec::new();
        let mut bytes = 0;
        for (id, text) in texts {
            if bytes + text.len() > MAX_FRAME / 2 && !list.is_empty() {
                self.put(&Frame::Texts(std::mem::take(&mut list)));
                bytes = 0;
            }
            bytes += text.len() + 44;
            list.push((id, text));
        }
        if !list.is_empty() {
            self.put(&Frame::Texts(list));
        }
        self.put_ids(missing, Frame::NoText);
    }

    /// Tells of other members.
    pub fn send_peers(&mut self, peers: &[SocketAddr]) {
        if self.is_ready() && !peers.is_empty() {
            self.put(&Frame::Peers(peers[..peers.len().min(MAX_PEERS)].to_vec()));
        }
    }
}

fn room(ids: &[WorkId], room: usize) -> (&[WorkId], &[WorkId]) {
    ids.split_at(ids.len().min(room))
}
