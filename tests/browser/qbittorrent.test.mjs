// The Social tab in qBittorrent's own web UI, behind the proxy, on its default profile.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { closePage, launch, screenshot } from "./lib/browser.mjs";
import { inClient, startQbittorrent } from "./lib/clients.mjs";
import { REFUSED, assertWorks, forgive, openHost } from "./lib/framed.mjs";
import { until } from "./lib/until.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Logs in to the stock web UI, as its user does. */
async function logIn(page, { origin }, client) {
  await page.goto(`${origin}/`);
  await page.locator("#username").fill(client.user);
  await page.locator("#password").fill(client.password);
  await page.locator("#login, #loginButton").first().click();
  await page.locator("#transfersTabLink").waitFor();
}

const list = (page) => page.locator("#torrentsTableDiv, #transfersColumn_spacer, #torrentsTableFixedHeaderDiv").first();

for (const generation of ["here", "trixie"]) {
  describe(`qBittorrent, ${generation}`, () => {
    let client, proxied;
    before(async () => {
      client = await startQbittorrent(generation);
      proxied = await inClient("qbittorrent", client);
      await proxied.node.post("To be voted on", "A text.");
    });
    after(async () => {
      await proxied?.stop();
      await client?.stop();
    });

    test("log in, open the tab, vote and write in it, and go back", async () => {
      const page = await openHost(browser, proxied.origin);
      await page.goto(`${proxied.origin}/`);
      await page.locator("#username").waitFor();
      assert.equal(await page.locator("script[src='/upseed-tab.js']").count(), 0, "the log-in page is as it was");
      await logIn(page, proxied, client);
      await page.locator("#upseedTabLink").click();
      await assertWorks(page, proxied, `qbittorrent-${generation}`, ["/api/v2/app/preferences", "/api/v2/app/version", "/api/v2/auth/logout"]);
      // Still logged in: the frame's POST to log out came to nothing.
      const preferences = await page.evaluate(() => fetch("/api/v2/app/preferences").then((answer) => answer.status));
      assert.equal(preferences, 200);

      // To qBittorrent's own tab, and back to where the view was.
      assert.ok(await list(page).isHidden());
      await page.locator("#transfersTabLink").click();
      await list(page).waitFor();
      assert.ok(await page.locator("#upseed-frame").isHidden());
      assert.equal(await page.locator("#mainWindowTabsList .selected").count(), 1);
      await screenshot(page, `qbittorrent-${generation}-back`, { fullPage: false });
      await page.locator("#searchTabLink").click();
      await page.locator("#upseedTabLink").click();
      await page.frameLocator("#upseed-frame").getByText("To be voted on").first().waitFor();
      assert.equal(await page.locator("#mainWindowTabsList .selected").count(), 1);
      await page.locator("#searchTabLink").click();
      assert.ok(await page.locator("#upseed-frame").isHidden());
      forgive(page, REFUSED);
      await closePage(page);
    });

    test("colours follow, and a lost token is renewed without the reader's help", async () => {
      const page = await openHost(browser, proxied.origin);
      await logIn(page, proxied, client);
      await page.locator("#upseedTabLink").click();
      const frame = page.frameLocator("#upseed-frame");
      await frame.getByText("To be voted on").first().waitFor();
      const dark = () => page.evaluate(() => document.documentElement.classList.contains("dark"));
      const theme = () => frame.locator("html").getAttribute("data-theme");
      assert.equal(await theme(), (await dark()) ? "dark" : "light");
      await page.evaluate(() => document.documentElement.classList.toggle("dark"));
      await until("the view follows", async () => (await theme()) === ((await dark()) ? "dark" : "light"));
      await screenshot(page, `qbittorrent-${generation}-theme`, { fullPage: false });

      // As if the token had gone stale: every address of the page holds a wrong one.
      const inner = page.frames().find((found) => found.url().includes("/upseed/"));
      const [{ id }] = (await proxied.node.api("GET", "top?window=all")).filter(({ title }) => title === "To be voted on");
      const was = (await proxied.node.item(id)).upvoted;
      await inner.evaluate(() => {
        for (const form of document.forms) form.action = form.action.replace(/token=\w+/, "token=stale");
        for (const link of document.links) link.href = link.href.replace(/token=\w+/, "token=stale");
      });
      await frame.locator(`#i${id} .up`).first().click();
      await until("the vote is done all the same", async () => (await proxied.node.item(id)).upvoted !== was);
      // A page that was opened with a stale one goes on by itself.
      await inner.evaluate(() => { location.href = location.href.replace(/token=\w+/, "token=stale"); });
      await frame.getByText("To be voted on").first().waitFor();
      forgive(page, /401 \(Unauthorized\)/);
      await closePage(page);
    });

    test("whoever is not logged in gets no token, and is told", async () => {
      const page = await openHost(browser, proxied.origin);
      await logIn(page, proxied, client);
      await page.context().clearCookies();
      await page.locator("#upseedTabLink").click();
      await page.locator("#upseed-said").getByText("not logged in").waitFor();
      await page.context().close();
    });
  });
}
