// What is asked of the view inside every client's page.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { screenshot, watch } from "./browser.mjs";
import { PATIENCE, until } from "./until.mjs";

/** A page that watches itself, on the proxy's address. */
export async function openHost(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  watch(page, origin);
  return page;
}

/** What the browser says of the frame's vain attempts; it may say it again when another frame comes. */
export const REFUSED = /from origin 'null' has been blocked|(ERR_FAILED|403 \(Forbidden\)).*(\/api\/v2\/|\/transmission\/|\/upseed\/frame)/;

/** The view is there, votes and posts, and what is in it reaches nothing of the client. */
export async function assertWorks(page, { node, origin }, name, forbidden) {
  const frame = page.frameLocator("#upseed-frame");
  await frame.getByText("To be voted on").first().waitFor();
  assert.equal(await page.locator("#upseed-frame").getAttribute("sandbox"), "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads");
  await screenshot(page, `${name}-front`, { fullPage: false });

  // A vote. The first one is explained on a page of its own.
  const [{ id }] = await node.api("GET", "top?window=all");
  await frame.locator(`#i${id} .up`).click();
  await frame.locator("[name=understood]").first().waitFor({ state: "attached" });
  await frame.locator("main form button[type=submit], main form button").first().click();
  await until("the vote is cast", async () => (await node.item(id)).upvoted);
  // Taken back and given again without leaving the page.
  for (const up of [false, true]) {
    await frame.locator(`#i${id} .up`).first().click();
    await until(`upvoted: ${up}`, async () => (await node.item(id)).upvoted === up);
  }

  // A post, with the script and without.
  await frame.locator("a.write").click();
  await frame.locator("[name=title]").fill(`Written in ${name}`);
  await frame.locator("textarea[name=text]").fill("From inside.");
  await frame.locator("button[value=publish]").click();
  await frame.locator("h1").getByText(`Written in ${name}`).waitFor();
  await frame.locator("a.logo").click();
  await frame.getByText(`Written in ${name}`).first().waitFor();
  // A plain form: search by GET.
  await frame.locator("#q").fill("voted");
  await frame.locator("#q").press("Enter");
  await frame.getByText("To be voted on").first().waitFor();

  // What happens elsewhere is told.
  await frame.locator("a.logo").click();
  await frame.getByText("To be voted on").first().waitFor();
  await node.post("Posted meanwhile");
  await frame.locator("#news a").waitFor();

  // Nothing of the client, nor of the page around.
  const inner = page.frames().find((found) => found.url().includes("/upseed/"));
  const tried = await inner.evaluate(async (paths) => {
    const tried = {};
    const attempt = async (name, act) => { try { tried[name] = await act(); } catch (error) { tried[name] = `refused: ${error.name}`; } };
    await attempt("origin", () => (self.origin === "null" ? "refused" : self.origin));
    await attempt("cookie", () => document.cookie || "refused");
    await attempt("parent", () => parent.document.body.textContent);
    await attempt("storage", () => String(localStorage.length));
    for (const path of paths) {
      for (const credentials of ["omit", "include"]) {
        await attempt(`GET ${path} ${credentials}`, async () => (await fetch(path, { credentials })).text());
        await attempt(`POST ${path} ${credentials}`, async () => (await fetch(path, { method: "POST", credentials, body: "a=b" })).text());
      }
      await attempt(`blind ${path}`, async () => ((await fetch(path, { method: "POST", mode: "no-cors", credentials: "include", body: "a=b" })).type === "opaque" ? "refused: opaque" : "read"));
    }
    await attempt("frame token", async () => (await fetch("/upseed/frame", { method: "POST", credentials: "include" })).text());
    return tried;
  }, forbidden);
  for (const [what, result] of Object.entries(tried)) assert.match(result, /^refused/, what);
  // The frame's messages come by a way of their own; the last of them is of the last attempt.
  await until("the browser has said what it refused", () => page.wrong.some((said) => said.includes("ERR_FAILED") && said.includes("/upseed/frame")));

  // New replies are counted on the tab; no other window can say so.
  await inner.evaluate(() => parent.postMessage({ upseed: "unread", unread: 3 }, "*"));
  await page.getByText("Social (3)").first().waitFor();
  await page.evaluate(() => postMessage({ upseed: "unread", unread: 9 }, "*"));
  await inner.evaluate(() => parent.postMessage({ upseed: "unread", unread: 0 }, "*"));
  await page.getByText(/^Social$/).first().waitFor();

  // Who asks for a token and is not the frame gets none.
  let minted = 0;
  page.on("request", (request) => { if (new URL(request.url()).pathname === "/upseed/frame") minted += 1; });
  await page.evaluate(async () => {
    const other = document.createElement("iframe");
    other.srcdoc = '<script>parent.postMessage({ upseed: "token?" }, "*")</script>';
    document.body.append(other);
    postMessage({ upseed: "token?" }, "*");
    await new Promise((done) => setTimeout(done, 300));
    other.remove();
  });
  assert.equal(minted, 0);

  // Nor does another site get into the frame, where it could ask.
  const elsewhere = http.createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end('<script>parent.postMessage({ upseed: "token?" }, "*")</script>');
  });
  elsewhere.listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  let reached = 0;
  elsewhere.on("request", () => { reached += 1; });
  const away = `http://127.0.0.1:${elsewhere.address().port}/`;
  await inner.evaluate((to) => { location.href = to; }, away);
  await until("the browser refuses to show another site there", () => page.wrong.some((said) => said.includes("frame-src") || said.includes("default-src")));
  elsewhere.close();
  assert.equal(reached, 0);
  assert.equal(minted, 0);
  forgive(page, /frame-src|default-src/);
  page.wrong = page.wrong.filter((said) => !said.includes(away));
  await page.evaluate(() => document.getElementById("upseed-frame").remove());
}

/** What the browser says of what the test itself provoked is no fault of the page's. */
export function forgive(page, ...expected) {
  page.wrong = page.wrong.filter((said) => !expected.some((pattern) => pattern.test(said)));
}
