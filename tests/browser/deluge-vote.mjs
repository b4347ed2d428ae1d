// One upvote in the rank view inside Deluge Web, by mouse: node deluge-vote.mjs ADDRESS PASSWORD ID
import { launch } from "./lib/browser.mjs";
import { PATIENCE } from "./lib/until.mjs";

const [address, password, id] = process.argv.slice(2);
const browser = await launch();
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(address);
  await page.fill("input[type=password]", password);
  await page.keyboard.press("Enter");
  await page.click("#upseed-button button");
  const frame = page.frameLocator("#upseed-frame");
  await frame.locator(`#i${id} .up`).click();
  // Said once, before the first upvote.
  await frame.locator("[name=understood]").first().waitFor({ state: "attached" });
  await frame.locator("main form button").first().click();
  await frame.locator(`#i${id} .up.on`).first().waitFor();
} finally {
  await browser.close();
}
