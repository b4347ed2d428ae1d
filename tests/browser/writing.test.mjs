// Writing: drafts that outlive the page, the browser and the node's restart; and a reply that says where it stands.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { keyboard, mouse } from "./lib/hands.mjs";
import { assertLooks } from "./lib/look.mjs";
import { startNode } from "./lib/node.mjs";
import { openSession } from "./lib/session.mjs";
import { until } from "./lib/until.mjs";

let browser, ann, asAnn;
before(async () => {
  [browser, ann] = await Promise.all([launch(), startNode({ name: "ann" })]);
  asAnn = await openSession(ann);
});
after(() => Promise.all([ann?.stop(), browser?.close()]));

const kept = (page) => page.waitForResponse((answer) => answer.url().endsWith("/draft") && answer.request().method() === "POST" && answer.ok());

for (const [hands, width] of [[mouse, 1280], [keyboard, 360]]) {
  const viewport = { width, height: 800 };
  const what = `${hands.name} at ${width} px`;

  test(`drafts are kept for each place, ${what}`, async () => {
    const post = await ann.post(`Asked, ${what}`, "What?");
    const [one, two] = [await ann.comment(post.id, "One"), await ann.comment(post.id, "Two")];
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url(`t/${post.id}`));
    await hands.press(page.locator(`#i${one.id} a.reply`).first());
    await Promise.all([kept(page), hands.write(page.locator("[name=text]"), "Half an answer to one")]);
    await page.getByText("Draft saved.").waitFor();
    await assertLooks(page, "draft");
    // To another comment: what was begun there is empty, and what was begun here stays here.
    await hands.press(page.locator(`#i${two.id} a.reply`).first());
    await page.waitForFunction(() => document.querySelector("[name=text]").value === "");
    await hands.press(page.locator(`#i${one.id} a.reply`).first());
    await page.waitForFunction(() => document.querySelector("[name=text]").value === "Half an answer to one");
    // The last words go with the page.
    await hands.write(page.locator("[name=text]"), "Almost whole");
    await page.goto(ann.url("boards"));
    await until("the node has the last words", async () => JSON.parse((await asAnn.get(`draft?parent=${one.id}`)).text).text === "Almost whole");
    await closePage(page);

    // Another browser.
    const later = await openPage(browser, ann, { viewport });
    await later.goto(ann.url(`reply/${one.id}`));
    assert.equal(await later.locator("[name=text]").inputValue(), "Almost whole");
    await hands.press(later.getByRole("button", { name: "Reply", exact: true }));
    await later.waitForURL(/said=published/);
    // In its place, seen, and with a link to itself.
    const said = later.locator(".re .said").first();
    await said.getByText("Published.").waitFor();
    assert.ok(await said.evaluate((line) => { const { top, bottom } = line.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }));
    await assertLooks(later, "published");
    await hands.press(said.getByRole("link"));
    await later.locator(".post .md").getByText("Almost whole").waitFor();
    await later.goto(ann.url(`reply/${one.id}`));
    assert.equal(await later.locator("[name=text]").inputValue(), "");
    await closePage(later);
  });

  test(`a draft that cannot be kept is said to be lost before the page goes, ${what}`, async () => {
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url("write?board=upseed"));
    await page.route("**/draft", (route) => route.abort());
    await hands.write(page.locator("[name=text]"), "Nobody hears this");
    await page.getByText("The draft could not be saved").waitFor();
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    assert.equal((await asked).type(), "beforeunload");
    page.wrong = page.wrong.filter((said) => !/dialog|ERR_FAILED/.test(said));
    await closePage(page);
  });

  test(`the preview looks as the post will, ${what}`, async () => {
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url("write"));
    await hands.write(page.locator("[name=board]"), "upseed");
    await hands.write(page.locator("[name=title]"), "A title");
    await hands.write(page.locator("[name=text]"), "> Quoted\n\nSaid *so*.");
    await hands.press(page.getByRole("button", { name: "Preview" }));
    await page.locator(".preview").waitFor();
    await assertLooks(page, "preview");
    const look = (within) => page.locator(within).evaluate((text) => {
      const { fontSize, lineHeight, color } = getComputedStyle(text);
      return [fontSize, lineHeight, color, text.innerHTML];
    });
    const title = (within) => page.locator(within).evaluate((text) => getComputedStyle(text).fontSize);
    const before = [await look(".preview .md"), await title(".preview .title")];
    await hands.press(page.getByRole("button", { name: "Publish" }));
    await page.locator(".post h1").getByText("A title").waitFor();
    assert.deepEqual([await look(".post .md"), await title(".post h1")], before);
    await closePage(page);
  });
}
