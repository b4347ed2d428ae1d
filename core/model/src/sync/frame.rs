//! The messages of `up_sync`: one canonical bencode dictionary each, named by its key `m`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::{
    BoardName, WorkId,
    bencode::{self, Reader, put_bytes, put_field, put_int_field},
    board::BoardNameError,
    limits::{MAX_FRAME, MAX_IDS, MAX_PEERS, MAX_TEXT, MIN_PUNCH},
};

/// One message. Lists of ids are byte strings of 32 bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// First on each side: versions from `min` to `max` are spoken, frames of up to `frame` bytes
    /// are taken. No key, no stable id.
    Hello {
        /// Lowest version.
        min: u64,
        /// Highest version.
        max: u64,
        /// Largest frame in bytes.
        frame: u64,
        /// What the sender's clock shows: unix seconds, to the minute.
        time: u64,
    },
    /// What is to be reconciled; both sides say it, the narrower range and the higher bits count.
    Open {
        /// The board of this rendezvous.
        board: BoardName,
        /// First day.
        first: u64,
        /// Last day.
        last: u64,
        /// Least committed bits.
        bits: u8,
    },
    /// The dialling side's days, ascending: day (4 bytes), count (4 bytes), fingerprint (16 bytes), big-endian.
    Digests(Vec<(u32, u32, [u8; 16])>),
    /// The answer: the days that differ, 4 bytes each, ascending.
    Differ(Vec<u32>),
    /// A negentropy message (protocol version 1) about one day.
    Reconcile {
        /// Which day.
        day: u64,
        /// The message.
        data: Vec<u8>,
    },
    /// The dialling side has finished the days that differed.
    Done,
    /// Records that the sender has.
    Have(Vec<WorkId>),
    /// Records that the sender asks for.
    Want(Vec<WorkId>),
    /// Records, whole.
    Records(Vec<Vec<u8>>),
    /// Records that are not given (any more).
    Gone(Vec<WorkId>),
    /// Texts that the sender asks for.
    WantText(Vec<WorkId>),
    /// Texts of items that the sender hosts.
    Texts(Vec<(WorkId, Vec<u8>)>),
    /// Texts that the sender passes on and does not host.
    Relayed(Vec<(WorkId, Vec<u8>)>),
    /// Texts that are not given.
    NoText(Vec<WorkId>),
    /// Other members whom the sender dialled or who told their port: for nodes that know few.
    Peers(Vec<SocketAddr>),
    /// Another member, whom the sender tells of this connection at the same moment: both dial by uTP, each where the sender
    /// sees the other.
    Punch(SocketAddr),
    /// A message of a later version.
    Unknown(String),
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Not canonical bencode, or wrong keys.
    #[error("malformed frame: {0}")]
    Bencode(#[from] bencode::Error),
    /// A field with a wrong value.
    #[error("malformed frame: {0}")]
    Value(&'static str),
    /// A wrong board.
    #[error("malformed frame: {0}")]
    Board(#[from] BoardNameError),
}

impl Frame {
    /// Reads a frame; strict, like everything that strangers send.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > MAX_FRAME {
            return Err(FrameError::Value("larger than 262,144 bytes"));
        }
        let name = name(bytes)?;
        let r = &mut Reader::new(bytes);
        let k = &mut r.dict()?;
        let frame = match name {
            b"hello" => {
                let frame = field(k, r, "frame", Reader::int)?;
                field(k, r, "m", Reader::bytes)?;
                let max = field(k, r, "max", Reader::int)?;
                let min = field(k, r, "min", Reader::int)?;
                let time = field(k, r, "time", Reader::int)?;
                Self::Hello { min, max, frame, time }
            }
            b"open" => {
                let bits = field(k, r, "bits", Reader::int)?;
                let bits = u8::try_from(bits).map_err(|_| FrameError::Value("bits above 255"))?;
                let board = BoardName::from_bytes(field(k, r, "board", Reader::bytes)?)?;
                let first = field(k, r, "first", Reader::int)?;
                let last = field(k, r, "last", Reader::int)?;
                field(k, r, "m", Reader::bytes)?;
                Self::Open { board, first, last, bits }
            }
            b"digests" => {
                let rows = rows::<24>(field(k, r, "days", Reader::bytes)?)?;
                field(k, r, "m", Reader::bytes)?;
                let rows: Vec<_> = rows.iter().map(read_digest).collect();
                ascending(rows.iter().map(|(day, ..)| *day))?;
                Self::Digests(rows)
            }
            b"differ" => {
                let rows = rows::<4>(field(k, r, "days", Reader::bytes)?)?;
                field(k, r, "m", Reader::bytes)?;
                let days: Vec<_> = rows.iter().map(|row| u32::from_be_bytes(*row)).collect();
                ascending(days.iter().copied())?;
                Self::Differ(days)
            }
            b"reconcile" => {
                let data = field(k, r, "data", Reader::bytes)?.to_vec();
                let day = field(k, r, "day", Reader::int)?;
                field(k, r, "m", Reader::bytes)?;
                Self::Reconcile { day, data }
            }
            b"have" => Self::Have(read_ids(k, r)?),
            b"want" => Self::Want(read_ids(k, r)?),
            b"gone" => Self::Gone(read_ids(k, r)?),
            b"want-text" => Self::WantText(read_ids(k, r)?),
            b"no-text" => Self::NoText(read_ids(k, r)?),
            b"records" => {
                let list = field(k, r, "list", read_list)?;
                field(k, r, "m", Reader::bytes)?;
                Self::Records(list.into_iter().map(<[u8]>::to_vec).collect())
            }
            b"texts" => Self::Texts(read_texts(k, r)?),
            b"relayed" => Self::Relayed(read_texts(k, r)?),
            b"peers" => {
                let list = field(k, r, "list", read_list)?;
                field(k, r, "m", Reader::bytes)?;
                if list.len() > MAX_PEERS {
                    return Err(FrameError::Value("too many peers"));
                }
                let peers = list.into_iter().map(read_address).collect::<Option<_>>();
                Self::Peers(peers.ok_or(FrameError::Value("an address is 6 or 18 bytes"))?)
            }
            b"punch" => {
                let at = read_address(field(k, r, "at", Reader::bytes)?);
                field(k, r, "m", Reader::bytes)?;
                field(k, r, "pad", Reader::bytes)?;
                if bytes.len() < MIN_PUNCH {
                    return Err(FrameError::Value("a punch is 256 bytes or more"));
                }
                Self::Punch(at.ok_or(FrameError::Value("an address is 6 or 18 bytes"))?)
            }
            b"done" => {
                field(k, r, "m", Reader::bytes)?;
                Self::Done
            }
            other => {
                // What is inside was read from one level below.
                bencode::scan(bytes)?;
                return Ok(Self::Unknown(
                    String::from_utf8_lossy(&other[..other.len().min(40)]).into_owned(),
                ));
            }
        };
        k.end(r)?;
        r.finish()?;
        Ok(frame)
    }

    /// Writes the frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = b"d".to_vec();
        match self {
            Self::Hello { min, max, frame, time } => {
                put_int_field(&mut out, "frame", *frame);
                put_field(&mut out, "m", b"hello");
                put_int_field(&mut out, "max", *max);
                put_int_field(&mut out, "min", *min);
                put_int_field(&mut out, "time", *time);
            }
            Self::Open { board, first, last, bits } => {
                put_int_field(&mut out, "bits", (*bits).into());
                put_field(&mut out, "board", board.as_str().as_bytes());
                put_int_field(&mut out, "first", *first);
                put_int_field(&mut out, "last", *last);
                put_field(&mut out, "m", b"open");
            }
            Self::Digests(rows) => {
                let rows: Vec<u8> = rows.iter().flat_map(write_digest).collect();
                put_field(&mut out, "days", &rows);
                put_field(&mut out, "m", b"digests");
            }
            Self::Differ(days) => {
                let days: Vec<u8> = days.iter().flat_map(|day| day.to_be_bytes()).collect();
                put_field(&mut out, "days", &days);
                put_field(&mut out, "m", b"differ");
            }
            Self::Reconcile { day, data } => {
                put_field(&mut out, "data", data);
                put_int_field(&mut out, "day", *day);
                put_field(&mut out, "m", b"reconcile");
            }
            Self::Have(ids) => put_ids(&mut out, "have", ids),
            Self::Want(ids) => put_ids(&mut out, "want", ids),
            Self::Gone(ids) => put_ids(&mut out, "gone", ids),
            Self::WantText(ids) => put_ids(&mut out, "want-text", ids),
            Self::NoText(ids) => put_ids(&mut out, "no-text", ids),
            Self::Records(list) => {
                put_list(&mut out, list.iter().map(Vec::as_slice));
                put_field(&mut out, "m", b"records");
            }
            Self::Texts(list) => put_texts(&mut out, "texts", list),
            Self::Relayed(list) => put_texts(&mut out, "relayed", list),
            Self::Punch(address) => {
                put_field(&mut out, "at", &write_address(address));
                put_field(&mut out, "m", b"punch");
                put_field(&mut out, "pad", &[0; MIN_PUNCH]);
            }
            Self::Peers(list) => {
                let list: Vec<Vec<u8>> = list.iter().map(write_address).collect();
                put_list(&mut out, list.iter().map(Vec::as_slice));
                put_field(&mut out, "m", b"peers");
            }
            Self::Done => put_field(&mut out, "m", b"done"),
            Self::Unknown(name) => put_field(&mut out, "m", name.as_bytes()),
        }
        out.push(b'e');
        out
    }
}

/// The value of `m`, wherever it stands.
fn name(bytes: &[u8]) -> Result<&[u8], FrameError> {
    let mut reader = Reader::new(bytes);
    let mut keys = reader.dict()?;
    let mut name = None;
    while let Some(key) = keys.next(&mut reader)? {
        if key == b"m" {
            name = Some(reader.bytes()?);
        } else {
            reader.skip()?;
        }
    }
    reader.finish()?;
    Ok(name.ok_or(bencode::Error::Missing { key: "m" })?)
}

fn field<'a, T>(
    keys: &mut bencode::Keys<'a>,
    reader: &mut Reader<'a>,
    key: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, bencode::Error>,
) -> Result<T, FrameError> {
    keys.required(reader, key)?;
    Ok(read(reader)?)
}

fn rows<const N: usize>(bytes: &[u8]) -> Result<&[[u8; N]], FrameError> {
    match bytes.as_chunks::<N>() {
        (rows, []) => Ok(rows),
        _ => Err(FrameError::Value("cut off inside a row")),
    }
}

/// No day comes twice.
fn ascending(days: impl Iterator<Item = u32>) -> Result<(), FrameError> {
    if days.is_sorted_by(|a, b| a < b) {
        Ok(())
    } else {
        Err(FrameError::Value("days that do not ascend"))
    }
}

fn ids(bytes: &[u8]) -> Result<Vec<WorkId>, FrameError> {
    let rows = rows::<32>(bytes)?;
    if rows.len() > MAX_IDS {
        return Err(FrameError::Value("more than 1,024 ids"));
    }
    Ok(rows.iter().map(|row| WorkId::from_bytes(*row)).collect())
}

fn read_ids<'a>(
    keys: &mut bencode::Keys<'a>,
    reader: &mut Reader<'a>,
) -> Result<Vec<WorkId>, FrameError> {
    let ids = ids(field(keys, reader, "ids", Reader::bytes)?)?;
    field(keys, reader, "m", Reader::bytes)?;
    Ok(ids)
}

fn read_texts<'a>(
    keys: &mut bencode::Keys<'a>,
    reader: &mut Reader<'a>,
) -> Result<Vec<(WorkId, Vec<u8>)>, FrameError> {
    let ids = ids(field(keys, reader, "ids", Reader::bytes)?)?;
    let list = field(keys, reader, "list", read_list)?;
    field(keys, reader, "m", Reader::bytes)?;
    if ids.len() != list.len() || list.iter().any(|text| text.len() > MAX_TEXT) {
        return Err(FrameError::Value("texts and ids do not fit each other"));
    }
    Ok(ids.into_iter().zip(list.into_iter().map(<[u8]>::to_vec)).collect())
}

fn read_list<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, bencode::Error> {
    reader.list()?;
    let mut list = Vec::new();
    while !reader.at_end() {
        list.push(reader.bytes()?);
    }
    Ok(list)
}

fn put_ids(out: &mut Vec<u8>, name: &str, ids: &[WorkId]) {
    let ids: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    put_field(out, "ids", &ids);
    put_field(out, "m", name.as_bytes());
}

fn put_texts(out: &mut Vec<u8>, name: &str, list: &[(WorkId, Vec<u8>)]) {
    let ids: Vec<u8> = list.iter().flat_map(|(id, _)| *id.as_bytes()).collect();
    put_field(out, "ids", &ids);
    put_list(out, list.iter().map(|(_, text)| text.as_slice()));
    put_field(out, "m", name.as_bytes());
}

fn put_list<'a>(out: &mut Vec<u8>, list: impl Iterator<Item = &'a [u8]>) {
    put_bytes(out, b"list");
    out.push(b'l');
    list.for_each(|bytes| put_bytes(out, bytes));
    out.push(b'e');
}

fn read_digest(row: &[u8; 24]) -> (u32, u32, [u8; 16]) {
    let (mut day, mut count, mut fingerprint) = ([0; 4], [0; 4], [0; 16]);
    day.copy_from_slice(&row[..4]);
    count.copy_from_slice(&row[4..8]);
    fingerprint.copy_from_slice(&row[8..]);
    (u32::from_be_bytes(day), u32::from_be_bytes(count), fingerprint)
}

fn write_digest((day, count, fingerprint): &(u32, u32, [u8; 16])) -> Vec<u8> {
    [&day.to_be_bytes()[..], &count.to_be_bytes(), fingerprint].concat()
}

/// BEP 5's compact form: address and port, big-endian.
fn read_address(bytes: &[u8]) -> Option<SocketAddr> {
    let (address, port) = bytes.split_at_checked(bytes.len().checked_sub(2)?)?;
    let port = u16::from_be_bytes(port.try_into().ok()?);
    let ip = match address.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?)),
        16 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

fn write_address(address: &SocketAddr) -> Vec<u8> {
    let mut bytes = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    bytes.extend_from_slice(&address.port().to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn work_ids() -> impl Strategy<Value = Vec<WorkId>> {
        proptest::collection::vec(any::<[u8; 32]>().prop_map(WorkId::from_bytes), 0..4)
    }

    fn texts(list: Vec<([u8; 32], Vec<u8>)>) -> Vec<(WorkId, Vec<u8>)> {
        list.into_iter().map(|(id, text)| (WorkId::from_bytes(id), text)).collect()
    }

    fn frames() -> impl Strategy<Value = Frame> {
        let number = 0..=crate::limits::MAX_INTEGER;
        prop_oneof![
            (number.clone(), number.clone(), number.clone(), number.clone())
                .prop_map(|(min, max, frame, time)| Frame::Hello { min, max, frame, time }),
            ("[a-z0-9]{1,40}", number.clone(), number.clone(), any::<u8>()).prop_map(
                |(board, first, last, bits)| {
                    Frame::Open { board: board.parse().unwrap(), first, last, bits }
                }
            ),
            proptest::collection::btree_map(any::<u32>(), any::<(u32, [u8; 16])>(), 0..9).prop_map(
                |days| Frame::Digests(
                    days.into_iter().map(|(day, (n, of))| (day, n, of)).collect()
                )
            ),
            proptest::collection::btree_set(any::<u32>(), 0..9)
                .prop_map(|days| Frame::Differ(days.into_iter().collect())),
            (number, any::<Vec<u8>>()).prop_map(|(day, data)| Frame::Reconcile { day, data }),
            Just(Frame::Done),
            work_ids().prop_map(Frame::Have),
            work_ids().prop_map(Frame::Want),
            work_ids().prop_map(Frame::Gone),
            work_ids().prop_map(Frame::WantText),
            work_ids().prop_map(Frame::NoText),
            any::<Vec<Vec<u8>>>().prop_map(Frame::Records),
            any::<Vec<([u8; 32], Vec<u8>)>>().prop_map(|list| Frame::Texts(texts(list))),
            any::<Vec<([u8; 32], Vec<u8>)>>().prop_map(|list| Frame::Relayed(texts(list))),
            any::<(IpAddr, u16)>().prop_map(|(ip, port)| Frame::Punch((ip, port).into())),
            proptest::collection::vec(any::<(IpAddr, u16)>(), 0..=MAX_PEERS).prop_map(|list| {
                Frame::Peers(list.into_iter().map(|(ip, port)| (ip, port).into()).collect())
            }),
        ]
    }

    proptest! {
        #[test]
        fn frames_go_both_ways(frame in frames()) {
            prop_assert_eq!(Frame::from_bytes(&frame.to_bytes()).unwrap(), frame);
        }

        #[test]
        fn any_bytes_give_an_answer(bytes: Vec<u8>) {
            let _ = Frame::from_bytes(&bytes);
        }
    }

    #[test]
    fn later_messages_are_unknown_not_malformed() {
        let frame = Frame::from_bytes(b"d1:m5:later1:xi1ee").unwrap();
        assert_eq!(frame, Frame::Unknown("later".into()));
        assert!(Frame::from_bytes(b"d1:xi1ee").is_err());
    }

    #[test]
    fn a_punch_costs_its_sender_as_much_as_whoever_is_dialled() {
        let punch = |pad: usize| {
            let pad = format!("{pad}:{}", "x".repeat(pad));
            let head = b"d2:at6:\xc0\0\x02\x01\x1a\xe11:m5:punch3:pad";
            [&head[..], pad.as_bytes(), b"e"].concat()
        };
        let (short, long) = (punch(222), punch(223));
        assert_eq!((short.len(), long.len()), (255, 256));
        assert_eq!(
            Frame::from_bytes(&short),
            Err(FrameError::Value("a punch is 256 bytes or more"))
        );
        let at = ([192, 0, 2, 1], 6881).into();
        assert_eq!(Frame::from_bytes(&long), Ok(Frame::Punch(at)));
        assert!(Frame::Punch(at).to_bytes().len() >= MIN_PUNCH);
    }
}
