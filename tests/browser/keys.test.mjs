// The keys of Hacker News and Reddit readers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { openSession } from "./lib/session.mjs";
import { until } from "./lib/until.mjs";

let ann, browser, page, posts, first, second;
before(async () => {
  [ann, browser] = await Promise.all([startNode({ name: "ann" }), launch()]);
  posts = [];
  for (const title of ["One", "Two", "Three"]) posts.unshift(await ann.post(title, "Text."));
  first = await ann.comment(posts[1].id, "The first comment");
  second = await ann.comment(first.id, "The answer to it");
  const session = await openSession(ann);
  await session.send("vote", { up: posts[0].id, understood: "1" });
  await session.send("vote", { down: posts[0].id });
  page = await openPage(browser, ann);
});
after(async () => {
  await closePage(page);
  await Promise.all([ann.stop(), browser.close()]);
});

const press = (key) => page.keyboard.press(key);
const chosen = () => page.locator(".sel").evaluateAll((all) => all.map(({ id }) => id));
/** Ids in the order of the page. */
const listed = () => page.locator(".it").evaluateAll((all) => all.map(({ id }) => id));

test("j and k go through a list, enter opens, u and a vote, c shows the comments", async () => {
  await page.goto(ann.url("?sort=new"));
  const ids = await listed();
  assert.equal(ids.length, 3);
  for (const [key, at] of [["j", 0], ["j", 1], ["k", 0], ["k", 0], ["j", 1], ["j", 2], ["j", 2], ["k", 1]]) {
    await press(key);
    assert.deepEqual(await chosen(), [ids[at]], key);
  }
  const id = ids[1].slice(1);
  await press("u");
  await until("the vote is cast", async () => (await ann.item(id)).upvoted);
  await page.locator(`#i${id} .up.on`).waitFor();
  await until("the button can be pressed again", () => page.locator(`#i${id} .up`).isEnabled());
  await press("a");
  await until("the vote is taken back", async () => !(await ann.item(id)).upvoted);
  await press("Enter");
  await page.waitForURL(ann.url(`t/${id}`));
  await page.goBack();
  await press("j");
  await press("c");
  await page.waitForURL(/#c$/);
});

test("in a thread: j and k through the answers, x folds, r answers", async () => {
  await page.goto(ann.url(`t/${posts[1].id}`));
  for (const at of [posts[1], first, second]) {
    await press("j");
    assert.deepEqual(await chosen(), [`i${at.id}`]);
  }
  await press("k");
  const text = page.locator(`#i${second.id} .md`);
  await press("x");
  await text.waitFor({ state: "hidden" });
  // What is folded is not on the way.
  await press("j");
  assert.deepEqual(await chosen(), [`i${first.id}`]);
  await press("x");
  await text.waitFor();
  await press("r");
  await page.keyboard.type("jkau?x/ are letters here");
  assert.equal(await page.locator(".compose textarea").inputValue(), "jkau?x/ are letters here");
  assert.deepEqual(await chosen(), [`i${first.id}`]);
  assert.equal(await page.locator("#keys").getAttribute("open"), null);
  await press("Tab");
  await press("Enter");
  await page.locator(`#i${first.id} .re .md`, { hasText: "jkau?x/ are letters here" }).waitFor();
});

test("/ searches, ? lists the keys, esc leaves, and other programs' keys stay theirs", async () => {
  await page.goto(ann.url());
  await press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  assert.equal(await page.locator("#q").inputValue(), "");
  await press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement), await page.evaluate(() => document.body));
  await press("?");
  const help = page.locator("#keys");
  await help.getByText("next / previous").waitFor();
  for (const key of ["j k", "a u", "↵", "c", "r", "/", "?", "esc"]) await help.locator("kbd", { hasText: key }).first().waitFor();
  await press("Escape");
  await help.getByText("next / previous").waitFor({ state: "hidden" });
  for (const key of ["Control+j", "Alt+j", "Meta+j"]) await press(key);
  assert.deepEqual(await chosen(), []);
});

test("the first tab stop skips to the content, and is seen", async () => {
  await page.goto(ann.url());
  await press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  assert.ok((await skip.boundingBox()).width > 50);
  await press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await press("Tab");
  assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)));
});
