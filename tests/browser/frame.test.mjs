// Other pages in the reader's own browser, which has the view's cookie: they neither read nor write.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, test } from "node:test";
import { launch, signIn } from "./lib/browser.mjs";
import { startNode } from "./lib/node.mjs";
import { openSession } from "./lib/session.mjs";

let ann, post, browser, page, host, origin, served, asked;
before(async () => {
  [ann, browser] = await Promise.all([startNode({ name: "ann" }), launch()]);
  post = await ann.post("A secret title", "A secret text.");
  // Even what no other page can know is given away here: the page's own token.
  served = { pageToken: (await openSession(ann)).pageToken };
  host = http.createServer((request, answer) => {
    answer.setHeader("Content-Type", "text/html; charset=utf-8");
    answer.end(served[new URL(request.url, "http://x").pathname] ?? "");
  });
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  origin = `http://127.0.0.1:${host.address().port}`;
  page = await (await browser.newContext()).newPage();
  await signIn(page, ann);
  asked = [];
  page.on("response", (answer) => {
    if (answer.url().startsWith(ann.origin)) asked.push([answer.request().method(), new URL(answer.url()).pathname, answer.status()]);
  });
});
after(() => Promise.all([ann?.stop(), browser?.close(), host?.close()]));

/** Everything that a script may try; tells its parent what came of it. */
const intruder = () => `<!doctype html><script>
const node = ${JSON.stringify(ann.origin)}, form = new URLSearchParams({ page_token: "${served.pageToken}", up: "${post.id}", understood: "1", back: "" });
const tried = {};
const attempt = async (name, act) => { try { tried[name] = await act(); } catch (error) { tried[name] = "refused: " + error.name; } };
const read = async (answer) => answer.type === "opaque" ? "opaque" : "read " + (await answer.text()).slice(0, 40);
(async () => {
  await attempt("cookie", () => document.cookie ? "read " + document.cookie : "refused: nothing");
  for (const path of ["/upseed/", "/upseed/t/${post.id}", "/upseed/api/v1/top", "/upseed/api/v1/status", "/upseed/rss"]) {
    await attempt("get " + path, async () => read(await fetch(node + path, { credentials: "include" })));
    await attempt("opaque " + path, async () => read(await fetch(node + path, { credentials: "include", mode: "no-cors" })));
  }
  await attempt("vote", async () => read(await fetch(node + "/upseed/vote", { method: "POST", credentials: "include", body: form })));
  await attempt("blind vote", async () => read(await fetch(node + "/upseed/vote", { method: "POST", credentials: "include", mode: "no-cors", body: form })));
  await attempt("api vote", async () => read(await fetch(node + "/upseed/api/v1/votes", { method: "POST", credentials: "include", mode: "no-cors", body: '{"ids":["${post.id}"],"up":true}' })));
  await attempt("beacon", () => navigator.sendBeacon(node + "/upseed/vote", form) ? "opaque" : "refused");
  await attempt("events", () => new Promise((done, fail) => { const events = new EventSource(node + "/upseed/api/v1/events", { withCredentials: true }); events.onopen = () => done("read"); events.onerror = () => fail(new Error()); }));
  await attempt("script", () => new Promise((done, fail) => { const script = document.createElement("script"); script.src = node + "/upseed/api/v1/top"; script.onload = () => done("read"); script.onerror = () => fail(new Error()); document.head.append(script); }));
  await attempt("frame", () => new Promise((done) => { const frame = document.createElement("iframe"); frame.onload = () => { try { done(frame.contentDocument ? "read " + frame.contentDocument.body.innerText.slice(0, 20) : "refused"); } catch { done("refused"); } }; frame.src = node + "/upseed/"; document.documentElement.append(frame); }));
  await attempt("parent", () => parent === self ? "refused" : "read " + parent.document.cookie);
  (parent === self ? self : parent).postMessage({ tried }, "*");
})();
</script>`;

const gather = `<!doctype html><script>self.results = new Promise((done) => addEventListener("message", ({ data }) => data.tried && done(data.tried)));</script>`;

async function assertHarmless(tried) {
  assert.ok(Object.keys(tried).length >= 16, JSON.stringify(tried));
  for (const [name, result] of Object.entries(tried)) assert.match(String(result), /^(refused|opaque)/, name);
  assert.equal((await ann.item(post.id)).upvoted, false);
  const wrote = asked.filter(([method]) => method === "POST");
  assert.ok(wrote.length >= 3);
  for (const [method, path, status] of wrote) assert.ok([401, 403].includes(status), `${method} ${path}: ${status}`);
}

test("a page on another port reads nothing and writes nothing, though cookies know no ports", async () => {
  Object.assign(served, { "/": gather + intruder() });
  asked.length = 0;
  await page.goto(`${origin}/`);
  await assertHarmless(await page.evaluate(() => self.results));
});

test("a script in a frame without an origin has no cookie, reads nothing and changes nothing", async () => {
  Object.assign(served, {
    "/around": `${gather}<iframe sandbox="allow-scripts allow-forms" src="/inside"></iframe>`,
    "/inside": intruder(),
  });
  asked.length = 0;
  await page.goto(`${origin}/around`);
  await assertHarmless(await page.evaluate(() => self.results));
  // Nothing that it asked for was answered: an opaque origin is no site at all, and gets no cookie.
  for (const [method, path, status] of asked.filter(([, path]) => path !== "/upseed/open")) {
    assert.ok([401, 403].includes(status), `${method} ${path}: ${status}`);
  }
  assert.ok(asked.some(([method, path]) => method === "GET" && path === "/upseed/api/v1/top"));
});

test("the view itself in somebody's frame stays shut", async () => {
  for (const sandbox of ["", "sandbox=\"allow-scripts\"", "sandbox=\"allow-scripts allow-same-origin allow-forms\""]) {
    served["/framing"] = `<!doctype html><iframe ${sandbox} src="${ann.origin}/upseed/"></iframe>`;
    await page.goto(`${origin}/framing`);
    const [frame] = page.frames().slice(1);
    await frame.waitForLoadState().catch(() => {});
    assert.ok(!(await frame.content().catch(() => "")).includes("A secret title"), sandbox);
  }
});

test("a form that another page sends does nothing", async () => {
  for (const target of ["vote", "publish", "backup"]) {
    served["/forged"] = `<!doctype html><form method=post action="${ann.origin}/upseed/${target}">
      <input name=page_token value="${served.pageToken}"><input name=up value="${post.id}"><input name=understood value=1>
      <input name=board value=upseed><input name=title value=Forged><input name=text value=Forged></form><script>document.forms[0].submit()</script>`;
    const sent = page.waitForResponse((answer) => answer.request().method() === "POST");
    await page.goto(`${origin}/forged`);
    assert.equal((await sent).status(), 403, target);
  }
  assert.equal((await ann.item(post.id)).upvoted, false);
  assert.equal((await ann.api("GET", "top?window=all")).length, 1);
});
