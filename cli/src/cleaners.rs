//! How tools that clear up in a client are told to leave Upseed's torrents alone. docs/cleaners.md has all of it.

use crate::print;

/// Says so. `mark`: the category, label or tag of all of them.
pub(crate) fn tell(client: &str, mark: &str) {
    print::out(&format!(
        "If a tool clears up in {client}, exempt Upseed there (docs/cleaners.md):"
    ));
    if client == "qBittorrent" {
        print::out("  qbit_manage: exclude_any_tags: [upseed] in each group of share_limits;");
        print::out("    exclude_patterns: [\"**/upseed/**\"] under orphaned");
    }
    print::out(&format!(
        "  Cleanuparr: {mark} under Ignored Downloads; upseed under Exclude Patterns of Orphaned Files"
    ));
    print::out(&format!("  autoremove-torrents: excluded_categories: {mark} in each strategy"));
}
