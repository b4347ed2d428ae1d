//! Who may still add to a board's day. What is in its set stays there, whatever comes after it: a full day asks
//! strangers for more work, one class of records after the other, and never the reader's own people.

use upseed_model::PublicKey;

use super::{batch::Batch, days::bytes_of_day, names::known_key};
use crate::values::{
    budget::Class,
    day::{DAY, days_ago},
    error::StoreError,
    number::{int, uint},
};

/// A record that somebody offers.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// Whose. Their key gets a row only if the record is taken: what is refused leaves nothing behind.
    pub author: PublicKey,
    /// Its own time, in unix seconds.
    pub time: u64,
    /// Which budget it takes from.
    pub class: Class,
    /// Bits beyond what its size asks for.
    pub spare: u8,
}

impl Batch<'_> {
    /// Whether the day of this board takes it.
    pub fn admits(&mut self, board: i64, offer: &Offer, now: u64) -> Result<bool, StoreError> {
        if self.is_me(offer.author) {
            return Ok(true);
        }
        let taken = self.taken(board, int(offer.time / DAY), offer.class)?;
        if self.is_chosen {
            return Ok(offer.class.has_room_for_trusted(taken));
        }
        match offer.class.asked_of_strangers(days_ago(offer.time, now), taken) {
            Some(asked) if offer.spare >= asked => Ok(true),
            _ => Ok(offer.class.has_room_for_trusted(taken) && self.is_trusted(&offer.author)?),
        }
    }

    /// Bytes of a class in a day, with what this transaction added.
    fn taken(&mut self, board: i64, day: i64, class: Class) -> Result<u64, StoreError> {
        let key = (board, day);
        let before = match self.taken.get(&key) {
            Some(before) => *before,
            None => {
                let before = bytes_of_day(self.db, board, day)?;
                self.taken.insert(key, before);
                before
            }
        };
        let added = self.days.get(&key).map_or(0, |change| change.bytes(class));
        Ok(uint((before[class.index()] + added).max(0)))
    }

    /// Whether I follow the owner of this key, or those whom I follow lead to them.
    fn is_trusted(&self, author: &PublicKey) -> Result<bool, StoreError> {
        let Some(author) = known_key(self.db, author)? else { return Ok(false) };
        let reached = self.db.trust.with(|loaded| {
            loaded.person(author).is_some_and(|person| loaded.standing().weight(person).is_some())
        });
        if let Some(reached) = reached {
            return Ok(reached);
        }
        // While the follows are being loaded.
        let sql = "SELECT 1 FROM follows WHERE follower = ?1 AND followed = ?2";
        Ok(self.db.prepare_cached(sql)?.exists([self.me_id(), author])?)
    }
}
