//! "Why is this here": a score in words, and its parts.

use maud::{Markup, html};
use upseed_model::rank::Window;

use crate::{
    Site, Strings,
    item::{ItemView, row},
    page,
    person::{self, Person},
    strings::fill,
};

/// The parts of one item's score. The node has added them up; nothing is computed here but how many
/// hundredths each part is shown with.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyView {
    /// What came through each person that the reader follows, the strongest first.
    pub through: Vec<Through>,
    /// Voters to whom nobody followed leads.
    pub strangers: u32,
    /// Distinct networks that were seen to host the text.
    pub networks: u32,
    /// What the strangers add together.
    pub strangers_add: f64,
    /// Voters whom the reader muted.
    pub muted: u32,
    /// The reader upvoted it.
    pub mine: bool,
    /// How many people count as followed.
    pub follows: u32,
    /// How many of them only for the time being.
    pub provisional: u32,
    /// Where a post stands.
    pub place: Option<PlaceView>,
    /// The sum.
    pub score: f64,
    /// The reader follows nobody.
    pub follows_nobody: bool,
}

/// What came through one follow.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// The followed person.
    pub person: Person,
    /// Whether that person voted themselves.
    pub voted: bool,
    /// Others who reach the reader through them and voted.
    pub others: u32,
    /// Their votes together weigh more than the path to them allows.
    pub capped: bool,
    /// What they add together.
    pub adds: f64,
}

/// Where a post stands in "top" on its board, in the shortest window that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceView {
    /// The window.
    pub window: Window,
    /// 1 for the first; `None` beyond the thousandth.
    pub number: Option<u32>,
    /// The same without the strongest follow.
    pub without_strongest: Option<u32>,
}

/// Names in one sentence.
const NAMES: usize = 3;

/// The score in whole sentences, the most telling first.
pub fn sentences(strings: &Strings, why: &WhyView) -> Vec<String> {
    let mut said = Vec::new();
    if why.through.is_empty() && why.strangers == 0 && why.muted == 0 {
        said.push(strings.why_nobody.to_string());
    }
    if !why.through.is_empty() {
        said.push(through(strings, why));
        said.extend(voters(strings, &why.through));
        let capped: Vec<&Person> =
            why.through.iter().filter(|it| it.capped).map(|it| &it.person).collect();
        if !capped.is_empty() {
            said.push(fill(&strings.why_capped, &names(strings, &capped)));
        }
    }
    said.extend(place(strings, why));
    if why.strangers > 0 {
        said.push(strings.why_strangers.of(why.strangers));
        said.push(match why.networks {
            0 => strings.why_unseen.to_string(),
            some => strings.why_networks.of(some),
        });
    }
    if why.muted > 0 {
        said.push(strings.why_muted.of(why.muted));
    }
    if why.mine {
        said.push(strings.why_mine.to_string());
    }
    if why.provisional > 0 {
        said.push(strings.why_provisional.of(why.provisional));
    }
    said
}

fn through(strings: &Strings, why: &WhyView) -> String {
    let people: Vec<&Person> = why.through.iter().map(|it| &it.person).collect();
    let text = fill(&strings.why_via, &people.len().to_string());
    fill(&fill(&text, &why.follows.to_string()), &names(strings, &people))
}

/// Who of them voted, and who behind them.
fn voters(strings: &Strings, through: &[Through]) -> Option<String> {
    let voted = through.iter().filter(|it| it.voted).count() as u32;
    let behind: u32 = through.iter().map(|it| it.others).sum();
    match (voted, behind) {
        (0, 0) => None,
        (voted, 0) => Some(strings.why_voted.of(voted)),
        (0, behind) => Some(strings.why_behind.of(behind)),
        (voted, behind) => Some(fill(
            &fill(&strings.why_both, &strings.why_voted_part.of(voted)),
            &strings.why_behind_part.of(behind),
        )),
    }
}

fn place(strings: &Strings, why: &WhyView) -> Option<String> {
    let place = why.place?;
    let number = place.number?;
    let window = match place.window {
        Window::Day => &strings.why_day,
        Window::Week => &strings.why_week,
        Window::Month => &strings.why_month,
        Window::Year => &strings.why_year,
        Window::All => &strings.why_all,
    };
    let is = fill(&fill(&strings.why_place, &number.to_string()), window);
    let Some(strongest) = why.through.first() else { return Some(is) };
    let strongest = name(&strongest.person);
    let without = match place.without_strongest {
        Some(same) if same == number => fill(&strings.why_without_same, &strongest),
        Some(other) => fill(&fill(&strings.why_without, &strongest), &other.to_string()),
        None => fill(&strings.why_without_far, &strongest),
    };
    Some(format!("{is} {without}"))
}

/// A name never stands alone: two people may have chosen the same.
fn name(person: &Person) -> String {
    match person.name.as_str() {
        "" => person.short_key(),
        name => format!("{name} ({})", person.short_key()),
    }
}

fn names(strings: &Strings, people: &[&Person]) -> String {
    let mut list: Vec<String> = people.iter().take(NAMES).map(|person| name(person)).collect();
    if people.len() > NAMES {
        list.push(strings.others_n.of((people.len() - NAMES) as u32));
    }
    list.join(", ")
}

/// Whole hundredths that add up to those of the sum, so that a reader can add up what is shown. What
/// rounding leaves over goes to the parts that lost the most.
fn hundredths(parts: &[f64], sum: f64) -> Vec<u64> {
    let whole = |part: f64| (part.max(0.0) * 100.0 + 1e-6).floor() as u64;
    let mut shown: Vec<u64> = parts.iter().map(|part| whole(*part)).collect();
    let total = (sum.max(0.0) * 100.0).round() as u64;
    let mut left = total.saturating_sub(shown.iter().sum()) as usize;
    let mut order: Vec<usize> = (0..parts.len()).collect();
    // In millionths, so that equal parts stay in their order.
    let lost = |at: &usize| ((parts[*at] * 100.0 - shown[*at] as f64) * 1e6).round() as i64;
    order.sort_by_key(|at| std::cmp::Reverse(lost(at)));
    left = left.min(order.len());
    for at in order.into_iter().take(left) {
        shown[at] += 1;
    }
    shown
}

/// The sentences, and the parts as a table.
pub(crate) fn table(site: &Site<'_>, why: &WhyView) -> Markup {
    let strings = site.strings;
    let mut parts: Vec<f64> = why.through.iter().map(|it| it.adds).collect();
    parts.extend((why.strangers > 0).then_some(why.strangers_add));
    let shown = hundredths(&parts, why.score);
    html! {
        div.why {
            p { (sentences(strings, why).join(" ")) }
            @if why.follows_nobody { p { (strings.nobody_followed) } }
            @if !parts.is_empty() {
                table {
                    thead { tr { th scope="col" { (strings.why_who) } th.num scope="col" { (strings.why_adds) } } }
                    tbody {
                        @for (through, shown) in why.through.iter().zip(&shown) {
                            tr {
                                td {
                                    @if through.voted {
                                        (person::link(site, &through.person))
                                        @if through.others > 0 { " + " (strings.others_n.of(through.others)) }
                                    } @else {
                                        (strings.others_n.of(through.others)) " " (strings.why_through) " "
                                        (person::link(site, &through.person))
                                    }
                                }
                                td.num { "+" (decimals(*shown)) }
                            }
                        }
                        @if let Some(shown) = shown.get(why.through.len()) {
                            tr {
                                td { (strings.strangers_n.of(why.strangers)) }
                                td.num { "+" (decimals(*shown)) }
                            }
                        }
                    }
                    tfoot { tr { th scope="row" { (strings.why_sum) } td.num { (decimals((why.score.max(0.0) * 100.0).round() as u64)) } } }
                }
            }
            p.fine { (strings.why_rule) }
        }
    }
}

fn decimals(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The page of one item's reasons.
pub fn page(site: &Site<'_>, item: &ItemView, why: &WhyView) -> String {
    let strings = site.strings;
    page::page(
        site,
        &strings.why_title,
        html! {
            h1 { (strings.why_title) }
            ol.list { (row(site, item)) }
            (table(site, why))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_parts_add_up_to_the_shown_sum() {
        assert_eq!(hundredths(&[1.0, 0.584_962, 0.3], 1.884_962), [100, 58, 30]);
        assert_eq!(hundredths(&[1.584_962, 0.584_962, 0.584_962], 2.754_886), [159, 58, 58]);
        assert_eq!(hundredths(&[0.004; 3], 0.012), [1, 0, 0]);
        assert_eq!(hundredths(&[], 0.0), Vec::<u64>::new());
        for n in 1..60_u32 {
            let parts: Vec<f64> =
                (1..=n).map(|part| f64::from(part * n % 31).log2().max(0.0)).collect();
            let sum: f64 = parts.iter().sum();
            let shown: u64 = hundredths(&parts, sum).iter().sum();
            assert_eq!(shown, (sum * 100.0).round() as u64, "{parts:?}");
        }
    }
}
