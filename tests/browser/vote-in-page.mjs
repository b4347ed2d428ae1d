// One upvote in the rank view inside a client's own page, by mouse:
//
//     CLIENT=qbittorrent ORIGIN=http://127.0.0.1:7668 CLIENT_USER=… CLIENT_PASSWORD=… ID=<infohash> node vote-in-page.mjs
//     CLIENT=transmission ORIGIN=… ID=… node vote-in-page.mjs
import { launch, screenshot } from "./lib/browser.mjs";
import { openHost } from "./lib/framed.mjs";

const { CLIENT: client, ORIGIN: origin, CLIENT_USER: user, CLIENT_PASSWORD: password, ID: id } = process.env;
const browser = await launch();
try {
  const page = await openHost(browser, origin);
  await page.goto(`${origin}/`);
  if (client === "transmission") {
    await page.locator("#toolbar-upseed").click();
  } else {
    await page.locator("#username").fill(user);
    await page.locator("#password").fill(password);
    await page.locator("#login, #loginButton").first().click();
    await page.locator("#transfersTabLink").waitFor();
    await page.locator("#upseedTabLink").click();
  }
  const frame = page.frameLocator("#upseed-frame");
  await frame.locator(`#i${id} .up`).click();
  // Said once, before the first upvote.
  await frame.locator("[name=understood]").first().waitFor({ state: "attached" });
  await frame.locator("main form button").first().click();
  await frame.locator(`#i${id} .up.on`).first().waitFor();
  await screenshot(page, `${client}-voted`, { fullPage: false });
} finally {
  await browser.close();
}
