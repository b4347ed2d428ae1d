//! What time it is for others, beside this machine's own clock.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{subnet::Subnet, time::Time};

/// Fewer subnets than these say nothing: one liar, or one friend with an empty battery, is no measure.
const ENOUGH: usize = 3;

/// Subnets that are remembered; the oldest goes first.
const MOST: usize = 64;

/// What is further off is told. Records of ten minutes ahead are refused ([`upseed_model::limits::MAX_AHEAD`]), and `hello`
/// tells minutes.
const TOLERATED: u64 = 300;

/// How this machine's clock stands to those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockError {
    /// By so many seconds.
    pub seconds: u64,
    /// It is ahead; if not, behind.
    pub is_ahead: bool,
    /// Of so many others, each in a subnet of its own.
    pub peers: usize,
}

/// What others said when they greeted, one in each subnet.
#[derive(Debug, Default)]
pub(crate) struct Clocks(HashMap<Subnet, Said>);

#[derive(Debug, Clone, Copy)]
struct Said {
    unix: u64,
    /// When it was said, by the clock that nobody sets.
    at: Duration,
}

impl Clocks {
    /// Somebody's clock shows this.
    pub fn said(&mut self, ip: IpAddr, unix: u64, time: Time) {
        // On a private network one machine is one, from whatever port it comes.
        let subnet = Subnet::of(SocketAddr::new(ip, 0));
        // They told the beginning of their minute.
        let unix = unix.saturating_add(30);
        self.0.insert(subnet, Said { unix, at: time.monotonic });
        if self.0.len() > MOST {
            let oldest = self.0.iter().min_by_key(|(_, said)| said.at);
            if let Some(oldest) = oldest.map(|(subnet, _)| *subnet) {
                self.0.remove(&oldest);
            }
        }
    }

    /// How far this machine's clock is off, if it is: by the median of what others said, with the time that has passed since. A
    /// clock that is set right is right at once.
    pub fn error(&self, time: Time) -> Option<ClockError> {
        let passed = |said: &Said| time.monotonic.saturating_sub(said.at).as_secs();
        let mut shown: Vec<u64> =
            self.0.values().map(|said| said.unix.saturating_add(passed(said))).collect();
        shown.sort_unstable();
        let median = *shown.get(shown.len() / 2)?;
        let seconds = median.abs_diff(time.unix);
        let is_off = shown.len() >= ENOUGH && seconds > TOLERATED;
        is_off.then_some(ClockError { seconds, is_ahead: time.unix > median, peers: shown.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn ip(number: u8) -> IpAddr {
        [203, 0, number, 1].into()
    }

    fn heard(offsets: &[i64]) -> Clocks {
        let mut clocks = Clocks::default();
        for (number, offset) in offsets.iter().enumerate() {
            clocks.said(
                ip(number as u8),
                NOW.saturating_add_signed(offset.saturating_sub(30)),
                Time::at(NOW),
            );
        }
        clocks
    }

    #[test]
    fn it_is_off_by_the_median_of_many() {
        let error = |offsets: &[i64]| heard(offsets).error(Time::at(NOW));
        assert_eq!(error(&[]), None);
        assert_eq!(error(&[-7_200, -7_200]), None, "two are no measure");
        let ahead = ClockError { seconds: 7_200, is_ahead: true, peers: 3 };
        assert_eq!(error(&[-7_200, -7_260, -7_150]), Some(ClockError { seconds: 7_200, ..ahead }));
        assert_eq!(error(&[7_200, 7_200, 7_200]), Some(ClockError { is_ahead: false, ..ahead }));
        assert_eq!(error(&[0, -30, 200, 99_999, i64::MAX]), None, "some lie");
        assert_eq!(error(&[0, 0, -99_999, -99_999]), None);
    }

    #[test]
    fn one_subnet_counts_once() {
        let mut clocks = Clocks::default();
        for _ in 0..10 {
            clocks.said(ip(1), NOW - 7_200, Time::at(NOW));
        }
        assert_eq!(clocks.error(Time::at(NOW)), None);
        for number in 0..=255 {
            clocks.said(ip(number), NOW, Time::at(NOW + u64::from(number)));
        }
        assert_eq!(clocks.0.len(), MOST);
        assert!(
            clocks.0.contains_key(&Subnet::V4([203, 0, 255]))
                && !clocks.0.contains_key(&Subnet::V4([203, 0, 1]))
        );
    }

    #[test]
    fn time_passes_and_a_clock_that_is_set_right_is_right() {
        let clocks = heard(&[-7_200, -7_200, -7_200]);
        let later = |unix: u64| Time { unix, monotonic: Duration::from_secs(NOW + 3_600) };
        assert_eq!(clocks.error(later(NOW + 3_600)).map(|error| error.seconds), Some(7_200));
        assert_eq!(clocks.error(later(NOW + 3_600 - 7_200)), None);
    }
}
