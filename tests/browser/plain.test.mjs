// Without JavaScript all the same works by forms and links.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, launch, openPage } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { until } from "./lib/until.mjs";

let ann, bob, browser;
before(async () => {
  [bob, browser] = await Promise.all([startNode({ name: "bob" }), launch()]);
  ann = await startNode({ name: "ann", peers: [bob] });
});
after(() => Promise.all([ann?.stop(), bob?.stop(), browser?.close()]));

test("reads, votes, posts and comments without JavaScript", async () => {
  const theirs = await bob.post("From bob", "Bob's text.");
  await until("ann knows it", () => ann.item(theirs.id).then(({ text }) => text).catch(() => null));
  const page = await openPage(browser, ann, { javaScriptEnabled: false });
  await page.getByRole("link", { name: "Start reading" }).click();
  const upvote = page.locator(`#i${theirs.id}`).getByRole("button", { name: "Upvote" });
  await upvote.click();
  await page.getByRole("button", { name: "Upvote and host" }).click();
  // Back at the list, at this item.
  await page.waitForURL((url) => url.pathname === "/upseed/" && url.hash === `#i${theirs.id}`);
  assert.equal((await ann.item(theirs.id)).upvoted, true);
  await page.locator(`#i${theirs.id}`).getByRole("button", { name: "Remove upvote" }).click();
  await upvote.waitFor();
  assert.equal((await ann.item(theirs.id)).upvoted, false);
  await upvote.click();
  await page.locator(`#i${theirs.id}`).getByRole("button", { name: "Remove upvote" }).waitFor();

  await page.getByRole("link", { name: "Write" }).click();
  await page.getByLabel("Title").fill("By a form");
  const text = page.getByRole("textbox", { name: "Text" });
  await text.fill("One line\n\nand **another**");
  await page.getByRole("button", { name: "Preview" }).click();
  assert.equal(await page.locator(".preview strong").textContent(), "another");
  assert.equal(await text.inputValue(), "One line\n\nand **another**");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("heading", { name: "By a form" }).waitFor();
  await page.getByText("Published.").first().waitFor();

  await page.getByText("Write a comment").click();
  await text.fill("A comment by a form");
  await page.getByRole("button", { name: "Reply" }).click();
  const comment = page.locator(".re", { hasText: "A comment by a form" });
  await comment.waitFor();
  await comment.getByRole("link", { name: "reply" }).click();
  await text.fill("And an answer");
  await page.getByRole("button", { name: "Reply" }).click();
  await comment.locator(".re", { hasText: "And an answer" }).waitFor();
  await page.locator(".logo").click();
  await page.getByRole("link", { name: "By a form" }).waitFor();
  assert.equal((await ann.api("GET", "top?window=all")).find(({ title }) => title === "By a form").text, "One line\n\nand **another**");
  await closePage(page);
});
