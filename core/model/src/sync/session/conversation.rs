//! Frames come in, time passes, frames go out.

use std::collections::VecDeque;

use super::{
    allowance::Allowance,
    answering::Answering,
    asked::Asked,
    asking::Asking,
    context::Context,
    event::Event,
    greeting::{Greeting, check_board},
    news::News,
    options::{Options, Role},
    outbox::Outbox,
    serving::Serving,
};
use crate::{
    BoardName, WorkId,
    limits::{UNASKED, UNASKED_BYTES, UNASKED_PER_SECOND},
    sync::{fault::Fault, frame::Frame, sets::Sets, source::Source},
};

/// The state of one conversation.
pub struct Session {
    options: Options,
    sets: Sets,
    phase: Phase,
    pub(super) out: Outbox,
    pub(super) events: VecDeque<Event>,
    pub(super) asked: Asked,
    pub(super) news: News,
    pub(super) serving: Serving,
    /// What the peer may do without being asked.
    unasked: Allowance,
}

enum Phase {
    Greeting(Greeting),
    /// This side dialled, and both have agreed.
    Asking(Asking),
    /// The other side dialled, and both have agreed.
    Answering(Answering),
}

impl Session {
    /// Begins a conversation at `now` (unix seconds): the first frames are ready at once. `sets` are
    /// those of all conversations of this node.
    pub fn new(role: Role, options: Options, sets: &Sets, now: u64) -> Self {
        let greeting = Greeting::new(role, now);
        let mut out = Outbox::default();
        greeting.frames(&options).iter().for_each(|frame| out.put(frame));
        Self {
            options,
            sets: sets.clone(),
            phase: Phase::Greeting(greeting),
            out,
            events: VecDeque::new(),
            asked: Asked::new(now),
            news: News::new(now),
            serving: Serving::default(),
            unasked: Allowance::new(UNASKED, now),
        }
    }

    /// The board that it is about.
    pub const fn board(&self) -> BoardName {
        self.options.board
    }

    /// Whether both sides have agreed on what to reconcile.
    pub const fn is_ready(&self) -> bool {
        !matches!(self.phase, Phase::Greeting(_))
    }

    /// The next frame to send. Call it only while the connection takes more: what is not taken
    /// stays here, and nothing further is prepared above [`MAX_QUEUED`].
    ///
    /// [`MAX_QUEUED`]: crate::limits::MAX_QUEUED
    pub fn next_frame(&mut self) -> Option<Vec<u8>> {
        if self.out.is_empty()
            && let Some(ids) = self.news.next()
        {
            self.out.put(&Frame::Have(ids));
        }
        self.out.pop()
    }

    /// Takes a frame from the peer. After an error the peer must be dropped.
    pub fn receive(&mut self, bytes: &[u8], source: &dyn Source, now: u64) -> Result<(), Fault> {
        self.asked.heard(now);
        match Frame::from_bytes(bytes)? {
            Frame::Hello { min, max, frame, time } => match &mut self.phase {
                Phase::Greeting(greeting) => {
                    greeting.hello(min, max, frame)?;
                    self.tell(Event::Clock(time))
                }
                _ => Err(Fault::Unexpected("second hello")),
            },
            _ if !self.hello_came() => Err(Fault::Unexpected("frame before hello")),
            Frame::Unknown(_) => self.count_unasked(weight(1, 1, bytes), now),
            Frame::Open { board, first, last, bits } => {
                check_board(self.options.board, board)?;
                self.open((first, last, bits), source, now)
            }
            _ if !self.is_ready() => Err(Fault::Unexpected("frame before open")),
            Frame::Digests(rows) => match self.split(source, now) {
                (Phase::Answering(answering), mut cx) => answering.compare(&rows, &mut cx),
                _ => Err(Fault::Unexpected("digests")),
            },
            Frame::Differ(days) => match self.split(source, now) {
                (Phase::Asking(asking), mut cx) => asking.differ(&days, &mut cx),
                _ => Err(Fault::Unexpected("differ")),
            },
            Frame::Reconcile { day, data } => self.reconcile(day, &data, source, now),
            Frame::Done => match self.split(source, now) {
                (Phase::Answering(answering), mut cx) => answering.done(&mut cx),
                _ => Err(Fault::Unexpected("done")),
            },
            Frame::Have(ids) => {
                self.count_unasked(1, now)?;
                self.offered(ids, source, now);
                Ok(())
            }
            Frame::Want(ids) => self.serving.wanted(ids),
            Frame::Records(list) => {
                let unasked = self.asked.records_came(list.len());
                self.count_unasked(weight(unasked, list.len(), bytes), now)?;
                self.tell(Event::Records(list))
            }
            Frame::Gone(ids) => match self.asked.gone(ids) {
                gone if gone.is_empty() => self.count_unasked(1, now),
                gone => self.tell(Event::Gone(gone)),
            },
            Frame::WantText(ids) => self.serving.wanted_texts(ids),
            Frame::Texts(list) => self.texts_came(list, bytes, Event::Texts, now),
            Frame::Relayed(list) => self.texts_came(list, bytes, Event::Relayed, now),
            Frame::NoText(ids) => match self.asked.no_text(ids) {
                none if none.is_empty() => self.count_unasked(1, now),
                none => self.tell(Event::NoText(none)),
            },
            Frame::Peers(peers) => {
                self.count_unasked(16, now)?;
                self.tell(Event::Peers(peers))
            }
            Frame::Punch(at) => {
                self.count_unasked(16, now)?;
                self.tell(Event::Punch(at))
            }
        }
    }

    /// Time passes: begins comparisons that are due, and gives up on what was asked for too long
    /// ago.
    pub fn tick(&mut self, source: &dyn Source, now: u64) -> Result<(), Fault> {
        match self.split(source, now) {
            (Phase::Greeting(greeting), _) => greeting.tick(now)?,
            (Phase::Asking(asking), mut cx) => asking.tick(&mut cx)?,
            (Phase::Answering(answering), _) => answering.tick(now)?,
        }
        self.news.tell(now);
        let (records, texts) = self.asked.give_up(now)?;
        if !records.is_empty() || !texts.is_empty() {
            self.events.push_back(Event::Unserved(records, texts));
        }
        Ok(())
    }

    /// The phase, and what its steps work with.
    fn split<'a>(&'a mut self, source: &'a dyn Source, now: u64) -> (&'a mut Phase, Context<'a>) {
        let Self { options, sets, phase, out, events, unasked, .. } = self;
        (phase, Context { options, sets, source, out, events, unasked, now })
    }

    const fn hello_came(&self) -> bool {
        match &self.phase {
            Phase::Greeting(greeting) => greeting.hello_came(),
            Phase::Asking(_) | Phase::Answering(_) => true,
        }
    }

    /// The peer says what it wants to reconcile: first and last day, and least bits.
    fn open(&mut self, theirs: (u64, u64, u8), source: &dyn Source, now: u64) -> Result<(), Fault> {
        let (phase, mut cx) = self.split(source, now);
        let Phase::Greeting(greeting) = phase else {
            return Err(Fault::Unexpected("second open"));
        };
        let range = greeting.agree(cx.options, theirs);
        cx.events.push_back(Event::Ready);
        *phase = match greeting.role {
            Role::Dialler => Phase::Asking(Asking::begin(range, &mut cx)),
            Role::Listener => Phase::Answering(Answering::new(range, greeting.since)),
        };
        Ok(())
    }

    fn reconcile(
        &mut self,
        day: u64,
        data: &[u8],
        source: &dyn Source,
        now: u64,
    ) -> Result<(), Fault> {
        let difference = match self.split(source, now) {
            (Phase::Asking(asking), cx) => asking.learn(day, data, &cx)?,
            (Phase::Answering(answering), mut cx) => return answering.answer(day, data, &mut cx),
            (Phase::Greeting(_), _) => return Err(Fault::Unexpected("frame before open")),
        };
        self.news.lacking(difference.ours);
        self.offered(difference.theirs, source, now);
        match self.split(source, now) {
            (Phase::Asking(asking), mut cx) => asking.go_on(day, difference.next, &mut cx),
            _ => Ok(()),
        }
    }

    /// The peer has these records.
    fn offered(&mut self, ids: Vec<WorkId>, source: &dyn Source, now: u64) {
        ids.iter().for_each(|id| self.news.remember(*id));
        let is_new = |id: &WorkId| self.asked.is_worth_asking(id, now);
        let new: Vec<_> = ids.into_iter().filter(is_new).collect();
        let new = source.unknown(&new);
        if !new.is_empty() {
            self.events.push_back(Event::Offered(new));
        }
    }

    /// Late answers come without being asked for any more; each is counted.
    fn texts_came(
        &mut self,
        list: Vec<(WorkId, Vec<u8>)>,
        frame: &[u8],
        event: fn(Vec<(WorkId, Vec<u8>)>) -> Event,
        now: u64,
    ) -> Result<(), Fault> {
        let all = list.len();
        let (asked, unasked) = self.asked.texts_came(list, now);
        self.count_unasked(weight(unasked, all, frame), now)?;
        if asked.is_empty() { Ok(()) } else { self.tell(event(asked)) }
    }

    fn count_unasked(&mut self, count: u64, now: u64) -> Result<(), Fault> {
        if self.unasked.take(count, UNASKED_PER_SECOND, 1, now) {
            Ok(())
        } else {
            Err(Fault::Quota("records that nobody asked for"))
        }
    }

    fn tell(&mut self, event: Event) -> Result<(), Fault> {
        self.events.push_back(event);
        Ok(())
    }
}

/// As how many things so many count that nobody asked for, of all those in a frame: large ones are more.
fn weight(unasked: u64, all: usize, frame: &[u8]) -> u64 {
    let bytes = (frame.len() as u64).saturating_mul(unasked) / (all as u64).max(1);
    unasked.max(bytes / UNASKED_BYTES as u64)
}

impl Drop for Session {
    fn drop(&mut self) {
        match &mut self.phase {
            Phase::Greeting(_) => {}
            Phase::Asking(asking) => asking.close(),
            Phase::Answering(answering) => answering.close(),
        }
        self.sets.tidy();
    }
}
