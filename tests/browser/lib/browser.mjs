// Debian's Chromium, and pages that watch themselves: what a good page never does fails the test.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { artifacts } from "./artifacts.mjs";
import { PATIENCE } from "./until.mjs";

export async function launch() {
  await mkdir(artifacts, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

/**
 * A page in a fresh profile. `page.wrong` collects console errors, exceptions, dialogs, breaches of
 * the content security policy and requests to anywhere but the node.
 */
export async function openPage(browser, node, { signedIn = true, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  watch(page, node.origin);
  if (options.javaScriptEnabled !== false) {
    await page.exposeBinding("__violation", (_, what) => page.wrong.push(`CSP: ${what}`));
    await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) =>
      globalThis.__violation(`${event.violatedDirective} ${event.blockedURI} ${event.sample} at ${event.sourceFile}:${event.lineNumber}`)));
  }
  if (signedIn) await signIn(page, node);
  return page;
}

export function watch(page, origin) {
  page.wrong = [];
  page.on("console", (message) => {
    // Chromium says this of every answer with such a status; tests that provoke one say so.
    if (["error", "warning"].includes(message.type())) page.wrong.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => page.wrong.push(`exception: ${error.message}`));
  page.on("dialog", (dialog) => { page.wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("popup", (popup) => page.wrong.push(`popup: ${popup.url()}`));
  page.on("download", (download) => page.wrong.push(`download: ${download.url()}`));
  page.context().on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`)) page.wrong.push(`request: ${request.url()}`);
  });
}

export async function signIn(page, node) {
  await page.goto(await node.link());
  await page.waitForURL((url) => !url.pathname.endsWith("/open"));
  await page.waitForLoadState("load");
}

/** Ends the page, after asking whether it did anything it must not. */
export async function closePage(page) {
  await page.context().close();
  assert.deepEqual(page.wrong, []);
}

export function screenshot(page, name, options = {}) {
  return page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true, ...options });
}
