// A thousand keys upvote one post at the node of somebody who follows three people, and she looks at her pages.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { closePage, launch, openPage, screenshot } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { until } from "./lib/until.mjs";

const KEYS = 1000;

let nodes = [], browser, attacker;
before(async () => { browser = await launch(); });
after(async () => {
  attacker?.stdin.end();
  await Promise.all([...nodes.map((node) => node.stop()), browser?.close()]);
});

/** Has a thousand keys vote at this node, and gives the id of their post. */
async function attack(node) {
  attacker = spawn(process.env.UPSEED_ATTACKER, [`127.0.0.1:${node.swarmPort}`], { stdio: ["pipe", "pipe", "inherit"] });
  let said = "";
  attacker.stdout.setEncoding("utf8").on("data", (part) => { said += part; });
  return until("the attacker names the post", () => said.includes("\n") && said.trim());
}

test("a thousand keys are below what three people upvoted, and the pages say why", async () => {
  const ann = await startNode({ name: "ann" });
  nodes = [ann, ...await Promise.all(["bob", "cyd", "dan", "vera"].map((name) => startNode({ name, peers: [ann] })))];
  const [, bob, cyd, dan, vera] = nodes;
  const good = [];
  for (const node of [ann, bob, cyd, dan]) good.push((await node.post(`Good words of ${node.name}`)).id);
  const listed = async (node) => new Map((await node.api("GET", "top?window=all")).map((item) => [item.id, item]));
  for (const node of nodes) await until(`${node.name} has all posts`, async () => (await listed(node)).size === good.length);
  // Each is upvoted by one other person. Vera does not follow Dan; Cyd does.
  for (const [voter, post] of [[bob, 0], [ann, 1], [dan, 2], [bob, 3]]) await voter.vote(good[post]);
  const follow = async (node, other) => {
    const { author } = await other.api("GET", "identity");
    await node.api("POST", "follows", { key: author, follow: true });
  };
  await follow(cyd, dan);
  for (const other of [ann, bob, cyd]) await follow(vera, other);
  await until("all of it counts", async () => [...(await listed(vera)).values()].every((item) => item.score > 0));

  const junk = await attack(vera);
  await until("a thousand votes are counted", async () => (await listed(vera)).get(junk)?.votes === KEYS);

  const page = await openPage(browser, vera);
  for (const sort of ["top", "hot"]) {
    await page.goto(vera.url(`?sort=${sort}&window=all`));
    const order = await page.locator("li.it").evaluateAll((found) => found.map((item) => item.id));
    assert.equal(order.length, good.length + 1);
    assert.equal(order.at(-1), `i${junk}`, `${sort}: the junk is last`);
    assert.equal(await page.locator(`#i${junk} .n`).textContent(), String(KEYS), "its votes are shown as they are");
  }
  await screenshot(page, "thousand-keys-top");

  await page.goto(vera.url("?sort=new"));
  const fold = page.locator("details.unknown");
  assert.equal(await page.locator(`#i${junk}`).isVisible(), false, "what nobody known wrote is folded");
  for (const id of good) assert.equal(await page.locator(`#i${id}`).isVisible(), true);
  await fold.locator("summary").click();
  assert.equal(await fold.locator(`#i${junk}`).isVisible(), true);
  await screenshot(page, "thousand-keys-new");

  await page.goto(vera.url(`why/${junk}`));
  await page.getByText("1000 strangers upvoted it").waitFor();
  await screenshot(page, "thousand-keys-why");
  await closePage(page);
});
