// Deluge Web in Debian's Chromium: log in, press Social, write a post, vote, and go back.
// Usage: deluge.mjs ADDRESS PASSWORD SCREENSHOT COMMAND DATA. Prints what it saw as JSON.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { launch } from "./lib/browser.mjs";
import { PATIENCE } from "./lib/until.mjs";

const [address, password, picture, command, data] = process.argv.slice(2);
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
context.setDefaultTimeout(PATIENCE);
const page = await context.newPage();
const wrong = [];
page.on("pageerror", (error) => wrong.push(`exception: ${error.message}`));
page.on("console", (message) => message.type() === "error" && wrong.push(`${message.text()} (${message.location().url})`));
context.on("request", (request) => {
  if (!request.url().startsWith(address)) wrong.push(`request: ${request.url()}`);
});
try {
  // Nobody who is not logged in gets in by any of the doors.
  const locked = await context.request.get(`${address}json/upseed/`);
  const bare = await context.request.get(`${address}upseed/`);
  const forged = await context.request.get(`${address}upseed/?token=${"0".repeat(64)}`);
  assert.deepEqual([locked.status(), bare.status(), forged.status()], [401, 401, 401]);

  await page.goto(address);
  await page.fill("input[type=password]", password);
  await page.keyboard.press("Enter");
  await page.click("#upseed-button button");
  const frame = page.frameLocator("#upseed-frame");
  await frame.locator("body").waitFor();
  const sandbox = await page.getAttribute("#upseed-frame", "sandbox");
  assert(!sandbox.includes("allow-same-origin"));

  await frame.locator("a[href*='/upseed/write']").first().click();
  await frame.locator("[name=title]").fill("Posted from Deluge's page");
  await frame.locator("[name=text]").fill("Hello from **Deluge**.");
  await frame.locator("button[value=publish]").click();
  await frame.locator("h1, h2").filter({ hasText: "Posted from Deluge's page" }).first().waitFor();
  const inside = page.frames().find((one) => one.url().includes("/upseed/"));
  const id = /\/t\/([0-9a-f]{40})/.exec(inside.url())?.[1];
  // The node tells the page by itself what happens: somebody answers by the command.
  const answer = spawn(command, ["comment", id, "-", "--data", data]);
  answer.stdin.end("An answer.\n");
  await frame.locator("#news").waitFor({ state: "visible" });
  await page.screenshot({ path: picture });
  const reach = await inside.evaluate(async () => {
    const tried = {};
    try { tried.parent = parent.document.title; } catch (error) { tried.parent = error.name; }
    try { tried.cookie = document.cookie; } catch (error) { tried.cookie = error.name; }
    try {
      const answer = await fetch("/json", { method: "POST", body: "{}", credentials: "include" });
      tried.json = answer.status;
    } catch (error) { tried.json = error.name; }
    return tried;
  });
  // Behind another server, below an address of its own.
  const moved = await context.request.get(`${address}upseed/${new URL(inside.url()).search}`,
    { headers: { "X-Deluge-Base": "/deluge" } });
  const text = await moved.text();
  assert(text.includes('"/deluge/upseed/') && !text.includes('"/upseed/'));
  // The same, opened by its own address: still no origin.
  const alone = await context.newPage();
  await alone.goto(`${address}json/upseed/`);
  await alone.locator("body").waitFor();
  const origin = await alone.evaluate(() => self.origin);
  await alone.close();
  await page.click("#upseed-button button");
  await page.locator("#upseed-frame").waitFor({ state: "detached" });
  console.log(JSON.stringify({ id, reach, origin, wrong: wrong.filter((text) => !/\/json\b/.test(text)).slice(0, 5) }));
} catch (error) {
  await page.screenshot({ path: picture }).catch(() => {});
  console.error(error, wrong);
  process.exitCode = 1;
} finally {
  await browser.close();
}
