//! Honest people, whom they follow, what they post and what they upvote.

use upseed_model::PublicKey;
use upseed_rank::{Graph, People, Person};

use crate::random::Random;

pub const POSTS: usize = 3_000;
/// Keys of the attacker that are really in the graph; a million vote.
pub const EVIL: usize = 1_000;
/// How many readers of each kind.
const READERS: usize = 10;
const MONTH: f64 = 30.0 * 86_400.0;
pub const NOW: u64 = 1_800_000_000;

/// One post and who upvoted it.
#[derive(Clone)]
pub struct Post {
    pub author: Option<Person>,
    pub time: u64,
    pub voters: Vec<Person>,
    /// Further keys that voted, whom nobody follows.
    pub unknown: u32,
    /// Networks that were checked to host it.
    pub networks: u32,
    /// Who says to host it: what a tracker counts.
    pub announced: u32,
}

/// A reader, by how many people they follow.
#[derive(Clone)]
pub struct Reader {
    pub person: Person,
    pub community: usize,
    pub follows: usize,
}

/// Everything honest; and the attacker's keys, whom nobody follows yet.
pub struct World {
    pub graph: Graph,
    pub honest: usize,
    pub communities: usize,
    pub posts: Vec<Post>,
    /// What each post is worth to each community: 0 to 3, three for one in a hundred.
    pub worth: Vec<Vec<f64>>,
    pub readers: Vec<Reader>,
    pub pretrusted: Vec<Person>,
}

/// How many people the six kinds of readers follow.
pub const KINDS: [usize; 6] = [0, 1, 3, 10, 30, 100];

pub fn person(number: usize) -> Person {
    Person::from_number(number as u32)
}

fn key(number: usize) -> PublicKey {
    let mut bytes = [1; 32];
    bytes[..8].copy_from_slice(&Random(number as u64).next().to_be_bytes());
    // Only the last byte could make it a weak key.
    PublicKey::from_bytes(bytes).unwrap_or_else(|_| unreachable!("an ordinary key"))
}

impl World {
    pub fn new(seed: u64, honest: usize, seen: usize) -> Self {
        let mut random = Random(seed);
        let communities = (honest / 500).clamp(2, 20);
        // Everybody's community; the more popular come first in each.
        let size = honest / communities;
        let community = |who: usize| (who / size).min(communities - 1);
        let popular = |random: &mut Random, of: usize| {
            of * size + (random.part().powf(1.8) * size as f64) as usize % size
        };
        let pick = |random: &mut Random, home: usize| {
            let of = if random.chance(0.8) { home } else { random.below(communities) };
            popular(random, of)
        };
        let readers: Vec<Reader> = (0..READERS * KINDS.len())
            .map(|at| {
                let community = at % communities;
                let follows = KINDS[at / READERS];
                Reader { person: person(honest + EVIL + at), community, follows }
            })
            .collect();
        let total = honest + EVIL + readers.len();
        let mut people = People::with_capacity(total);
        (0..total).for_each(|number| _ = people.intern(&key(number)));
        let mut rows: Vec<Vec<Person>> = Vec::new();
        for who in 0..honest {
            let count = random.heavy(6.0, honest / 4);
            rows.push((0..count).map(|_| person(pick(&mut random, community(who)))).collect());
        }
        for n in 0..EVIL {
            // A clique's worth of each other, so that nothing leaks out.
            rows.push((1..=20).map(|next| person(honest + (n * 20 + next) % EVIL)).collect());
        }
        for reader in &readers {
            let mut row: Vec<Person> = Vec::new();
            while row.len() < reader.follows.min(honest / 4) {
                let next = person(pick(&mut random, reader.community));
                if !row.contains(&next) {
                    row.push(next);
                }
            }
            rows.push(row);
        }
        let rows = rows.into_iter().enumerate().map(|(who, row)| (person(who), row));
        let graph = Graph::load(people, rows).unwrap_or_else(|error| panic!("{error}"));

        let (mut posts, mut worth) = (Vec::new(), Vec::new());
        // Each community's own taste, with something that all share.
        let mut latent: Vec<Vec<f64>> = Vec::new();
        for at in 0..POSTS {
            let author = random.below(honest);
            let shared = random.normal();
            let taste = |of: usize, random: &mut Random| {
                let at_home = if of == community(author) { 0.8 } else { 0.0 };
                0.45 * shared + 0.9 * random.normal() + at_home
            };
            latent.push((0..communities).map(|of| taste(of, &mut random)).collect());
            let age = MONTH * at as f64 / POSTS as f64;
            posts.push(Post {
                author: Some(person(author)),
                time: NOW - age as u64,
                voters: vec![],
                unknown: 0,
                networks: 0,
                announced: 0,
            });
        }
        // The best hundredth of each community's is worth 3, the next twentieth 2, the next tenth 1.
        for of in 0..communities {
            let mut sorted: Vec<f64> = latent.iter().map(|post| post[of]).collect();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let [three, two, one] =
                [POSTS / 100, POSTS * 6 / 100, POSTS * 16 / 100].map(|at| sorted[at]);
            let grade = |worth: f64| {
                f64::from(worth > three) + f64::from(worth > two) + f64::from(worth > one)
            };
            worth.push(latent.iter().map(|post| grade(post[of])).collect());
        }
        let of_community: Vec<Vec<usize>> = (0..communities)
            .map(|of| {
                (0..POSTS)
                    .filter(|at| {
                        posts[*at].author.is_some_and(|a| community(a.number() as usize) == of)
                    })
                    .collect()
            })
            .collect();
        for who in 0..honest {
            let home = community(who);
            let mut posts_seen: Vec<usize> = (0..random.heavy(seen as f64, POSTS / 2))
                .map(|_| match random.chance(0.6) && !of_community[home].is_empty() {
                    true => of_community[home][random.below(of_community[home].len())],
                    false => random.below(POSTS),
                })
                .collect();
            posts_seen.sort_unstable();
            posts_seen.dedup();
            for at in posts_seen {
                if latent[at][home] + 0.8 * random.normal() > 1.2 {
                    posts[at].voters.push(person(who));
                }
            }
        }
        for post in &mut posts {
            post.announced = post.voters.len() as u32 + 1;
            // Half of all homes can be checked.
            post.networks = 1 + post.voters.len() as u32 / 2;
        }
        // The best known of each community, 20 in all.
        let pretrusted =
            (0..20).map(|n| person(n % communities * size + n / communities)).collect();
        Self { graph, honest, communities, posts, worth, readers, pretrusted }
    }

    pub fn size(&self) -> usize {
        self.honest / self.communities
    }

    pub fn evil(&self, n: usize) -> Person {
        person(self.honest + n % EVIL)
    }

    pub fn is_honest(&self, who: Person) -> bool {
        (who.number() as usize) < self.honest
    }
}
