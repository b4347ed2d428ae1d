// Whatever strangers publish: nothing runs, nothing leaves the page, nothing breaks the layout.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertFits } from "./lib/audit.mjs";
import { figures } from "./lib/artifacts.mjs";
import { closePage, launch, openPage, screenshot } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { forbiddenTitles, payloads } from "./lib/payloads.mjs";
import { openSession } from "./lib/session.mjs";
import { until } from "./lib/until.mjs";

const ALLOWED = "a blockquote br code del em h2 hr li ol p pre span strong ul".split(" ");

let ann, eve, mallory, browser, mine, believe, asAnn;
before(async () => {
  [eve, browser] = await Promise.all([startNode({ name: "eve" }), launch()]);
  mallory = await startNode({ name: "mallory", peers: [eve] });
  ann = await startNode({ name: "ann", peers: [eve, mallory] });
  asAnn = await openSession(ann);
  mine = await ann.post("Ann's own post");
  for (const payload of payloads) {
    Object.assign(payload, await eve.post(payload.title, payload.text));
  }
  believe = await mallory.post("Believe me", "I am you.");
  // Names that pretend: "you", and signs above and below the line.
  await (await openSession(eve)).send("profile", { name: "you", about: "<script>alert(1)</script> **followed**" });
  await (await openSession(mallory)).send("profile", { name: `you ✓ followed Ann${"\u0335\u0489".repeat(8)}` });
  await until("eve knows ann's post", () => eve.item(mine.id).catch(() => null));
  for (const { text } of payloads.slice(0, 12)) await eve.comment(mine.id, text);
  await until("ann has every text and name", async () => {
    const items = await Promise.all(payloads.map(({ id }) => ann.item(id).catch(() => null)));
    const names = (await asAnn.get("?window=all&sort=new")).text;
    return items.every((item) => item?.text) && names.includes("<bdi>you</bdi>") && names.includes("Ann\u0335");
  }, 40);
});
after(() => Promise.all([ann?.stop(), eve?.stop(), mallory?.stop(), browser?.close()]));

/** Asks the page whether anything of the author's became more than text. */
async function assertTame(page, what) {
  const found = await page.evaluate((allowed) => {
    const wrong = [];
    if ("pwned" in globalThis) wrong.push("a script ran");
    for (const element of document.querySelectorAll(".md *")) {
      const tag = element.localName;
      if (!allowed.includes(tag)) wrong.push(`<${tag}>`);
      for (const { name, value } of element.attributes) {
        const good = { a: ["href", "rel", "target"], ol: ["start"], span: ["class"] }[tag] ?? [];
        if (!good.includes(name)) wrong.push(`${tag} ${name}=${value}`);
      }
      if (tag === "a") {
        const { protocol, hostname } = new URL(element.href);
        if (!["http:", "https:", "magnet:"].includes(protocol)) wrong.push(element.href);
        if (["127.0.0.1", "localhost", "[::1]"].includes(hostname)) wrong.push(element.href);
        if (element.target !== "_blank" || !element.rel.includes("noopener")) wrong.push(element.outerHTML);
      }
    }
    // Only what the view itself writes.
    for (const element of document.querySelectorAll("script, style, link, meta, base, iframe, object, embed, img, svg, math, video, audio")) {
      const own = ["upseed.js", "upseed.css", "upseed.svg"].some((file) => (element.src ?? element.href ?? "").includes(`/upseed/assets/${file}?v=`));
      if (!own && !(element.localName === "meta" && !element.httpEquiv)) wrong.push(element.outerHTML);
    }
    for (const element of document.querySelectorAll("*")) {
      for (const { name } of element.attributes) if (/^on|^style$/.test(name)) wrong.push(`${name} on ${element.localName}`);
    }
    if (document.querySelectorAll("main").length !== 1 || document.querySelectorAll("footer").length !== 1) wrong.push("the frame is broken");
    return wrong.slice(0, 5);
  }, ALLOWED);
  assert.deepEqual(found, [], what);
}

/** What must not move whatever stands in the page: the bar on top and the line below. */
function frame(page) {
  return page.evaluate(() => ["header .top", ".strip"].map((what) => {
    const { left, width, top, height } = document.querySelector(what).getBoundingClientRect();
    return [left, width, top, height].map(Math.round);
  }));
}

test(`${payloads.length} payloads as posts, each on its own page at 360 px`, async () => {
  assert.ok(payloads.length >= 40);
  const page = await openPage(browser, ann, { viewport: { width: 360, height: 800 } });
  await page.goto(ann.url("b/upseed"));
  const still = await frame(page);
  const slow = [];
  for (const { id, name } of payloads) {
    const began = Date.now();
    const answer = await page.goto(ann.url(`t/${id}`));
    slow.push([Date.now() - began, name]);
    assert.equal(answer.status(), 200, name);
    await assertTame(page, name);
    await assertFits(page, name);
    assert.deepEqual(await frame(page), still, name);
    assert.deepEqual(page.wrong, [], name);
  }
  for (const name of ["zalgo", "one word of 64 KiB", "emoji", "wide and tall signs", "10,000 nested quotes"]) {
    await page.goto(ann.url(`t/${payloads.find((payload) => payload.name === name).id}`));
    await screenshot(page, `hostile-${name.replaceAll(/\W+/g, "-")}-360`, { fullPage: false });
  }
  slow.sort((a, b) => b[0] - a[0]);
  await figures("hostile-slowest-pages", slow.slice(0, 3).map(([ms, name]) => ({ name, ms })));
  await closePage(page);
});

for (const width of [360, 1280]) {
  test(`lists of them at ${width} px`, async () => {
    const page = await openPage(browser, ann, { viewport: { width, height: 800 } });
    const lists = { new: "?sort=new", "new-2": "?sort=new&after=30", thread: `t/${mine.id}`, inbox: "inbox", search: "search?q=alert", person: `p/${payloads[0].author}`, reply: `reply/${payloads[2].id}` };
    for (const [name, path] of Object.entries(lists)) {
      const answer = await page.goto(ann.url(path));
      assert.equal(answer.status(), 200, name);
      await assertTame(page, name);
      await assertFits(page, name);
      await screenshot(page, `hostile-${name}-${width}`);
    }
    await closePage(page);
  });
}

test("a name cannot be taken for what the view says of somebody", async () => {
  const page = await openPage(browser, ann);
  // A page of the reader's own, with answers of the pretender's: which posts a list of thirty shows is open when all
  // came within a second.
  await page.goto(ann.url(`t/${mine.id}`));
  // The view's own word stands outside of the name's box, and only with the reader's own key.
  const answers = page.locator("#c .by", { has: page.locator("bdi", { hasText: /^you$/ }) });
  assert.equal(await answers.count(), 12);
  assert.equal(await answers.locator(".you, .fo").count(), 0);
  assert.equal(await answers.locator("i").count(), 12);
  assert.equal(await page.locator(".you").count(), 1);
  await page.locator(`#i${mine.id} .you`).waitFor();
  // Nothing in a name reaches out of its box by more than a sign.
  for (const [path, names] of [[`t/${mine.id}`, 12], [`t/${believe.id}`, 1]]) {
    await page.goto(ann.url(path));
    const named = await page.locator(".by", { has: page.locator("bdi") }).all();
    assert.equal(named.length, names, path);
    for (const by of named) {
      const [box, name] = [await by.boundingBox(), await by.locator("bdi").boundingBox()];
      assert.ok(name.x >= box.x - 1 && name.x + name.width <= box.x + box.width + 1 && name.height < 40);
    }
  }
  await closePage(page);
});

test("titles that the format forbids are refused, and it says why", async () => {
  for (const [title, message] of forbiddenTitles) {
    const error = await ann.post(title, "Text").then(() => null, (error) => error);
    assert.equal(error?.status, 422, JSON.stringify(title));
    assert.match(JSON.parse(error.message).error, message);
  }
  const page = await openPage(browser, ann);
  for (const [title, message] of [["safe\u202Egnp.exe", /U\+202E/], [" \u2067x", /U\+2067/]]) {
    await page.goto(ann.url("write?board=upseed"));
    await page.getByLabel("Title").fill(title);
    await page.getByRole("textbox", { name: "Text" }).fill("Text");
    await page.getByRole("button", { name: "Publish" }).click();
    const alert = page.getByRole("alert").filter({ hasText: /.+/ });
    await alert.waitFor();
    assert.match(await alert.textContent(), message);
    assert.equal(await page.getByLabel("Title").inputValue(), title, "what was written stays");
    assert.ok(await page.getByRole("button", { name: "Publish" }).isEnabled());
  }
  // Too long is said while one writes, in characters.
  await page.getByLabel("Title").fill("🦀".repeat(76));
  await page.getByText("Characters over the limit: 1").waitFor();
  assert.equal(await page.getByLabel("Title").evaluate((field) => field.checkValidity()), false);
  page.wrong = page.wrong.filter((what) => !/status of 422/.test(what));
  await closePage(page);
});

test("the same as a preview, and as a feed", async () => {
  const page = await openPage(browser, ann, { viewport: { width: 360, height: 800 } });
  // The rendering is the same; every fifth shows that the page around it is as strict.
  for (const { name, text } of payloads.filter((_, n) => n % 5 === 0)) {
    await page.goto(ann.url("write?board=upseed"));
    await page.getByLabel("Title").fill("A title");
    await page.getByRole("textbox", { name: "Text" }).evaluate((field, value) => { field.value = value; }, text);
    await page.getByRole("button", { name: "Preview" }).click();
    await page.locator(".preview").waitFor();
    await assertTame(page, name);
    await assertFits(page, name);
  }
  await asAnn.send("feed", { do: "create" });
  const token = (await asAnn.get("me")).text.match(/feed=([0-9a-f]+)/)[1];
  const { text } = await ann.raw("GET", `/upseed/rss?sort=new&feed=${token}`);
  await closePage(page);
  // In an empty page: those of the view let no parser take a string.
  const plain = await (await browser.newContext()).newPage();
  const items = await plain.evaluate((xml) => {
    const feed = new DOMParser().parseFromString(xml, "application/xml");
    return feed.querySelector("parsererror")?.textContent ?? feed.querySelectorAll("item").length;
  }, text);
  assert.equal(items, 50);
  await plain.context().close();
});
