// How much is sent for a first page, and how a long thread opens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { figures } from "./lib/artifacts.mjs";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { openSession } from "./lib/session.mjs";

/** Comments of the long thread. Each takes about 40 ms of proof of work: 5000 take three minutes. */
const COMMENTS = Number(process.env.UPSEED_THREAD ?? 260);
const DEEP = 40;

let ann, browser;
before(async () => { [ann, browser] = await Promise.all([startNode({ name: "ann" }), launch()]); });
after(() => Promise.all([ann?.stop(), browser?.close()]));

/** Bytes on the wire, headers and all, of everything that a page loads. */
async function weigh(page, act) {
  const debug = await page.context().newCDPSession(page);
  await debug.send("Network.enable");
  const urls = new Map(), sizes = {};
  debug.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, new URL(request.url)));
  debug.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const { pathname } = urls.get(requestId) ?? {};
    if (pathname) sizes[pathname] = (sizes[pathname] ?? 0) + encodedDataLength;
  });
  await act();
  await page.waitForTimeout(300);
  await debug.detach();
  return sizes;
}

test("a first page of 30 items is at most 60 kB, with everything that it needs", async () => {
  for (let n = 0; n < 31; n += 1) await ann.post(`Item ${n}: a title of about the length that most titles have`, "Text.");
  const page = await openPage(browser, ann, { signedIn: false });
  await (await openSession(ann)).send("profile", { name: "A name of usual length" });
  // A browser that was never here: only the cookie.
  await signInBare(page);
  const sizes = await weigh(page, () => page.goto(ann.url("?window=all")));
  assert.equal(await page.locator(".it").count(), 30);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  for (const file of ["upseed.js", "upseed.css", "upseed.svg"]) assert.ok(sizes[`/upseed/assets/${file}`] > 0, `${file} was loaded: ${JSON.stringify(sizes)}`);
  const again = await weigh(page, () => page.goto(ann.url("?window=all")));
  const second = Object.values(again).reduce((sum, size) => sum + size, 0);
  await figures("transfer-bytes", { total, ...sizes, second });
  assert.ok(total <= 60_000, `${total} bytes: ${JSON.stringify(sizes)}`);
  assert.ok(second < total);
  await closePage(page);
});

/** Signs in without loading any asset. */
async function signInBare(page) {
  const { cookie } = await openSession(ann);
  const [name, value] = cookie.split("=");
  await page.context().addCookies([{ name, value, url: `${ann.origin}/upseed`, httpOnly: true, sameSite: "Strict" }]);
}

test(`a thread of ${COMMENTS} comments opens in pieces`, async () => {
  const post = await ann.post("A long thread", "Go on.");
  const wanted = new Set();
  const next = Array.from({ length: COMMENTS }, (_, n) => n);
  const write = async () => {
    for (let n = next.shift(); n !== undefined; n = next.shift()) wanted.add(`i${(await ann.comment(post.id, `Comment number ${n}`)).id}`);
  };
  await Promise.all([write(), write(), write()]);
  const page = await openPage(browser, ann);
  const seen = new Set();
  const pieces = [];
  for (let href = `t/${post.id}`; href;) {
    const began = performance.now();
    const answer = await page.goto(new URL(href, ann.url()).href);
    const ids = await page.locator(".re").evaluateAll((all) => all.map(({ id }) => id));
    pieces.push({ comments: ids.length, ms: Math.round(performance.now() - began), kilobytes: Math.round((await answer.body()).length / 1000) });
    assert.ok(ids.length <= 400);
    for (const id of ids) {
      assert.ok(!seen.has(id), "no comment comes twice");
      seen.add(id);
    }
    const more = page.locator("#c > .more a");
    const left = COMMENTS - seen.size;
    assert.equal(await more.count(), left > 0 ? 1 : 0);
    if (left > 0) assert.match(await more.textContent(), /more repl(y|ies)/);
    href = left > 0 && await more.getAttribute("href");
  }
  assert.deepEqual([...seen].sort(), [...wanted].sort());
  assert.ok(pieces.length > 1);
  await figures("long-thread", { comments: COMMENTS, pieces: pieces.length, first: pieces[0], slowest: Math.max(...pieces.map(({ ms }) => ms)) });
  await closePage(page);
});

test(`a conversation of ${DEEP} turns is continued on a page of its own`, async () => {
  const post = await ann.post("A deep thread", "Down.");
  const chain = [];
  for (let n = 0, parent = post; n < DEEP; n += 1) chain.push(parent = await ann.comment(parent.id, `Turn ${n}`));
  const page = await openPage(browser, ann, { viewport: { width: 360, height: 800 } });
  await page.goto(ann.url(`t/${post.id}`));
  assert.equal(await page.locator(".re").count(), 24);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await page.getByRole("link", { name: "continue this thread" }).or(page.locator(".re .more a")).last().click();
  await page.getByText(`Turn ${DEEP - 1}`, { exact: true }).waitFor();
  await closePage(page);
});
