// Every page at two widths in both colour schemes: looks kept as screenshots, axe-core, no overflow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { assertLooks } from "./lib/look.mjs";
import { startNode } from "./lib/node.mjs";
import { startWorld } from "./lib/world.mjs";
import { until } from "./lib/until.mjs";

let world, fresh, browser;
before(async () => {
  [world, fresh, browser] = await Promise.all([startWorld(), startNode({ name: "fresh" }), launch()]);
  const { ann, asAnn, posts } = world;
  await asAnn.send("vote", { up: posts[2].id, understood: "1" });
  await asAnn.send("feed", { do: "create" });
  await asAnn.send("person", { do: "follow", key: posts[0].author });
  await until("ann hosts what she upvoted", async () => (await ann.item(posts[2].id)).hosting === "hosting");
});
after(() => Promise.all([world?.stop(), fresh?.stop(), browser?.close()]));

const pages = () => {
  const { posts, mine, second } = world;
  return {
    front: "?window=all",
    week: "?sort=top&window=week",
    hot: "?sort=hot",
    new: "?sort=new",
    board: "b/upseed",
    "board-not-joined": "b/elsewhere",
    thread: `t/${posts[0].id}`,
    "thread-own": `t/${mine.id}`,
    permalink: `t/${second.id}`,
    why: `why/${posts[0].id}`,
    write: "write?board=upseed",
    reply: `reply/${second.id}`,
    person: `p/${posts[0].author}`,
    "person-comments": `p/${posts[0].author}?show=comments`,
    boards: "boards",
    inbox: "inbox",
    search: "search?q=sieve",
    "search-nothing": "search?q=zeppelin",
    me: "me",
    welcome: "welcome",
  };
};

for (const width of [360, 1280]) {
  const viewport = { width, height: 800 };

  test(`every page at ${width} px`, async () => {
    const page = await openPage(browser, world.ann, { viewport });
    const forms = new Set();
    for (const [name, path] of Object.entries(pages())) {
      const answer = await page.goto(world.ann.url(path));
      assert.equal(answer.status(), 200, name);
      await assertLooks(page, name);
      for (const form of await page.locator("form[method=post]").all()) forms.add(await form.getAttribute("action"));
    }
    await closePage(page);
    // No form is a dead end: without the page's token each is refused, and not unknown.
    for (const action of forms) {
      const { status } = await world.asAnn.send(action.replace("/upseed/", ""), { page_token: "", key: world.posts[0].author, do: "", phrase: "" });
      assert.equal(status, 403, action);
    }
  });

  test(`what opens within a page at ${width} px`, async () => {
    const { ann, posts } = world;
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url(`t/${posts[0].id}`));
    await page.getByText("Why is this here?").click();
    await page.getByText("more", { exact: true }).click();
    await page.getByText("Write a comment").click();
    await assertLooks(page, "thread-open");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByText("show this list").waitFor();
    await assertLooks(page, "keys");
    await page.goto(ann.url("me"));
    await page.getByRole("button", { name: "Show the 24 words" }).click();
    await page.getByRole("heading", { name: "Your 24 words" }).waitFor();
    await assertLooks(page, "backup");
    await page.goto(ann.url("write?board=upseed"));
    await page.getByLabel("Title").fill("A preview");
    await page.getByRole("textbox", { name: "Text" }).fill("# Big words\n\nand *small* ones\n\n- one\n- two");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByRole("region", { name: "Preview" }).waitFor();
    await assertLooks(page, "preview");
    await closePage(page);
  });

  test(`before any key exists, at ${width} px`, async () => {
    const page = await openPage(browser, fresh, { viewport });
    const first = { "fresh-welcome": "welcome", "fresh-empty": "", "fresh-me": "me", "fresh-write": "write", "fresh-inbox": "inbox" };
    for (const [name, path] of Object.entries(first)) {
      await page.goto(fresh.url(path));
      await assertLooks(page, name);
    }
    await closePage(page);
  });
}

test("pages that cannot be shown", async () => {
  const page = await openPage(browser, fresh, { viewport: { width: 360, height: 800 } });
  for (const [name, path] of [["unknown-item", `t/${"ab".repeat(20)}`], ["unknown-person", "p/nobody"]]) {
    const answer = await page.goto(fresh.url(path));
    assert.equal(answer.status(), 404, name);
    await assertLooks(page, name);
  }
  await page.context().clearCookies();
  assert.equal((await page.goto(fresh.url())).status(), 401);
  await assertLooks(page, "signed-out");
  // Chromium reports each such answer on the console.
  page.wrong = page.wrong.filter((what) => !/status of (401|404)/.test(what));
  await closePage(page);
});
