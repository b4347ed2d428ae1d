//! The attacks.

use upseed_rank::Person;

use crate::{
    random::Random,
    rankers::Ranker,
    world::{EVIL, NOW, POSTS, Post, Reader, World, person},
};

const MILLION: u32 = 1_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    TenNear,
    HundredNear,
    HundredAnywhere,
    Celebrity,
    OwnFollow,
    Ring,
    Farm,
    Turncoat,
    Flood,
    Burying,
}

impl Trial {
    pub const ALL: [Self; 10] = [
        Self::TenNear,
        Self::HundredNear,
        Self::HundredAnywhere,
        Self::Celebrity,
        Self::OwnFollow,
        Self::Ring,
        Self::Farm,
        Self::Turncoat,
        Self::Flood,
        Self::Burying,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::TenNear => "10 edges near",
            Self::HundredNear => "100 near",
            Self::HundredAnywhere => "100 anywhere",
            Self::Celebrity => "bought celebrity",
            Self::OwnFollow => "you follow one",
            Self::Ring => "ring of 50",
            Self::Farm => "farm of 1,000 networks",
            Self::Turncoat => "turncoat",
            Self::Flood => "flood of 100 posts",
            Self::Burying => "burying",
        }
    }

    /// Follows that the attack adds, from honest people (or the reader) to the attacker's keys.
    fn edges(self, world: &World, reader: &Reader, random: &mut Random) -> Vec<(Person, Person)> {
        let givers = match self {
            Self::TenNear | Self::Flood | Self::Burying => random.some(&near(world, reader), 10),
            Self::HundredNear => random.some(&near(world, reader), 100),
            Self::HundredAnywhere => (0..100).map(|_| person(random.below(world.honest))).collect(),
            Self::Celebrity => vec![celebrity(world, reader); 10],
            Self::OwnFollow => vec![reader.person],
            Self::Turncoat => turncoat(world, reader).map_or(vec![], |who| vec![who; 10]),
            Self::Ring | Self::Farm => vec![],
        };
        givers.into_iter().enumerate().map(|(n, giver)| (giver, world.evil(n * 7))).collect()
    }

    /// What is posted, and who votes for it.
    fn junk(self, world: &World, reader: &Reader, random: &mut Random) -> Vec<Post> {
        let keys = |more: Option<Person>| (0..EVIL).map(|n| world.evil(n)).chain(more).collect();
        let post = |voters: Vec<Person>, unknown: u32, networks: u32| {
            let announced = unknown.max(networks);
            vec![Post { author: None, time: NOW, voters, unknown, networks, announced }]
        };
        let unknown = MILLION - EVIL as u32;
        match self {
            Self::Ring => {
                let home: Vec<Person> = (0..world.size())
                    .map(|n| person(reader.community * world.size() + n))
                    .collect();
                post(random.some(&home, 50), 0, 50)
            }
            Self::Farm => post(keys(None), unknown, 1_000),
            Self::Celebrity => post(keys(Some(celebrity(world, reader))), unknown, 50),
            Self::Turncoat => post(keys(turncoat(world, reader)), unknown, 50),
            Self::Flood => vec![post(keys(None), unknown, 50).remove(0); 100],
            Self::Burying => vec![],
            _ => post(keys(None), unknown, 50),
        }
    }

    /// Where the best of the junk is in the reader's list, from 1, and how much of it is in the top 20. For
    /// burying: where the reader's best post is after the attacker upvoted 300 others.
    pub fn run(
        self,
        ranker: Ranker,
        world: &mut World,
        reader: &Reader,
        seed: u64,
    ) -> (usize, usize) {
        let mut random = Random(seed);
        let edges = self.edges(world, reader, &mut random);
        let mut posts = world.posts.clone();
        let mut wanted: Vec<usize> = Vec::new();
        if self == Self::Burying {
            let list = ranker.list(world, &posts, reader.person);
            wanted.push(list[0]);
            for at in random.some(&list[20..], 300) {
                posts[at].voters.extend((0..EVIL).map(|n| person(world.honest + n)));
                posts[at].unknown += MILLION - EVIL as u32;
                posts[at].networks += 50;
                posts[at].announced += MILLION;
            }
        } else {
            posts.extend(self.junk(world, reader, &mut random));
            wanted.extend(POSTS..posts.len());
        }
        let added: Vec<_> =
            edges.into_iter().filter(|(from, to)| world.graph.follow(*from, *to)).collect();
        let list = ranker.list(world, &posts, reader.person);
        for (from, to) in added {
            world.graph.unfollow(from, to);
        }
        let found = list.iter().position(|at| wanted.contains(at)).map_or(list.len(), |at| at + 1);
        (found, list.iter().take(20).filter(|at| wanted.contains(at)).count())
    }
}

/// Honest people whom the reader's follows follow.
fn near(world: &World, reader: &Reader) -> Vec<Person> {
    let follows: Vec<Person> = world.graph.follows(reader.person).collect();
    let mut near: Vec<Person> = follows.iter().flat_map(|who| world.graph.follows(*who)).collect();
    near.retain(|who| world.is_honest(*who));
    near.sort_unstable();
    near.dedup();
    near
}

/// Whom most people of the reader's community follow, the reader perhaps not.
fn celebrity(world: &World, reader: &Reader) -> Person {
    let home = reader.community * world.size()..(reader.community + 1) * world.size();
    let follows = |who: &Person| world.graph.is_followed(reader.person, *who);
    let others = home.map(person).filter(|who| !follows(who));
    others.max_by_key(|who| world.graph.followers(*who).count()).unwrap_or(person(0))
}

/// Whom most of the reader's follows follow.
fn turncoat(world: &World, reader: &Reader) -> Option<Person> {
    let follows: Vec<Person> = world.graph.follows(reader.person).collect();
    let known =
        |who: &Person| follows.iter().filter(|f| world.graph.is_followed(**f, *who)).count();
    let others = near(world, reader).into_iter().filter(|who| !follows.contains(who));
    others.max_by_key(|who| (known(who), who.number()))
}
