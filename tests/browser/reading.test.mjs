// Reading: threads in an order, folded branches and people, marks of what is new, density, many boards, right to left.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { keyboard, mouse } from "./lib/hands.mjs";
import { assertLooks } from "./lib/look.mjs";
import { startNode } from "./lib/node.mjs";
import { until } from "./lib/until.mjs";

let browser, ann, eve, post, hebrew, comments;
before(async () => {
  browser = await launch();
  eve = await startNode({ name: "eve" });
  ann = await startNode({ name: "ann", peers: [eve] });
  post = await ann.post("A thread", "With answers.");
  hebrew = await ann.post("קריאה שקטה: ספרים שלא תורגמו", "שלום.");
  for (let n = 0; n < 22; n += 1) await ann.post(`Item ${n}: a title of about the length that most titles have`, "Text.");
  await until("eve knows the thread", () => eve.item(post.id).catch(() => null));
  const [first, theirs] = [await ann.comment(post.id, "First"), await eve.comment(post.id, "Eve's own words")];
  await until("both know both", async () => (await ann.item(theirs.id).catch(() => null))?.text);
  const below = await ann.comment(theirs.id, "An answer to eve");
  const deeper = await ann.comment(below.id, "And one to that");
  comments = { first, theirs, below, deeper };
});
after(() => Promise.all([ann?.stop(), eve?.stop(), browser?.close()]));

for (const [hands, width] of [[mouse, 1280], [keyboard, 360]]) {
  const viewport = { width, height: 800 };
  const what = `${hands.name} at ${width} px`;

  test(`a thread is sorted, and a branch that is shut says what it holds, ${what}`, async () => {
    const { first, theirs, below } = comments;
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url(`t/${post.id}`));
    assert.equal(await page.locator(".count").textContent(), "4 comments");
    const order = () => page.locator("#c > .re").evaluateAll((all) => all.map(({ id }) => id.slice(1)));
    await hands.press(page.getByRole("link", { name: "New", exact: true }));
    await page.waitForURL(/sort=new/);
    assert.deepEqual(await order(), [theirs.id, first.id]);
    await hands.press(page.getByRole("link", { name: "Old", exact: true }));
    await page.waitForURL(/sort=old/);
    assert.deepEqual(await order(), [first.id, theirs.id]);
    await hands.press(page.locator(`#i${theirs.id} > details > summary`));
    await page.locator(`#i${theirs.id} > details > summary`).getByText("2 replies").waitFor();
    await page.locator(`#i${below.id}`).waitFor({ state: "hidden" });
    await assertLooks(page, "thread-shut");
    await closePage(page);
  });

  test(`muting folds what that person wrote and nothing else, ${what}`, async () => {
    const { theirs, below } = comments;
    const { author } = await ann.item(theirs.id);
    await ann.api("POST", "mutes", { key: author, mute: true });
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url(`t/${post.id}`));
    await page.getByText("1 comment by somebody you muted is folded.").waitFor();
    await page.locator(`#i${below.id}`).getByText("An answer to eve").waitFor();
    assert.equal(await page.getByText("Eve's own words").isVisible(), false);
    await assertLooks(page, "thread-muted");
    await hands.press(page.locator(`#i${theirs.id} .muted > summary`));
    await page.getByText("Eve's own words").waitFor();
    await closePage(page);
    await ann.api("POST", "mutes", { key: author, mute: false });
  });

  test(`a dense list has eighteen numbered posts on one screen, ${what}`, async () => {
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url("me"));
    await hands.choose(page.locator("[name=density]"), "Compact");
    await hands.press(page.locator("form:has([name=density]) button"));
    await page.locator(".said").getByText("Saved").waitFor();
    await page.goto(ann.url("?sort=new"));
    const fits = await page.locator(".it").evaluateAll((rows) => rows.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length);
    if (width === 1280) assert.ok(fits >= 18, `${fits} posts`);
    assert.match(await page.locator(".it").first().evaluate((row) => getComputedStyle(row, "::before").content), /counter\(list-item\)/);
    await assertLooks(page, "compact");
    await page.goto(ann.url("me"));
    await hands.choose(page.locator("[name=density]"), "Comfortable");
    await hands.press(page.locator("form:has([name=density]) button"));
    await page.locator(".said").getByText("Saved").waitFor();
    await closePage(page);
  });

  test(`what stands around a title from right to left is from right to left, ${what}`, async () => {
    const page = await openPage(browser, ann, { viewport });
    for (const path of ["?sort=new", `t/${hebrew.id}`]) {
      await page.goto(ann.url(path));
      const byline = page.locator(`#i${hebrew.id} > .mt`);
      assert.equal(await byline.evaluate((line) => getComputedStyle(line).direction), "rtl");
      assert.equal(await byline.evaluate((line) => {
        const title = line.parentElement.querySelector("h1, h2"), range = document.createRange();
        range.selectNodeContents(title);
        return Math.abs(range.getBoundingClientRect().right - line.querySelector(".by").getBoundingClientRect().right) < 6;
      }), true, "both begin at the right");
      await assertLooks(page, `rtl-${path.slice(0, 1) === "t" ? "thread" : "list"}`);
    }
    await closePage(page);
  });
}

test("what came since the last visit is marked", async () => {
  const page = await openPage(browser, ann);
  const seen = (path) => Promise.all([page.waitForResponse((answer) => answer.url().endsWith("/seen")), page.goto(ann.url(path))]);
  await seen(`t/${post.id}`);
  // Times are told in seconds.
  const before = Math.floor(Date.now() / 1000);
  await until("the second is over", () => Math.floor(Date.now() / 1000) > before + 1);
  const later = await eve.comment(post.id, "Said later");
  await until("ann has it", async () => (await ann.item(later.id).catch(() => null))?.text);
  await page.goto(ann.url(`t/${post.id}`));
  await page.locator(`#i${later.id} > .mt`).getByText("new", { exact: true }).waitFor();
  assert.equal(await page.locator(".re > .mt .fo", { hasText: /^new$/ }).count(), 1);
  // And in the title how many replies were not seen.
  assert.match(await page.title(), /^\(\d+\) A thread/);
  await closePage(page);
});

test("forty boards are picked from at 360 px", async () => {
  for (let n = 0; n < 40; n += 1) await ann.api("POST", "boards", { board: `board-number-${n}`, trackers: [] });
  const page = await openPage(browser, ann, { viewport: { width: 360, height: 800 } });
  await page.goto(ann.url());
  await assertLooks(page, "many-boards");
  await keyboard.press(page.locator(".many summary"));
  await page.getByRole("link", { name: "board-number-39" }).waitFor();
  await assertLooks(page, "many-boards-open");
  await keyboard.press(page.getByRole("link", { name: "board-number-39" }));
  await page.waitForURL(/board-number-39/);
  await closePage(page);
});
