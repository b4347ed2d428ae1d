// What is asked of the view inside every client's page.
import assert from "node:assert/strict";
import { screenshot, watch } from "./browser.mjs";
import { until } from "./until.mjs";

/** A page that watches itself, on the proxy's address. */
export async function openHost(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  watch(page, origin);
  return page;
}

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
}

/** What the browser says of what the test itself provoked is no fault of the page's. */
export function forgive(page, ...expected) {
  page.wrong = page.wrong.filter((said) => !expected.some((pattern) => pattern.test(said)));
}
