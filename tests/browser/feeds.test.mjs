// Feeds: XML with torrents that any client takes, opened by a token that reads and does nothing else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { openSession } from "./lib/session.mjs";
import { readTorrent } from "./lib/torrent.mjs";

let ann, session, browser, page, posts, token;
const titles = ["Plain", "Ümläute & <tags>", "🦀 ]]>"];
before(async () => {
  [ann, browser] = await Promise.all([startNode({ name: "ann" }), launch()]);
  session = await openSession(ann);
  page = await (await browser.newContext()).newPage();
  posts = [];
  for (const title of titles) posts.push(await ann.post(title, `The text of ${title}, *in Markdown*.`));
});
after(() => Promise.all([ann?.stop(), browser?.close()]));

const parse = (xml) => page.evaluate((text) => {
  const feed = new DOMParser().parseFromString(text, "application/xml");
  const of = (at, what) => at.querySelector(what)?.textContent;
  return {
    error: of(feed, "parsererror"),
    version: feed.documentElement.getAttribute("version"),
    title: of(feed, "channel > title"),
    items: [...feed.querySelectorAll("item")].map((item) => ({
      title: of(item, "title"), guid: of(item, "guid"), link: of(item, "link"), date: of(item, "pubDate"), text: of(item, "description"),
      enclosure: Object.fromEntries([...item.querySelector("enclosure").attributes].map(({ name, value }) => [name, value])),
    })),
  };
}, xml);

test("without addresses there are no feeds", async () => {
  for (const path of ["rss", "rss?feed=", `rss?feed=${"0".repeat(64)}`, `torrent/${posts[0].id}.torrent?feed=`]) {
    assert.equal((await fetch(ann.url(path))).status, 401, path);
  }
});

test("a feed is RSS 2.0, and its enclosures are .torrents", async () => {
  await session.send("feed", { do: "create" });
  const shown = (await session.get("me")).text.matchAll(/<dd><code>([^<]+)<\/code>/g);
  const addresses = [...shown].map(([, address]) => address.replaceAll("&amp;", "&"));
  assert.equal(addresses.length, 3, "all boards, replies, one board");
  token = new URL(addresses[0]).searchParams.get("feed");
  assert.match(token, /^[0-9a-f]{32,}$/);
  assert.notEqual(token, session.pageToken);

  const answer = await fetch(addresses[0]);
  assert.match(answer.headers.get("content-type"), /^application\/rss\+xml/);
  const xml = await answer.text();
  const etag = answer.headers.get("etag");
  const again = await fetch(addresses[0], { headers: { "If-None-Match": etag } });
  assert.deepEqual([again.status, await again.text(), again.headers.get("etag")], [304, "", etag], "nothing new, nothing sent");
  assert.equal((await fetch(addresses[0], { headers: { "If-None-Match": '"another"' } })).status, 200);
  assert.ok(!xml.includes(session.pageToken) && !xml.includes(session.cookie.split("=")[1]));
  const feed = await parse(xml);
  assert.equal(feed.error, undefined);
  assert.equal(feed.version, "2.0");
  assert.deepEqual(feed.items.map(({ title }) => title).sort(), [...titles].sort());
  for (const item of feed.items) {
    const post = posts.find(({ id }) => id === item.guid);
    assert.equal(item.title, post.title);
    assert.equal(item.link, ann.url(`t/${post.id}`));
    assert.equal(Math.trunc(Date.parse(item.date) / 1000), post.time);
    assert.match(item.text, /<em>in Markdown<\/em>/);
    assert.equal(item.enclosure.type, "application/x-bittorrent");
    const file = await fetch(item.enclosure.url);
    assert.equal(file.status, 200);
    assert.equal(file.headers.get("content-type"), "application/x-bittorrent");
    const bytes = Buffer.from(await file.arrayBuffer());
    assert.equal(bytes.length, Number(item.enclosure.length));
    const torrent = readTorrent(bytes);
    assert.equal(torrent.infohash, item.guid);
    assert.equal(torrent.pieces, 1);
    assert.equal(torrent.length, Buffer.byteLength(post.text));
  }
});

test("every list has a feed", async () => {
  const lists = {
    "rss?": 3, "rss?board=upseed&": 3, "rss?board=elsewhere&": 0, "rss?sort=new&": 3, "rss?sort=hot&": 3, "rss?inbox=1&": 0,
    ...Object.fromEntries(["day", "week", "month", "year", "all"].map((window) => [`rss?sort=top&window=${window}&`, 3])),
    [`rss?person=${posts[0].author}&`]: 3,
  };
  for (const [path, count] of Object.entries(lists)) {
    const feed = await parse(await (await fetch(ann.url(`${path}feed=${token}`))).text());
    assert.equal(feed.error, undefined, path);
    assert.equal(feed.items.length, count, path);
  }
});

test("the token reads feeds and enclosures, and nothing else", async () => {
  const [{ id }] = posts;
  for (const path of ["", `t/${id}`, "me", "inbox", "boards", "api/v1/status", "api/v1/top", "api/v1/events", `api/v1/torrents/${id}`]) {
    const answer = await ann.raw("GET", `/upseed/${path}?feed=${token}`);
    assert.equal(answer.status, 401, path);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
  const forms = { vote: { up: id, understood: "1" }, publish: { board: "upseed", title: "x", text: "x", do: "publish" }, feed: { do: "revoke" }, backup: {}, settings: { theme: "dark" } };
  for (const [path, fields] of Object.entries(forms)) {
    const answer = await session.send(`${path}?feed=${token}`, { ...fields, feed: token }, { Cookie: "" });
    assert.equal(answer.status, 401, path);
  }
  for (const path of ["votes", "posts", "links", "stop"]) {
    assert.equal((await ann.raw("POST", `/upseed/api/v1/${path}?feed=${token}`)).status, 401, path);
    assert.equal((await ann.raw("POST", `/upseed/api/v1/${path}`, { Authorization: `Bearer ${token}` })).status, 401, path);
  }
  assert.equal((await ann.item(id)).upvoted, false);
});

test("a revoked token opens nothing, and a new one is another", async () => {
  await session.send("feed", { do: "revoke" });
  const old = [`rss?feed=${token}`, `torrent/${posts[0].id}.torrent?feed=${token}`];
  for (const path of old) assert.equal((await fetch(ann.url(path))).status, 401, path);
  await session.send("feed", { do: "create" });
  for (const path of old) assert.equal((await fetch(ann.url(path))).status, 401, path);
  assert.ok(!(await session.get("me")).text.includes(token));
});
