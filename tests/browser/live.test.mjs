// Two nodes: what one person does changes the other one's open page by itself.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { figures } from "./lib/artifacts.mjs";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { openSession } from "./lib/session.mjs";
import { until } from "./lib/until.mjs";

let ann, bob, browser, post;
before(async () => {
  [ann, browser] = await Promise.all([startNode({ name: "ann" }), launch()]);
  bob = await startNode({ name: "bob", peers: [ann] });
  post = await ann.post("What both look at", "The text.");
  await until("bob reads it", () => bob.item(post.id).then(({ text }) => text).catch(() => null));
  // Both were told what an upvote shows.
  for (const node of [ann, bob]) {
    const session = await openSession(node);
    await session.send("vote", { up: post.id, understood: "1" });
    await session.send("vote", { down: post.id });
  }
  await until("nobody votes", async () => (await ann.item(post.id)).votes === 0 && (await bob.item(post.id)).votes === 0);
});
after(() => Promise.all([ann?.stop(), bob?.stop(), browser?.close()]));

test("the second person's page changes by itself when the first one votes", async () => {
  const [first, second] = [await openPage(browser, bob), await openPage(browser, ann)];
  await first.goto(bob.url());
  await second.goto(ann.url());
  const loads = [];
  second.on("load", () => loads.push(second.url()));
  const score = second.locator(`#i${post.id} .n`);
  assert.equal(await score.textContent(), "0");
  const began = Date.now();
  await first.locator(`#i${post.id}`).getByRole("button", { name: "Upvote" }).click();
  await until("the score is 1", async () => (await score.textContent()) === "1");
  await figures("vote-seen-by-another", { seconds: (Date.now() - began) / 1000 });
  await first.locator(`#i${post.id}`).getByRole("button", { name: "Remove upvote" }).click();
  await until("the score is 0 again", async () => (await score.textContent()) === "0");

  // A comment is counted, and a new post is offered.
  await bob.comment(post.id, "A word from bob.");
  await second.locator(`#i${post.id}`).getByText("1 comment", { exact: true }).waitFor();
  await bob.post("Something new");
  await second.getByRole("link", { name: "New posts available. Refresh" }).click();
  await second.getByRole("link", { name: "Something new" }).waitFor();
  assert.equal(loads.length, 1, "only the last click loaded a page");
  await closePage(first);
  await closePage(second);
});

test("what comes before a page has begun to listen is told too", async () => {
  const page = await openPage(browser, ann);
  let posted;
  const told = new Promise((done) => { posted = done; });
  await page.route("**/api/v1/events*", async (route) => { await told; await route.continue(); });
  await page.goto(ann.url());
  await page.locator(`#i${post.id}`).waitFor();
  await ann.post("Too early for the page");
  posted();
  await page.getByRole("link", { name: "New posts available. Refresh" }).click();
  await page.getByRole("link", { name: "Too early for the page" }).waitFor();
  await closePage(page);
});

test("an open page says when its node has gone, and a vote fails aloud", async () => {
  const eve = await startNode({ name: "eve" });
  const session = await openSession(eve);
  const { id } = await eve.post("Soon away");
  await session.send("vote", { up: id, understood: "1" });
  const page = await openPage(browser, eve);
  await page.goto(eve.url());
  await eve.stop();
  await page.locator(`#i${id}`).locator(".up").click();
  await page.getByRole("alert").filter({ hasText: /.+/ }).waitFor();
  assert.match(await page.getByRole("alert").textContent(), /Is Upseed still running\?/);
  page.wrong = page.wrong.filter((what) => !what.includes("net::ERR_"));
  await closePage(page);
});
