// Some people with something to say, so that no page is empty: ann reads, bob and eve write.
import { startNode } from "./node.mjs";
import { openSession } from "./session.mjs";
import { until } from "./until.mjs";

const TEXT = `Sieving is older than it looks. The trick is to cross out *less*:

> Every composite below n² has a factor below n.

1. Start at the square, not at the double.
2. Skip the even ones.

\`\`\`
for p in primes: mark(p * p, n, 2 * p)
\`\`\`

More at https://example.org/sieves (and [the paper](https://example.com/paper.pdf)).`;

const TITLES = [
  "A sieve that fits into the cache",
  "Ask: which small computer for a bookshelf?",
  "The tide tables of 1894, typed again by hand",
  "How we moved a whole library with shopping trolleys, and what the mayor of the next town had to say about it in the end",
  "קריאה שקטה: ספרים שלא תורגמו",
  "Show: a clock that only knows the season",
  "Notes on soldering with cold hands",
  "Bread, again",
];

/** Ann's, bob's and eve's nodes, and what was written. All ends with `world.stop()`. */
export async function startWorld() {
  const bob = await startNode({ name: "bob" });
  const eve = await startNode({ name: "eve", peers: [bob] });
  const ann = await startNode({ name: "ann", peers: [bob, eve] });
  const [asBob, asEve, asAnn] = await Promise.all([bob, eve, ann].map(openSession));
  const posts = [];
  for (const title of TITLES) posts.push(await bob.post(title, TEXT));
  await asBob.send("profile", { name: "Bob Okafor", about: "Reads *everything*." });
  const theirs = await eve.post("Eve's first words", "Hello.");
  await asEve.send("profile", { name: "עדי" });
  const mine = await ann.post("What I am reading", "Slowly, and *twice*.");
  await asAnn.send("profile", { name: "Ann" });
  await until("everybody knows every post", async () => {
    const lists = await Promise.all([ann, bob, eve].map((node) => node.api("GET", "top?window=all")));
    return lists.every((list) => list.length === posts.length + 2);
  });
  const first = await eve.comment(posts[0].id, "Does it *really* beat the naive one?");
  await until("bob knows the question", () => bob.item(first.id).catch(() => null));
  const second = await bob.comment(first.id, "By a factor of three, on this desk.");
  for (let n = 0; n < 3; n += 1) await bob.comment(posts[0].id, `Remark ${n}, for those who read on.`);
  await until("bob knows ann's post", () => bob.item(mine.id).catch(() => null));
  const answer = await bob.comment(mine.id, "Which book?");
  for (const post of posts.slice(0, 4)) await eve.vote(post.id);
  await bob.vote(theirs.id);
  await until("ann knows every answer and vote", async () => {
    const known = await Promise.all([second, answer].map(({ id }) => ann.item(id).catch(() => null)));
    const top = await ann.api("GET", "top?window=all");
    return known.every((item) => item?.text) && top.filter((item) => item.votes > 0).length >= 5;
  });
  const stop = () => Promise.all([ann, bob, eve].map((node) => node.stop()));
  return { ann, bob, eve, asAnn, asBob, asEve, posts, theirs, mine, first, second, answer, stop };
}
