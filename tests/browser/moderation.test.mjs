// Every page on which a reader moderates, at two widths in both colour schemes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { assertLooks } from "./lib/look.mjs";
import { until } from "./lib/until.mjs";
import { startWorld } from "./lib/world.mjs";

let world, browser, eve;
before(async () => {
  [world, browser] = await Promise.all([startWorld(), launch()]);
  const { ann, asAnn, asEve, posts, theirs } = world;
  eve = (await ann.item(theirs.id)).author;
  await asAnn.send("person", { do: "follow", key: eve });
  await asEve.send("label", { id: posts[3].id, value: "spam", reason: "Sells trolleys, and says the same on nine other boards every week" });
  await asEve.send("label", { id: posts[5].id, value: "off-topic", reason: "" });
  await asEve.send("label", { id: posts[6].id, value: "old", reason: "Of 2019" });
  await until("ann has eve's labels", async () => (await ann.api("GET", "moderators?board=upseed")).length === 1);
});
after(() => Promise.all([world?.stop(), browser?.close()]));

async function look(pages) {
  for (const width of [360, 1280]) {
    const page = await openPage(browser, world.ann, { viewport: { width, height: 800 } });
    for (const [name, path] of Object.entries(pages)) {
      assert.equal((await page.goto(world.ann.url(path))).status(), 200, name);
      await page.evaluate(() => document.querySelectorAll(".foldrow details").forEach((row, n) => { row.open = n === 0; }));
      await assertLooks(page, name);
      // A row of controls stands where its neighbours do, without a list's dots.
      const marks = await page.locator(".entries, .people").evaluateAll((lists) => lists.map((list) => getComputedStyle(list).listStyleType));
      assert.ok(marks.every((mark) => mark === "none"), `${name}: ${marks}`);
      // What is folded begins where the titles do.
      const begins = await page.locator(".foldrow summary").evaluateAll((rows) => rows.map((row) => {
        const title = row.closest("ol.list:not(details *)").querySelector("h2");
        return Math.abs(row.getBoundingClientRect().left - title.getBoundingClientRect().left);
      }));
      assert.ok(begins.every((off) => off < 2), `${name}: ${begins}`);
    }
    await closePage(page);
  }
}

test("before anything is subscribed to", () =>
  look({ "board-moderators": "b/upseed", "labels-preview": `labels/${eve}`, "moderation-none": "moderation" }));

test("with a subscription, hidden items, a mute and an exception", async () => {
  const { ann, asAnn, posts } = world;
  const fields = { key: eve, do: "subscribe", value: "spam", action: "fold", other: "fold" };
  assert.equal((await asAnn.send("labels", fields)).status, 303);
  assert.equal((await asAnn.send("keep", { hide: posts[1].id })).status, 303);
  await asAnn.send("moderation", { do: "except", id: posts[6].id });
  await look({
    "board-folded": "b/upseed?window=all",
    "labels-subscribed": `labels/${eve}`,
    moderation: "moderation",
    "person-labeller": `p/${eve}`,
    "thread-labelled": `t/${posts[3].id}`,
  });
  await asAnn.send("person", { do: "mute", key: posts[0].author });
  await until("bob is muted", async () => (await ann.api("GET", `item/${posts[0].id}`).catch(() => ({ muted: true }))).muted !== false);
  await look({ "moderation-muted": "moderation", "board-muted": "b/upseed?window=all" });
});
