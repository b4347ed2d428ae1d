//! The client's own log (`log/main`), as far as it says what is wrong with a text.

use serde_json::Value;

/// Characters of a line that are shown.
const LINE: usize = 300;

/// What was read of it so far.
#[derive(Debug)]
pub(crate) struct Log {
    /// The number of the last line.
    pub seen: i64,
    /// The last line that names a text.
    pub last: Option<String>,
}

impl Default for Log {
    fn default() -> Self {
        Self { seen: -1, last: None }
    }
}

impl Log {
    /// Takes warnings and errors.
    pub fn take(&mut self, lines: &Value) {
        for line in lines.as_array().into_iter().flatten() {
            let Some(id) = line["id"].as_i64() else { continue };
            // It begins anew with each run of the client.
            self.seen = id;
            let message = line["message"].as_str().unwrap_or_default();
            let is_about_a_text = |word: &str| upseed_client::is_own_name(last_part(word));
            if message.split(['"', ' ']).any(is_about_a_text) {
                let plain = reason(message).chars().filter(|c| !c.is_control());
                self.last = Some(plain.take(LINE).collect());
            }
        }
    }
}

/// Why, of a line that names the same long path three times before.
fn reason(message: &str) -> &str {
    let reason = message.rsplit("error: ").next().unwrap_or(message);
    reason.trim_end_matches(['"', '.']).trim_end_matches("&quot;")
}

/// The name of a file in a sentence.
fn last_part(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    name.trim_end_matches(['.', ',', ';', '\'', ')'])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_line_about_a_text_is_kept() {
        let mut log = Log::default();
        let name = format!("hello.{}.md", "0".repeat(32));
        let about = format!(
            "File error alert. Torrent: \"{name}\". File: \"/srv/upseed/{name}\". Reason: \"{name} \
             file_open (/srv/upseed/{name}) error: Permission denied\""
        );
        log.take(&json!([
            { "id": 3, "message": about, "type": 4 },
            { "id": 4, "message": "Failed to download RSS feed", "type": 4 },
            { "id": "x" },
        ]));
        assert_eq!(log.seen, 4);
        assert_eq!(log.last.as_deref(), Some("Permission denied"));
        let mut log = Log::default();
        log.take(&json!({ "not": "a list" }));
        assert_eq!((log.seen, log.last), (-1, None));
    }
}
