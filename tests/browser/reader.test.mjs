// All that a reader does, once by mouse and once by keyboard alone, with its effect read from the API.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { figures } from "./lib/artifacts.mjs";
import { closePage, launch, openPage, signIn } from "./lib/browser.mjs";
import { keyboard, mouse } from "./lib/hands.mjs";
import { startNode } from "./lib/node.mjs";
import { until } from "./lib/until.mjs";
import { startWorld } from "./lib/world.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const button = (at, name) => at.getByRole("button", { name, exact: true });
const link = (at, name) => at.getByRole("link", { name, exact: true });

for (const hands of [mouse, keyboard]) {
  test(`from the first page to a first post, ${hands.name}`, async () => {
    const bob = await startNode({ name: "bob" });
    const { title } = await bob.post("Already here");
    const ann = await startNode({ name: "ann", peers: [bob] });
    const page = await openPage(browser, ann, { signedIn: false });
    const began = Date.now();
    await signIn(page, ann);
    await page.getByRole("heading", { name: "The upvote is the hosting" }).waitFor();
    await page.getByText("Others can see that your IP address hosts what you upvote.").waitFor();

    // One can read before any key exists. What comes later than the page is announced on it, not put into it.
    await until("ann knows it", async () => (await ann.api("GET", "top?window=all")).length === 1);
    await hands.press(link(page, "Start reading"));
    await link(page, title).waitFor();
    await hands.press(link(page, title));
    await page.getByText("Some text.").waitFor();
    assert.equal((await ann.api("GET", "identity")).author, null);

    await hands.press(link(page, "Write"));
    assert.equal(await page.getByLabel("Board", { exact: true }).last().inputValue(), "upseed");
    await hands.write(page.getByLabel("Title"), "My first post");
    await hands.write(page.getByRole("textbox", { name: "Text" }), "Hello, *everybody*.");
    await hands.write(page.getByLabel("Display name (optional)"), "Ann");
    await hands.press(button(page, "Publish"));
    await page.getByRole("heading", { name: "My first post" }).waitFor();
    const seconds = (Date.now() - began) / 1000;
    await figures(`first-post-${hands === mouse ? "mouse" : "keyboard"}`, { seconds });

    await page.locator(".post .you").waitFor();
    await page.locator(".post").getByText("Ann", { exact: true }).waitFor();
    assert.equal(await page.locator(".md em").textContent(), "everybody");
    await until("bob knows it", async () => (await bob.api("GET", "top?window=all")).some((post) => post.title === "My first post"));
    await closePage(page);
    await Promise.all([ann.stop(), bob.stop()]);
  });

  test(`what a reader does, ${hands.name}`, async (t) => {
    const world = await startWorld();
    const { ann, bob, posts, mine } = world;
    const page = await openPage(browser, ann);
    const row = (post) => page.locator(`#i${post.id}`);
    const home = () => page.goto(ann.url("?window=all"));
    const follows = () => ann.api("GET", "follows");

    await t.test("votes: explained once, then in place, live until it hosts, and withdrawn", async () => {
      await home();
      await hands.press(row(posts[4]).getByRole("button", { name: "Upvote" }));
      await page.getByRole("heading", { name: "Before your first upvote" }).waitFor();
      await page.getByText("others can see that your IP address hosts this post").waitFor();
      await hands.press(link(page, "Not now"));
      await page.waitForURL((url) => url.pathname === "/upseed/");
      assert.equal((await ann.item(posts[4].id)).upvoted, false);

      await hands.press(row(posts[4]).getByRole("button", { name: "Upvote" }));
      await hands.press(button(page, "Upvote and host"));
      await row(posts[4]).getByText("hosting", { exact: true }).waitFor();
      assert.equal((await ann.item(posts[4].id)).upvoted, true);

      // From now on the page stays, and says what happens.
      const loads = [];
      page.on("load", () => loads.push(page.url()));
      const score = row(posts[5]).locator(".n");
      assert.equal(await score.textContent(), "0");
      await hands.press(row(posts[5]).getByRole("button", { name: "Upvote" }));
      await row(posts[5]).getByText("hosting", { exact: true }).waitFor();
      assert.equal(await score.textContent(), "1");
      assert.equal((await ann.item(posts[5].id)).hosting, "hosting");
      await hands.press(row(posts[5]).getByRole("button", { name: "Remove upvote" }));
      await row(posts[5]).getByRole("button", { name: "Upvote" }).waitFor();
      await until("the vote is taken back", async () => (await ann.item(posts[5].id)).hosting === null);
      await until("the score is 0 again", async () => (await score.textContent()) === "0");
      await until("nothing is said of it any more", async () => !(await row(posts[5]).textContent()).includes("stopping"));
      assert.deepEqual(loads, []);
    });

    await t.test("reads a thread, folds, comments and answers", async () => {
      await home();
      await hands.press(link(row(posts[0]), posts[0].title));
      const question = row(world.first);
      const words = question.getByText("Does it really beat the naive one?");
      await words.waitFor();
      const fold = question.locator("summary").first();
      await hands.press(fold);
      await words.waitFor({ state: "hidden" });
      await question.getByText("By a factor of three").waitFor({ state: "hidden" });
      await hands.press(fold);
      await words.waitFor();

      await hands.press(page.getByText("Write a comment"));
      const text = page.locator("#c .compose").getByRole("textbox", { name: "Text" });
      await hands.write(text, "A thought of mine");
      await hands.press(page.locator("#c .compose").getByRole("button", { name: "Reply" }));
      await page.locator(".re .md", { hasText: "A thought of mine" }).waitFor();

      await hands.press(row(world.second).getByRole("link", { name: "reply" }));
      await hands.write(text, "Which desk?");
      await hands.press(page.locator("#c .compose").getByRole("button", { name: "Reply" }));
      const answer = row(world.second).locator(".re", { hasText: "Which desk?" });
      await answer.waitFor();
      await until("bob reads the answer", async () =>
        (await bob.api("GET", `thread?id=${world.second.id}`)).replies.some(({ text: t }) => t === "Which desk?"));
      // A permalink shows the answer alone, with the way back.
      await hands.press(answer.locator("a.t"));
      await page.waitForURL(/\/t\/[0-9a-f]{40}$/);
      await hands.press(link(page, posts[0].title));
      await page.getByRole("heading", { name: posts[0].title }).waitFor();
      await hands.press(page.getByText("Why is this here?"));
      await page.locator(".why table").getByText("Score").waitFor();
    });

    await t.test("follows and mutes", async () => {
      await home();
      await hands.press(row(posts[0]).locator(".by"));
      await page.getByRole("heading", { name: "Bob Okafor" }).waitFor();
      await page.getByText("Reads everything.").waitFor();
      await hands.press(button(page, "Follow"));
      await button(page, "Unfollow").waitFor();
      assert.deepEqual(await follows(), [posts[0].author]);
      await hands.press(button(page, "Unfollow"));
      await button(page, "Follow").waitFor();
      assert.deepEqual(await follows(), []);
      await hands.press(button(page, "Mute"));
      await button(page, "Unmute").waitFor();
      await home();
      await row(world.theirs).waitFor();
      assert.equal(await row(posts[0]).count(), 0, "what a muted person wrote is not listed");
      await page.goto(ann.url(`p/${posts[0].author}`));
      await hands.press(button(page, "Unmute"));
      await button(page, "Mute").waitFor();
      await home();
      await row(posts[0]).waitFor();
    });

    await t.test("searches", async () => {
      await home();
      await hands.write(page.locator("#q"), "shopping trolleys");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Search" }).waitFor();
      await row(posts[3]).waitFor();
      assert.equal(await page.locator(".it").count(), 1);
      await hands.write(page.getByLabel("Search for"), "zeppelin");
      await page.keyboard.press("Enter");
      await page.getByText("Nothing found in the boards you joined.").waitFor();
    });

    await t.test("switches every window and every order", async () => {
      await page.goto(ann.url());
      const current = async (name) => {
        await page.locator(".tabs [aria-current]", { hasText: name }).waitFor();
        assert.ok((await page.locator(".it").count()) >= 10, name);
      };
      for (const window of ["Week", "Month", "Year", "All time", "Today"]) {
        await hands.press(link(page.locator(".tabs"), window));
        await current(window);
      }
      for (const sort of ["Hot", "New", "Top"]) {
        await hands.press(link(page.locator(".tabs"), sort));
        await current(sort);
      }
      await hands.press(link(page.locator(".strip"), "upseed"));
      await page.waitForURL(/\/b\/upseed/);
      await hands.press(link(page.locator(".tabs"), "Week"));
      await page.waitForURL(/\/b\/upseed.*window=week/);
      await current("Week");
    });

    await t.test("joins, creates and leaves boards", async () => {
      const boards = async () => (await ann.api("GET", "boards")).map(({ name }) => name).sort();
      await hands.press(link(page.locator(".top"), "Boards"));
      await hands.write(page.getByLabel("Name"), "soldering");
      await hands.press(button(page, "Join"));
      await link(page.locator("table"), "soldering").waitFor();
      assert.deepEqual(await boards(), ["soldering", "upseed"]);
      await hands.press(link(page.locator("table"), "soldering"));
      await page.getByText("Nobody here yet").waitFor();
      await page.getByText(/\d+ DHT nodes asked\. \d+ peers? online here\. Searching for \d+ seconds?\./).waitFor();
      await hands.press(button(page, "Leave"));
      await button(page, "Join").waitFor();
      assert.deepEqual(await boards(), ["upseed"]);
      await hands.press(button(page, "Join"));
      await button(page, "Leave").waitFor();
      await hands.press(link(page.locator(".top"), "Boards"));
      await hands.press(page.getByRole("button", { name: "Leave soldering" }));
      await link(page.locator("table"), "soldering").waitFor({ state: "hidden" });
      assert.deepEqual(await boards(), ["upseed"]);
    });

    await t.test("reads the inbox", async () => {
      await page.goto(ann.url());
      const unread = page.locator("#unread");
      const before = Number(await unread.textContent());
      assert.ok(before >= 1);
      // One more arrives while the page is open.
      await bob.comment(mine.id, "Or a magazine?");
      await until("the number of unread replies changes by itself", async () => Number(await unread.textContent()) === before + 1);
      await hands.press(page.locator(".top").getByRole("link", { name: "Inbox" }));
      await page.getByText("Which book?").waitFor();
      // Its text may follow later; the page says when.
      const late = page.getByText("Or a magazine?"), news = page.locator("#news a").filter({ visible: true });
      await late.or(news).first().waitFor();
      if (await news.isVisible()) await hands.press(news);
      await late.waitFor();
      await hands.press(button(page, "Mark all as read"));
      await unread.waitFor({ state: "hidden" });
      assert.equal(await page.locator(".letter.unread").count(), 0);
      await hands.press(page.locator(".letter", { hasText: "Which book?" }).getByRole("link", { name: "reply" }));
      await hands.write(page.getByRole("textbox", { name: "Text" }), "A long one.");
      await hands.press(button(page, "Reply"));
      await page.locator(".re .md", { hasText: "A long one." }).waitFor();
    });

    await t.test("has a page of their own: profile, colours, feeds", async () => {
      await hands.press(link(page.locator(".top"), "Me"));
      await hands.write(page.getByLabel("Name"), "Ann Lee");
      await hands.press(button(page, "Save").first());
      await page.locator(".said", { hasText: "Saved." }).waitFor();
      assert.equal(await page.getByLabel("Name").inputValue(), "Ann Lee");
      await hands.choose(page.getByLabel("Theme"), "Dark");
      await hands.press(button(page, "Save").last());
      await page.locator("html[data-theme=dark]").waitFor({ state: "attached" });
      await hands.press(button(page, "Create feed links"));
      await page.locator(".urls code").first().waitFor();
      const feed = await page.locator(".urls code").first().textContent();
      assert.equal((await fetch(feed)).status, 200);
      await hands.press(button(page, "Revoke all"));
      await button(page, "Create feed links").waitFor();
      assert.equal((await fetch(feed)).status, 401);
    });

    await t.test("backs a key up, and restores it elsewhere", async () => {
      await page.goto(ann.url("me"));
      assert.ok(!(await page.content()).includes("class=\"words\""), "the words are shown on purpose only");
      await hands.press(button(page, "Show the 24 words"));
      await page.getByRole("heading", { name: "Your 24 words" }).waitFor();
      const words = await page.locator(".words li").allTextContents();
      assert.equal(words.length, 24);
      await hands.press(link(page, "I have written them down"));
      await page.getByText("Backed up (words shown)").waitFor();
      assert.ok(!(await page.content()).includes(words.join(" ")));

      const other = await startNode({ name: "other" });
      const there = await openPage(browser, other);
      await hands.press(link(there, "I already have a key"));
      const field = there.getByLabel("Enter the 24 words of your existing key.");
      await hands.write(field, "not these words");
      await hands.press(button(there, "Restore"));
      await there.getByRole("alert").filter({ hasText: "word" }).waitFor();
      await hands.write(field, words.join(" "));
      await hands.press(button(there, "Restore"));
      await there.locator(".said").waitFor();
      assert.deepEqual(await other.api("GET", "identity"), await ann.api("GET", "identity"));
      await closePage(there);
      await other.stop();
    });

    await closePage(page);
    await world.stop();
  });
}
