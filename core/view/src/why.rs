//! "Why is this here": the parts of a score.

use maud::{Markup, html};

use crate::{
    Site,
    item::{ItemView, row, score},
    page,
    person::{self, Person},
};

/// The parts of one item's score. The node has added them up; nothing is computed here.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyView {
    /// What came through each person that the reader follows.
    pub through: Vec<Through>,
    /// Voters whom nobody followed leads to.
    pub strangers: u32,
    /// Distinct networks from which the text was seen.
    pub networks: u32,
    /// What the strangers add together.
    pub strangers_add: f64,
    /// What the age adds; only in the order "hot".
    pub age_adds: Option<f64>,
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
    /// What they add together: at most 1.
    pub adds: f64,
}

/// The parts as a table.
pub(crate) fn table(site: &Site<'_>, why: &WhyView) -> Markup {
    let strings = site.strings;
    let nobody = why.through.is_empty() && why.strangers == 0;
    html! {
        div.why {
            @if nobody { p { (strings.why_nobody) } }
            @if why.follows_nobody { p { (strings.nobody_followed) } }
            @if !nobody {
                table {
                    thead { tr { th scope="col" { (strings.why_who) } th.num scope="col" { (strings.why_adds) } } }
                    tbody {
                        @for through in &why.through {
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
                                td.num { "+" (score2(through.adds)) }
                            }
                        }
                        @if why.strangers > 0 {
                            tr {
                                td {
                                    (strings.strangers_n.of(why.strangers)) ", "
                                    (strings.networks_n.of(why.networks))
                                }
                                td.num { "+" (score2(why.strangers_add)) }
                            }
                        }
                        @if let Some(age) = why.age_adds {
                            tr { td { (strings.why_age) } td.num { "+" (score2(age)) } }
                        }
                    }
                    tfoot { tr { th scope="row" { (strings.why_sum) } td.num { (score(why.score)) } } }
                }
            }
            p.fine { (strings.why_rule) }
        }
    }
}

/// With the two digits that let a reader add up.
fn score2(part: f64) -> String {
    format!("{part:.2}")
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
