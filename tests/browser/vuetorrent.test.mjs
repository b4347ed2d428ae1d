// The same in VueTorrent, the other web UI of qBittorrent. Its files are not ours to carry: they are
// in UPSEED_VUETORRENT, or where `git clone -b latest-release https://github.com/VueTorrent/VueTorrent
// ~/.cache/upseed/vuetorrent` puts them.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { closePage, launch, screenshot } from "./lib/browser.mjs";
import { inClient, startQbittorrent } from "./lib/clients.mjs";
import { REFUSED, assertWorks, forgive, openHost } from "./lib/framed.mjs";
import { until } from "./lib/until.mjs";

const ui = process.env.UPSEED_VUETORRENT ?? join(homedir(), ".cache/upseed/vuetorrent");
// It asks for an optional backend of its own, and GitHub for its newest version.
const OWN = /\/backend\/ping|api\.github\.com/;
const missing = !existsSync(join(ui, "public/index.html"));
if (missing) console.error(`NOT TESTED: VueTorrent is not in ${ui}`);

describe("VueTorrent", { skip: missing && `VueTorrent is not in ${ui}` }, () => {
  let browser, client, proxied;
  before(async () => {
    browser = await launch();
    client = await startQbittorrent("trixie", { ui });
    proxied = await inClient("qbittorrent", client);
    await proxied.node.post("To be voted on", "A text.");
  });
  after(async () => {
    await browser?.close();
    await proxied?.stop();
    await client?.stop();
  });

  test("open the view in the drawer, vote and write in it, and go back", async () => {
    const page = await openHost(browser, proxied.origin);
    await page.goto(`${proxied.origin}/`);
    await page.locator("input[type=text], input[autocomplete=username]").first().fill(client.user);
    await page.locator("input[type=password]").fill(client.password);
    await page.locator("input[type=password]").press("Enter");
    await page.locator("#upseedTabLink").click();
    await assertWorks(page, proxied, "vuetorrent", ["/api/v2/app/preferences"]);
    await page.locator(".v-app-bar .title-wrapper").click();
    await until("the frame is hidden", () => page.locator("#upseed-frame").isHidden());
    await screenshot(page, "vuetorrent-back", { fullPage: false });
    await page.locator("#upseedTabLink").click();
    await page.frameLocator("#upseed-frame").getByText("To be voted on").first().waitFor();
    const html = page.frameLocator("#upseed-frame").locator("html");
    const button = page.locator(".v-navigation-drawer .mdi-brightness-auto, .v-navigation-drawer [class*=mdi-theme], .v-navigation-drawer [class*=mdi-weather], .v-navigation-drawer [class*=mdi-brightness]").first();
    const dark = () => page.locator(".v-application").evaluate((app) => Number(/\d+/.exec(getComputedStyle(app).backgroundColor)[0]) < 128);
    assert.equal(await html.getAttribute("data-theme"), (await dark()) ? "dark" : "light");
    // As the system, light, dark.
    const was = await dark();
    await until("VueTorrent is of the other colour", async () => {
      await button.click();
      return (await dark()) !== was;
    });
    await until("the colours follow", async () => (await html.getAttribute("data-theme")) === (was ? "light" : "dark"));
    await screenshot(page, "vuetorrent-theme", { fullPage: false });
    // Its service worker keeps a page of its own, which has the script as well.
    await page.reload();
    await page.locator("#upseedTabLink").click();
    await page.frameLocator("#upseed-frame").getByText("To be voted on").first().waitFor();
    forgive(page, OWN, REFUSED);
    await closePage(page);
  });
});
