//! What qBittorrent says of itself as a whole (`server_state` of `sync/maindata`), as far as it decides whether
//! anybody gets anything from it.

use serde_json::Value;

/// As it was told last: an answer names only what has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ServerState {
    /// "Pause session": every torrent goes on calling itself what it was. Told from Web API 2.16.2 on.
    paused: bool,
    /// It has no socket on which anybody could reach it.
    unreachable: bool,
}

impl ServerState {
    /// Takes an answer.
    pub fn take(&mut self, answer: &Value) {
        if answer["full_update"] == true {
            *self = Self::default();
        }
        let told = &answer["server_state"];
        if let Some(paused) = told["session_state"].as_bool() {
            self.paused = paused;
        }
        if let Some(status) = told["connection_status"].as_str() {
            self.unreachable = status == "disconnected";
        }
    }

    /// Why it gives nothing to anybody, with what to do. Behind a proxy it listens nowhere, and that is
    /// how it should be.
    pub fn gives_nothing(&self, proxied: bool) -> Option<String> {
        if self.paused {
            return Some(
                "qBittorrent's whole session is paused, so nobody gets anything from it; Upseed's own \
                 engine hosts meanwhile. Resume the session (Edit, Resume Session)"
                    .into(),
            );
        }
        (self.unreachable && !proxied).then(|| {
            "qBittorrent listens on no port, so nobody can connect to it; Upseed's own engine hosts \
             meanwhile. Look at its port and network interface (Options, Connection and Advanced)"
                .into()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pause_lasts_until_its_end_is_told() {
        let mut state = ServerState::default();
        let says = |state: ServerState| state.gives_nothing(false);
        state.take(&json!({ "full_update": true, "server_state": { "session_state": true } }));
        assert!(says(state).unwrap().contains("session is paused"));
        state.take(&json!({ "rid": 2, "server_state": { "up_info_speed": 7 } }));
        assert!(says(state).is_some(), "what did not change is not told");
        state.take(&json!({ "rid": 3, "server_state": { "session_state": false } }));
        assert_eq!(says(state), None);
        for odd in [
            json!(null),
            json!({ "server_state": [] }),
            json!({ "server_state": { "session_state": "x" } }),
        ] {
            state.take(&odd);
            assert_eq!(says(state), None);
        }
    }

    #[test]
    fn one_without_a_socket_says_so_and_one_behind_a_proxy_needs_none() {
        let mut state = ServerState::default();
        for (status, told) in [("disconnected", true), ("firewalled", false), ("connected", false)]
        {
            state.take(&json!({ "server_state": { "connection_status": status } }));
            assert_eq!(state.gives_nothing(false).is_some(), told, "{status}");
            assert_eq!(state.gives_nothing(true), None, "{status}");
        }
        state.take(&json!({ "server_state": { "connection_status": "disconnected" } }));
        state.take(&json!({ "full_update": true, "server_state": {} }));
        assert_eq!(state.gives_nothing(false), None, "another run of it");
    }
}
