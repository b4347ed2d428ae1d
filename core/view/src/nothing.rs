//! Why nothing is in a list: no network yet, nobody here yet, or an empty board. The same words in the view and in the command.

use crate::Strings;

/// Why nothing is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// Neither the DHT nor anybody answers.
    NoNetwork,
    /// The network answers, and nobody of these boards was met.
    Nobody,
    /// People are here, and nothing of theirs.
    Empty,
}

impl Nothing {
    /// By how many nodes of the DHT are known, how many people were met on any board, and how many of
    /// them on the boards of this list.
    pub const fn of(dht_nodes: u32, met: u32, here: u32) -> Self {
        match (dht_nodes, met, here) {
            (0, 0, 0) => Self::NoNetwork,
            (.., 0) => Self::Nobody,
            _ => Self::Empty,
        }
    }

    /// What it is, in a few words.
    pub fn title(self, strings: &Strings) -> &str {
        match self {
            Self::NoNetwork => &strings.no_network_title,
            Self::Nobody => &strings.nobody_title,
            Self::Empty => &strings.empty_title,
        }
    }

    /// What is done about it, how long that takes, and what the reader can do.
    pub fn help(self, strings: &Strings) -> &str {
        match self {
            Self::NoNetwork => &strings.no_network_help,
            Self::Nobody => &strings.nobody_help,
            Self::Empty => &strings.empty_help,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_states_have_three_texts() {
        let strings = Strings::english();
        let told = |dht, met, here| {
            let nothing = Nothing::of(dht, met, here);
            (nothing.title(strings), nothing.help(strings))
        };
        let (no_network, nobody, empty) = (told(0, 0, 0), told(9, 0, 0), told(9, 1, 1));
        assert!(no_network != nobody && nobody != empty && empty != no_network);
        assert_eq!(told(0, 1, 0), nobody, "somebody elsewhere is a network");
        assert_eq!(told(0, 1, 1), empty, "without the DHT");
    }
}
