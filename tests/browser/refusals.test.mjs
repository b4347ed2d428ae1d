// Requests that are not the reader's own: refused, and without any effect.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startNode } from "./lib/node.mjs";
import { openSession } from "./lib/session.mjs";

let ann, session, post, other;
before(async () => {
  ann = await startNode({ name: "ann" });
  session = await openSession(ann);
  post = await ann.post("A post", "Its text.");
  other = await ann.post("Another post", "Its text.");
  await session.send("vote", { up: other.id, understood: "1" });
});
after(() => ann?.stop());

/** Everything that a form can change. */
const state = async () => JSON.stringify([
  (await ann.api("GET", "top?window=all&sort=new")).map(({ id, upvoted, comments }) => [id, upvoted, comments]),
  (await ann.api("GET", "boards")).map(({ name }) => name),
  await ann.api("GET", "follows"),
  await ann.api("GET", "identity"),
  // Profile, settings, feeds, and what is hosted; without what the time alone changes.
  (await session.get("me")).text.match(/<main.*<\/main>/s)[0].replaceAll(/<time.*?<\/time>|<span class="(ho|st)">.*?<\/span>/g, ""),
]);

const forms = () => ({
  vote: { up: post.id, understood: "1" },
  publish: { board: "upseed", title: "Forged", text: "Forged", do: "publish" },
  person: { key: "11".repeat(32), do: "mute" },
  board: { join: "forged" },
  inbox: {},
  profile: { name: "Forged" },
  settings: { theme: "dark", history_days: "7" },
  feed: { do: "create" },
  restore: { phrase: "x" },
  backup: {},
});

async function assertRefused(what, expected, headers, fields = {}) {
  const before = await state();
  for (const [path, own] of Object.entries(forms())) {
    for (const accept of ["text/html", "application/json"]) {
      const answer = await session.send(path, { ...own, ...fields }, { Accept: accept, ...headers });
      assert.equal(answer.status, expected, `${path}, ${accept}: ${what}`);
      assert.ok(!answer.text.includes("class=\"words\""));
    }
  }
  assert.equal(await state(), before, what);
}

test("a foreign Origin", async () => {
  const { port } = new URL(ann.origin);
  const foreign = ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1", `http://evil.example:${port}`, `http://127.0.0.1.evil.example:${port}`, "file://", ""];
  for (const origin of foreign) await assertRefused(`Origin ${origin}`, 403, { Origin: origin });
  const answer = await session.get("", { Origin: "https://evil.example" });
  assert.equal(answer.status, 403);
  assert.equal(answer.headers["access-control-allow-origin"], undefined);
});

test("a foreign Host", async () => {
  for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example:7667"]) {
    await assertRefused(`Host ${host}`, 421, { Host: host });
    for (const path of ["/upseed/", "/upseed/assets/upseed.js", "/upseed/api/v1/status", "/upseed/rss", "/"]) {
      assert.equal((await ann.raw("GET", path, { Host: host, Cookie: session.cookie })).status, 421, `${host} ${path}`);
    }
  }
  // The same by its other name is the reader's own.
  const { port } = new URL(ann.origin);
  assert.equal((await session.get("", { Host: `localhost:${port}` })).status, 200);
});

test("no token, or a wrong one", async () => {
  const [name, value] = session.cookie.split("=");
  for (const cookie of ["", "x=y", `${name}=`, `${name}=${"0".repeat(value.length)}`, `${name}=${value}0`, `${name}=${value.slice(1)}`, `other=${value}`]) {
    await assertRefused(`Cookie ${cookie}`, 401, { Cookie: cookie });
    for (const path of ["", `t/${post.id}`, "me", "inbox", "search?q=a", "api/v1/top", "api/v1/events", `torrent/${post.id}.torrent`]) {
      const answer = await ann.raw("GET", `/upseed/${path}`, { Cookie: cookie });
      assert.equal(answer.status, 401, `${cookie} ${path}`);
      assert.ok(!answer.text.includes("A post"));
    }
  }
});

test("a form without the page's token, or with a wrong one", async () => {
  for (const token of ["", "0".repeat(64), session.pageToken.slice(1), `${session.pageToken}0`, session.cookie.split("=")[1]]) {
    await assertRefused(`page_token ${token}`, 403, {}, { page_token: token });
  }
  const elsewhere = await startNode({ name: "elsewhere" });
  const { pageToken } = await openSession(elsewhere);
  await elsewhere.stop();
  await assertRefused("another node's page_token", 403, {}, { page_token: pageToken });
});

test("a page's cookie does not write through the API", async () => {
  const before = await state();
  for (const [path, body] of Object.entries({ votes: { ids: [post.id], up: true }, posts: { board: "upseed", title: "x", text: "x" }, boards: { board: "x" }, links: {}, stop: {} })) {
    const answer = await ann.raw("POST", `/upseed/api/v1/${path}`, { Cookie: session.cookie, Origin: ann.origin, "Content-Type": "application/json" }, JSON.stringify(body));
    assert.equal(answer.status, 403, path);
  }
  assert.equal(await state(), before);
});

test("a one-time link twice, or a made-up one", async () => {
  const { pathname, search } = new URL(await ann.link());
  const first = await ann.raw("GET", pathname + search);
  assert.equal(first.status, 200);
  assert.match(first.headers["set-cookie"][0], /^upseed-\d+=[0-9a-f]+; Path=\/upseed; HttpOnly; SameSite=Strict; /);
  for (const again of [pathname + search, pathname, `${pathname}?ticket=`, `${pathname}?ticket=${"0".repeat(64)}`]) {
    const answer = await ann.raw("GET", again);
    assert.equal(answer.status, 401, again);
    assert.equal(answer.headers["set-cookie"], undefined);
    assert.match(answer.text, /upseed open/);
  }
});

test("a GET changes nothing", async () => {
  const before = await state();
  for (const [path, fields] of Object.entries(forms())) {
    const query = new URLSearchParams({ page_token: session.pageToken, back: "", ...fields });
    for (const method of ["GET", "HEAD"]) {
      const answer = await ann.raw(method, `/upseed/${path}?${query}`, { Cookie: session.cookie });
      // The inbox is a page as well; the rest takes forms alone.
      const page = path === "inbox";
      assert.equal(answer.status, page ? 200 : 405, `${method} ${path}`);
    }
  }
  for (const method of ["PUT", "DELETE", "PATCH"]) {
    assert.equal((await ann.raw(method, "/upseed/vote", { Cookie: session.cookie, Origin: ann.origin })).status, 405);
  }
  // Whatever is only read leaves everything as it was, however often.
  for (const path of ["", "welcome", `t/${post.id}`, `why/${post.id}`, `reply/${post.id}`, "write", "boards", "inbox", "me", "search?q=post", `p/${post.author}`, "b/unheard-of"]) {
    assert.equal((await session.get(path)).status, 200, path);
  }
  assert.equal(await state(), before);
});

test("where a form comes back to is always ours", async () => {
  for (const back of ["//evil.example", "https://evil.example", "/etc", "..//evil.example", "\\\\evil.example", "javascript:alert(1)", "t/x\r\nSet-Cookie: a=b"]) {
    const answer = await session.send("settings", { theme: "auto", back });
    assert.equal(answer.status, 303, back);
    assert.match(answer.headers.location, /^\/upseed\//, back);
    assert.equal(new URL(answer.headers.location, ann.origin).origin, ann.origin);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
});
