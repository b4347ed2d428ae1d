// A board of a thousand posts as a static site: valid HTML, every link resolves, and it is read without script from a folder.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { HtmlValidate } from "html-validate";
import { artifacts, figures } from "./lib/artifacts.mjs";
import { launch, watch } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { payloads } from "./lib/payloads.mjs";
import { until } from "./lib/until.mjs";

const POSTS = 1_000;
const run = promisify(execFile);
let ann, eve, browser, folder, site;

before(async () => {
  [ann, browser, folder] = await Promise.all([startNode({ name: "ann" }), launch(), mkdtemp(join(tmpdir(), "upseed-site-"))]);
  eve = await startNode({ name: "eve", peers: [ann] });
  site = join(folder, "garden");
});
after(async () => {
  await Promise.all([ann?.stop(), eve?.stop(), browser?.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** Writes the site anew; gives what the command says. */
async function write(...more) {
  const { stdout } = await run(ann.binary, ["site", "--data", ann.data, "--board", "upseed", site, "--json", ...more]);
  return JSON.parse(stdout);
}

async function files() {
  const all = await readdir(site, { recursive: true, withFileTypes: true });
  return all.filter((file) => file.isFile()).map((file) => join(file.parentPath ?? file.path, file.name));
}

test("a thousand posts", async () => {
  const text = "Some *words*, [a link](https://example.org/) and\n\n# A heading\n\n```\ncode\n```\n\n1. One\n2. Two\n\n> A quote.";
  const posts = [];
  for (let n = 0; n < POSTS; n += 1) {
    const post = payloads[n] ?? { title: `Post number ${n}`, text };
    posts.push(await ann.post(post.title, post.text));
  }
  const first = await ann.comment(posts[0].id, "A comment with *text*.");
  const second = await ann.comment(first.id, "An answer to it.");
  await ann.comment(posts[0].id, "<b>Not bold</b> & “odd”.");
  const spam = await eve.post("Eve sells seeds", "Buy.");
  await until("ann has eve's post", () => ann.item(spam.id).then(({ text }) => text).catch(() => null));
  await ann.api("POST", "mutes", { key: spam.author, mute: true });
  await ann.api("POST", "hidden", { id: posts[500].id, hide: true });
  await ann.api("POST", "hidden", { id: first.id, hide: true });
  await ann.api("POST", "retractions", { id: posts[501].id });

  const start = Date.now();
  const told = await write("--url", "https://example.org/garden/");
  const seconds = (Date.now() - start) / 1000;
  assert.deepEqual([told.posts, told.comments, told.without_text, told.unchanged], [POSTS - 2, 2, 0, 0]);
  const all = await files();
  const bytes = (await Promise.all(all.map((file) => stat(file)))).reduce((sum, { size }) => sum + size, 0);

  // Left out as in Ann's own lists; an answer to what is left out stays.
  const everything = (await Promise.all(all.map((file) => readFile(file, "utf8")))).join("");
  for (const gone of [spam.id, posts[500].id, posts[501].id]) assert.ok(!everything.includes(gone), gone);
  const thread = await readFile(join(site, "t", `${posts[0].id}.html`), "utf8");
  assert.ok(!thread.includes(first.id) && thread.includes("A comment is left out.") && thread.includes("An answer to it."));
  assert.ok(thread.includes(second.id) && thread.includes("&lt;b&gt;Not bold"));

  // Nothing that strangers wrote runs, or is anything but text and links.
  const hostile = await browser.newContext();
  const reader = await hostile.newPage();
  watch(reader, "file:");
  for (const [at, { name }] of payloads.entries()) {
    await reader.goto(pathToFileURL(join(site, "t", `${posts[at].id}.html`)).href);
    const odd = await reader.evaluate(() => globalThis.pwned ?? document.querySelectorAll("script, style, [style], img, iframe, form, object, svg").length);
    assert.equal(odd, 0, name);
  }
  assert.deepEqual(reader.wrong.filter((what) => !what.startsWith("request: file:")), []);

  // Valid, by a validator that is not ours.
  const pages = all.filter((file) => file.endsWith(".html"));
  const validator = new HtmlValidate({ extends: ["html-validate:standard"], rules: {
    // Of form, not of validity; each text has its own headings.
    "long-title": "off", "no-trailing-whitespace": "off", "heading-level": "off", "doctype-style": "off", "void-style": "off",
    "require-sri": "off", "text-content": "off", "no-inline-style": "error", "script-element": "off",
  } });
  const wrong = [];
  for (const page of pages) {
    const report = await validator.validateString(await readFile(page, "utf8"), page);
    for (const { messages } of report.results) wrong.push(...messages.map((it) => `${page}:${it.line}:${it.column} ${it.ruleId}: ${it.message}`));
  }
  assert.deepEqual(wrong.slice(0, 20), [], `${wrong.length} faults`);

  // Every link of its own leads to a file that is there, and to a place on it.
  const known = new Set(all);
  const [broken, anchors] = [[], []];
  const places = new Map();
  for (const page of pages) {
    const { links, ids } = await reader.evaluate((html) => {
      const page = new DOMParser().parseFromString(html, "text/html");
      const all = [...page.querySelectorAll("[href], [src]")];
      return { links: all.map((it) => it.getAttribute("href") ?? it.getAttribute("src")), ids: [...page.querySelectorAll("[id]")].map(({ id }) => id) };
    }, await readFile(page, "utf8"));
    places.set(page, new Set(ids));
    for (const link of links) {
      if (/^(https?|magnet):/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const target = path === "" ? page : resolve(dirname(page), decodeURIComponent(path));
      if (!known.has(target)) broken.push(`${page}: ${link}`);
      if (anchor) anchors.push([target, anchor, `${page}: ${link}`]);
    }
  }
  broken.push(...anchors.filter(([target, anchor]) => !places.get(target)?.has(anchor)).map(([, , link]) => link));
  assert.deepEqual(broken.slice(0, 20), []);
  await hostile.close();

  // The feed is XML, and its addresses are whole.
  const feed = await readFile(join(site, "feed.xml"), "utf8");
  assert.equal(feed.match(/<item>/g).length, 50);
  assert.ok(feed.includes("<link>https://example.org/garden/t/"));

  // From a folder, without script, from the first page to the oldest post.
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 700 } });
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(join(site, "index.html")).href);
  await page.getByRole("heading", { name: "upseed" }).waitFor();
  await page.screenshot({ path: join(artifacts, "site-index.png") });
  let older = 0;
  while (await page.getByRole("link", { name: "Older" }).count()) {
    await page.getByRole("link", { name: "Older" }).click();
    older += 1;
  }
  assert.equal(older, Math.floor((POSTS - 2) / 50) - 1);
  await page.locator(`a[href="t/${posts[0].id}.html"]`).click();
  await page.getByText("An answer to it.").waitFor();
  await page.screenshot({ path: join(artifacts, "site-thread.png") });
  const width = await page.locator("html").evaluate((html) => html.scrollWidth);
  assert.ok(width <= 360, `${width} px wide`);
  assert.ok(asked.every((url) => url.startsWith("file:") && fileURLToPath(url).startsWith(site)), asked.join("\n"));
  await context.close();

  // A second run changes what changed: one more post, and one less.
  assert.deepEqual([(await write("--url", "https://example.org/garden")).written], [0]);
  await writeFile(join(site, "CNAME"), "example.org\n");
  await ann.post("One more", "Text.");
  await ann.api("POST", "hidden", { id: posts[0].id, hide: true });
  const again = await write("--url", "https://example.org/garden");
  assert.deepEqual([again.posts, again.changed_by_hand], [POSTS - 2, []]);
  // Its page and .torrent, the first page, the feed, and the one of the oldest page that lost a post.
  assert.ok(again.written < 30 && again.removed === 4, JSON.stringify(again));
  assert.equal(await readFile(join(site, "CNAME"), "utf8"), "example.org\n");
  await figures("site", { posts: told.posts, files: all.length, bytes, seconds });
});
