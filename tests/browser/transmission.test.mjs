// The Social button in Transmission's own web UI, behind the proxy: with a password, and on the
// default profile, which has none.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { closePage, launch, screenshot } from "./lib/browser.mjs";
import { inClient, startTransmission } from "./lib/clients.mjs";
import { REFUSED, assertWorks, forgive, openHost } from "./lib/framed.mjs";
import { until } from "./lib/until.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// A session begins with a 409, which Transmission's page knows and Chromium reports.
const SESSION = /409 \(Conflict\)/;

for (const generation of ["here", "trixie"]) {
  for (const password of [undefined, "secret"]) {
    const name = `transmission-${generation}${password ? "-password" : ""}`;
    describe(name, () => {
      let client, proxied;
      const credentials = password && { httpCredentials: { username: "ann", password } };
      before(async () => {
        client = await startTransmission(generation, { password });
        proxied = await inClient("transmission", client);
        await proxied.node.post("To be voted on", "A text.");
      });
      after(async () => {
        await proxied?.stop();
        await client?.stop();
      });

      test("open the view, vote and write in it, and go back", async () => {
        const page = await openHost(browser, proxied.origin, credentials);
        await page.goto(`${proxied.origin}/`);
        assert.equal(new URL(page.url()).pathname.startsWith("/transmission/web/"), true, page.url());
        await page.locator("#toolbar-upseed").click();
        await assertWorks(page, proxied, name, ["/transmission/rpc", "/transmission/web/"]);
        forgive(page, SESSION, REFUSED);
        await page.locator("#toolbar-upseed").click();
        assert.ok(await page.locator("#upseed-frame").isHidden());
        assert.ok(await page.locator("#filter-mode").first().isVisible());
        await screenshot(page, `${name}-back`, { fullPage: false });
        await page.locator("#toolbar-upseed").click();
        await page.frameLocator("#upseed-frame").getByText("To be voted on").first().waitFor();
        // Transmission's own requests go on: they are the page's, with its session.
        const session = await page.evaluate(async () => {
          const ask = (id) => fetch("/transmission/rpc", { method: "POST", headers: { "X-Transmission-Session-Id": id }, body: '{"method":"session-get"}' });
          const first = await ask("");
          return (await ask(first.headers.get("X-Transmission-Session-Id"))).json();
        });
        assert.equal(session.result, "success");
        forgive(page, SESSION, REFUSED);
        await closePage(page);
      });

      test("dark and light", async () => {
        const page = await openHost(browser, proxied.origin, { ...credentials, colorScheme: "dark" });
        await page.goto(`${proxied.origin}/transmission/web/`);
        await page.locator("#toolbar-upseed").click();
        const html = page.frameLocator("#upseed-frame").locator("html");
        await page.frameLocator("#upseed-frame").getByText("To be voted on").first().waitFor();
        const wanted = generation === "here" ? "light" : "dark";
        assert.equal(await html.getAttribute("data-theme"), wanted);
        await screenshot(page, `${name}-dark`, { fullPage: false });
        await page.emulateMedia({ colorScheme: "light" });
        await until("the view follows", async () => (await html.getAttribute("data-theme")) === "light");
        forgive(page, SESSION);
        await closePage(page);
      });

      test("on a phone", async () => {
        const page = await openHost(browser, proxied.origin, { ...credentials, viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
        await page.goto(`${proxied.origin}/transmission/web/`);
        await page.locator("#toolbar-upseed").click();
        await page.frameLocator("#upseed-frame").getByText("To be voted on").first().waitFor();
        // Transmission's own menu stays in reach.
        const menu = await page.locator("#toolbar-overflow, #toolbar-inspector").last().boundingBox();
        assert.ok(menu.x + menu.width <= 392, JSON.stringify(menu));
        await screenshot(page, `${name}-phone`, { fullPage: false });
        forgive(page, SESSION);
        await closePage(page);
      });

      if (password) {
        test("without the password there is neither a page nor a token, and no lock-out", async () => {
          for (let n = 0; n < 130; n += 1) {
            const [path, method] = n % 2 ? ["/upseed/frame", "POST"] : ["/transmission/web/", "GET"];
            const answer = await fetch(proxied.origin + path, { method, headers: { Origin: proxied.origin } });
            assert.equal(answer.status, 401, `${path}, ${n}`);
            assert.equal(answer.headers.get("www-authenticate"), 'Basic realm="Transmission"');
          }
          const right = { Authorization: `Basic ${btoa(`ann:${password}`)}`, Origin: proxied.origin };
          const answer = await fetch(`${proxied.origin}/upseed/frame`, { method: "POST", headers: right });
          assert.equal(answer.status, 200);
          for (let n = 0; n < 130; n += 1) {
            const wrong = { Authorization: `Basic ${btoa(`ann:wrong${n}`)}`, Origin: proxied.origin };
            assert.equal((await fetch(`${proxied.origin}/upseed/frame`, { method: "POST", headers: wrong })).status, 401);
          }
          assert.equal((await fetch(`${proxied.origin}/transmission/web/`, { headers: right })).status, 200, "still not locked out");
        });
      }
    });
  }
}
