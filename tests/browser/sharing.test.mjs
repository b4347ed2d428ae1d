// Sharing, saving, hiding, editing and retracting, by hand: mouse and keyboard, two widths, both colour schemes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { keyboard, mouse } from "./lib/hands.mjs";
import { assertLooks } from "./lib/look.mjs";
import { startNode } from "./lib/node.mjs";
import { until } from "./lib/until.mjs";

const TEXT = "Sow them in *March*.";

let browser, bob, ann;
before(async () => {
  // Ann is in no board of bob's, and knows nobody.
  [browser, bob, ann] = await Promise.all([launch(), startNode({ name: "bob" }), startNode({ name: "ann" })]);
  await bob.api("POST", "boards", { board: "garden", trackers: [] });
});
after(() => Promise.all([bob?.stop(), ann?.stop(), browser?.close()]));

/** A post that its author hosts. */
async function hosted(title) {
  const post = await bob.post(title, TEXT, "garden");
  await until("bob hosts it", async () => (await bob.item(post.id)).hosting === "hosting");
  return post;
}

for (const [hands, width] of [[mouse, 1280], [keyboard, 360], [mouse, 360], [keyboard, 1280]]) {
  const what = `${hands.name} at ${width} px`;
  const viewport = { width, height: 800 };

  test(`a shared text opens on a node that is in no board of it, ${what}`, async () => {
    const post = await hosted(`Peas, ${what}`);
    const theirs = await openPage(browser, bob, { viewport, permissions: ["clipboard-read", "clipboard-write"] });
    await theirs.goto(bob.url(`t/${post.id}`));
    await hands.press(theirs.locator(".post .do a", { hasText: "share" }));
    await theirs.getByRole("heading", { name: "Share" }).waitFor();
    await assertLooks(theirs, "share");
    await hands.press(theirs.getByRole("button", { name: "Include my address" }));
    await hands.press(theirs.getByRole("button", { name: "Copy" }));
    await theirs.getByRole("button", { name: "Copied." }).waitFor();
    const text = await theirs.evaluate(() => navigator.clipboard.readText());
    assert.match(text, new RegExp(`^Peas, ${what} \\n\\nmagnet:\\?xt=urn:btih:${post.id}&`));
    await hands.press(theirs.getByRole("button", { name: "Leave my address out" }));
    await theirs.getByRole("button", { name: "Include my address" }).waitFor();
    await closePage(theirs);

    const mine = await openPage(browser, ann, { viewport, permissions: ["clipboard-read", "clipboard-write"] });
    await mine.goto(ann.url("boards"));
    assert.equal((await ann.api("GET", "boards")).some(({ name }) => name === "garden"), false);
    // As it is pasted, all in one line.
    await mine.evaluate((text) => navigator.clipboard.writeText(text), text);
    await mine.locator("#q").focus();
    await mine.keyboard.press("ControlOrMeta+v");
    await mine.keyboard.press("Enter");
    await mine.locator("h1").getByText(`Peas, ${what}`).waitFor();
    assert.match(await mine.locator(".post .md").innerHTML(), /<em>March<\/em>/);
    // Known now, it is opened at once by its bare infohash.
    await hands.write(mine.locator("#q"), post.id);
    await mine.keyboard.press("Enter");
    await mine.waitForURL(ann.url(`t/${post.id}`));
    await closePage(mine);
  });

  test(`saving and hiding, and undoing both, ${what}`, async () => {
    const [kept, gone] = [await hosted(`Kept, ${what}`), await hosted(`Gone, ${what}`)];
    const page = await openPage(browser, ann, { viewport });
    for (const { id } of [kept, gone]) await ann.api("GET", `item?wait=300&id=${encodeURIComponent(`magnet:?xt=urn:btih:${id}&x.pe=127.0.0.1:${bob.swarmPort}`)}`);
    const list = ann.url("b/garden?sort=new");
    await page.goto(list);
    await hands.press(page.locator(`#i${kept.id} button[name=save]`));
    await page.locator(`#i${kept.id} button[name=unsave]`).waitFor();
    await hands.press(page.locator(`#i${gone.id} button[name=hide]`));
    await page.locator(`#i${gone.id}`).waitFor({ state: "detached" });
    await page.goto(ann.url("me"));
    await hands.press(page.getByRole("link", { name: "Saved", exact: true }));
    await page.getByText(`Kept, ${what}`).waitFor();
    await assertLooks(page, "saved");
    assert.equal((await ann.item(kept.id)).upvoted, false);
    await hands.press(page.locator(`#i${kept.id} button[name=unsave]`));
    await page.locator(`#i${kept.id} button[name=save]`).waitFor();
    await page.goto(ann.url("me"));
    await hands.press(page.getByRole("link", { name: "Hidden", exact: true }));
    await hands.press(page.locator("#hidden li", { hasText: `Gone, ${what}` }).getByRole("button"));
    await until("it is shown again", async () => !(await ann.item(gone.id)).hidden);
    await page.goto(list);
    await page.getByText(`Gone, ${what}`).waitFor();
    await closePage(page);
  });

  test(`writing anew and retracting, ${what}`, async () => {
    const post = await hosted(`A tyop, ${what}`);
    const page = await openPage(browser, bob, { viewport });
    await page.goto(bob.url(`t/${post.id}`));
    await hands.press(page.locator(".post .do a", { hasText: "edit" }));
    await page.getByRole("heading", { name: "Edit" }).waitFor();
    await assertLooks(page, "edit");
    assert.equal(await page.locator("[name=text]").inputValue(), TEXT);
    await hands.write(page.locator("[name=title]"), `A typo, ${what}`);
    await hands.press(page.getByRole("button", { name: "Publish and retract the old one" }));
    await page.locator("h1").getByText(`A typo, ${what}`).waitFor();
    await until("the old one is retracted", async () => (await bob.item(post.id)).retracted);
    await hands.press(page.locator(".post .do a", { hasText: "retract" }));
    await page.getByText("This cannot be undone").waitFor();
    await assertLooks(page, "retract");
    await hands.press(page.getByRole("button", { name: "Retract" }));
    await page.getByText("The author has asked hosts to stop hosting this").waitFor();
    await closePage(page);
  });

  test(`people who are followed, ${what}`, async () => {
    const { author } = await hosted(`Followed, ${what}`).then(({ id }) => bob.item(id));
    await ann.api("POST", "follows", { key: author, follow: true });
    const page = await openPage(browser, ann, { viewport });
    await page.goto(ann.url());
    await hands.press(page.getByRole("link", { name: "Following", exact: true }));
    await page.getByText(/^(Kept|Gone|Peas)/).first().waitFor();
    await assertLooks(page, "following-tab");
    await page.goto(ann.url("following"));
    await assertLooks(page, "following");
    await hands.press(page.getByRole("button", { name: "Unfollow" }));
    await page.getByText("You are not following anyone yet").waitFor();
    await closePage(page);
  });
}

test("without script all of it works by forms", async () => {
  const post = await hosted("Plain peas");
  const page = await openPage(browser, bob, { javaScriptEnabled: false });
  await page.goto(bob.url(`t/${post.id}`));
  await page.locator(".post button[name=save]").click();
  await page.locator(".said").getByText("Saved").waitFor();
  await page.locator(".post .do a", { hasText: "share" }).click();
  const text = await page.locator("#share").inputValue();
  await closePage(page);
  const other = await openPage(browser, ann, { javaScriptEnabled: false });
  await other.goto(ann.url());
  const link = text.split(" ").find((word) => word.trim().startsWith("magnet:")).trim();
  await other.locator("#q").fill(`${link}&x.pe=127.0.0.1:${bob.swarmPort}`);
  await other.locator("#q").press("Enter");
  await other.getByText("This is not on this node yet").waitFor();
  await other.getByRole("button", { name: "Open", exact: true }).click();
  await other.locator("h1").getByText("Plain peas").waitFor();
  await closePage(other);
});

test("an address that leads nowhere is a page, and what cannot be found says so", async () => {
  const page = await openPage(browser, ann, { viewport: { width: 360, height: 800 } });
  assert.equal((await page.goto(ann.url("nowhere"))).status(), 404);
  await page.getByRole("heading", { name: "Not found" }).waitFor();
  page.wrong = page.wrong.filter((what) => !what.includes("404"));
  await assertLooks(page, "nowhere");
  await page.goto(ann.url(`search?q=${"7".repeat(40)}`));
  await page.getByText("This is not on this node yet").waitFor();
  await assertLooks(page, "open-link");
  await closePage(page);
});
