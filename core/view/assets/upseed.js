// Makes the pages quick and live. Everything works without it; it builds no HTML from strings.
const body = document.body, root = document.documentElement, data = body.dataset;
const $ = (what, within = document) => within.querySelector(what);
const all = (what, within = document) => [...within.querySelectorAll(what)];
const byId = (id) => document.getElementById(id);
const votes = byId("v"), live = byId("live"), oops = byId("oops"), news = byId("news");
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Inside a client's page the page around it hands in a token; without an origin this one keeps none.
const framed = parent !== self;
let handed = () => {};
const renewed = () => new Promise((done) => {
  handed = () => done(true);
  setTimeout(done, 5000);
  parent.postMessage({ upseed: "token?" }, "*");
});

const say = (text) => { live.textContent = text; };
const fail = (text) => { oops.textContent = text || data.failed; oops.hidden = false; oops.scrollIntoView({ block: "nearest" }); };

// Sends a form as the browser would, but asks for JSON. A plain request, so that a page without an
// origin may send it as well.
async function send(form, button, again) {
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.set(button.name, button.value);
  oops.hidden = true;
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } })
    .catch(() => { throw new Error(); });
  const json = await answer.json().catch(() => ({}));
  // With a new token it is what the reader did, once more.
  if (answer.status === 401 && framed && !again && await renewed()) return send(form, button, true);
  if (!answer.ok) throw new Error([json.error, json.hint].filter(Boolean).join(" "));
  return json;
}

// --- Items ---
const heard = new Set();
function update(item) {
  const box = byId("i" + item.id), show = item.show;
  if (!box || !show) return;
  const put = (what, text) => { const at = $(what, box); if (at && at.textContent !== text) at.textContent = text; };
  // The line of this item and not of an answer to it, which may come first to have a mark.
  const line = $(":scope > .mt", box);
  put(".n", show.votes);
  put(".ho", show.hosts);
  if (show.status && !$(".st", line)) $(".ho", line).after(" ", Object.assign(document.createElement("span"), { className: "st" }));
  put(":scope > .mt > .st", show.status);
  // Not the count of a comment further down: only a row has its own.
  if (box.classList.contains("it")) put(".cc", show.comments);
  if (item.readable && $(":is(:scope, :scope > details) > .none", box)) news.hidden = false;
  const button = $(".up", box);
  button.className = show.class;
  button.name = item.upvoted ? "down" : "up";
  button.setAttribute("aria-label", show.action);
  button.disabled = false;
}

votes.addEventListener("submit", async (event) => {
  // The first vote is explained on a page of its own.
  if (!("agreed" in votes.dataset)) return;
  event.preventDefault();
  const button = event.submitter, focused = document.activeElement === button;
  button.disabled = true;
  heard.delete(button.value);
  try {
    const item = await send(votes, button);
    // An event that came meanwhile is newer than the answer.
    if (!heard.has(item.id)) update(item);
    say(item.show?.status || item.show?.action || "");
  } catch (error) {
    fail(error.message);
  }
  button.disabled = false;
  // Not after a vote by key: enter goes on to open what was chosen.
  if (focused) button.focus({ preventScroll: true });
});

// --- Saving, hiding ---
byId("k").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, button = event.submitter;
  try {
    const item = await send(form, button);
    say(item.said);
    if (button.name === "hide") {
      const box = byId("i" + item.id);
      const next = box.nextElementSibling;
      if (box.matches(".it")) {
        (box.closest(".foldrow") ?? box).remove();
        return next && choose(next);
      }
    }
    button.name = item.name;
    button.textContent = item.text;
    button.classList.toggle("on", item.name === "unsave");
    button.toggleAttribute("aria-pressed", false);
    if (item.name === "unsave") button.setAttribute("aria-pressed", "true");
  } catch (error) {
    fail(error.message);
  }
});

// What comes after this visit is marked as new on the next one. A page that is gone through quickly was not read.
if (data.seen) {
  const fields = new URLSearchParams(new FormData(votes));
  fields.set("page", data.visited);
  setTimeout(() => fetch(data.seen, { method: "POST", body: fields }).catch(() => {}), 1500);
}

// --- Links ---
// A pasted link is opened in one step; without this, the search offers to.
for (const find of all("form[role=search]")) find.addEventListener("submit", (event) => {
  const text = find.elements.q.value.trim();
  if (!/magnet(:|%3a)|upseed:[0-9a-z]|\/upseed\/[a-z]+\/|^[0-9a-f]{40}$|^[a-z2-7]{32}$/i.test(text)) return;
  event.preventDefault();
  const form = votes.cloneNode();
  form.append(...[...votes.children].map((field) => field.cloneNode()));
  form.removeAttribute("id");
  Object.assign(form, { action: data.open, hidden: true });
  form.append(Object.assign(document.createElement("input"), { name: "q", value: text }));
  body.append(form);
  form.submit();
});
for (const copy of all(".copy")) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const text = byId("share");
    text.select();
    // Inside a client's page, and on addresses without TLS, only what is selected can be copied.
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      document.execCommand("copy");
    }
    say(copy.dataset.copied);
    copy.textContent = copy.dataset.copied;
  });
}

// --- Times ---
const [now, ...units] = data.ages.split("|");
const loaded = Date.now();
function ages() {
  for (const time of all("time")) {
    const at = new Date(time.dateTime), past = now - at / 1000 + (Date.now() - loaded) / 1000;
    time.title = at.toLocaleString([], { dateStyle: "full", timeStyle: "short" });
    const step = past < 60 ? -1 : past < 3600 ? 0 : past < 86400 ? 1 : past < 2592000 ? 2 : 3;
    if (step === 3) time.textContent = at.toLocaleDateString([], { dateStyle: "medium" });
    else if (step >= 0) time.textContent = units[step].replace("{}", Math.floor(past / [60, 3600, 86400][step]));
  }
}
ages();
setInterval(ages, 60000);

// --- What happens meanwhile ---
let events;
function listen() {
  events?.close();
  // What the page shows may have changed on its way here, or while nobody listened.
  const ids = new Set([...all(".up.wait"), ...all(".up")].map((button) => button.value));
  const since = data.since ? `&since=${data.since}` : "";
  events = new EventSource(`${data.events}${data.events.includes("?") ? "&" : "?"}ids=${[...ids].slice(0, 60)}${since}`);
  events.onmessage = ({ data: said }) => { if (said === '{"event":"missed"}') news.hidden = false; };
  // Refused, and not only interrupted. A new token listens again.
  events.onerror = () => framed && events.readyState === EventSource.CLOSED && renewed();
  const on = (name, then) => events.addEventListener(name, (event) => then(JSON.parse(event.data)));
  on("item", (item) => { heard.add(item.id); update(item); });
  on("new", (item) => {
    const thread = byId("c"), about = thread && $(".post").id.slice(1);
    if (thread ? item.root === about || item.parent === about : item.kind === "post" && $(".tabs .win, .tabs")) news.hidden = false;
  });
  on("text", (item) => { if ($(`#i${item.id} .none`)) news.hidden = false; });
  on("inbox", ({ unread }) => {
    const at = byId("unread");
    at.textContent = unread;
    at.hidden = !unread;
    document.title = (unread ? `(${unread}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    tellUnread();
  });
  on("status", ({ show }) => all("#status span").forEach((span, at) => { if (show[at]) span.textContent = show[at]; }));
  on("work", ({ job, percent }) => { const bar = $(`[data-job="${CSS.escape(job)}"] progress`); if (bar) bar.value = percent; });
}
if (!byId("locked")) listen();
else if (framed) renewed();
addEventListener("pagehide", () => events?.close());
addEventListener("pageshow", (event) => event.persisted && listen());

// --- Writing ---
const bytes = (text) => new TextEncoder().encode(text).length;
function count(field) {
  const text = field.value.replace(/\r?\n/g, "\n"), size = bytes(text);
  // The limit is in bytes, and people count characters: as many as fit at this text's own average.
  const each = size / [...text].length || 1, left = field.dataset.max - size;
  const over = data.over.replace("{}", Math.ceil(-left / each));
  const note = field.closest("label").nextElementSibling;
  field.setCustomValidity(left < 0 ? over : "");
  note.classList.toggle("over", left < 0);
  // Said only when it begins to matter.
  note.textContent = left < 0 ? over
    : left < field.dataset.max / 2 || text && field.dataset.max < 2000 ? data.left.replace("{}", Math.floor(left / each)) : "";
}
document.addEventListener("input", (event) => event.target.dataset?.max && count(event.target));
all("[data-max]").forEach(count);

document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches(".compose")) return;
  clearTimeout(unsaved.get(form));
  unsaved.delete(form);
  if (button?.value !== "publish") return;
  event.preventDefault();
  const work = $(".work", form), job = crypto.getRandomValues(new Uint32Array(2)).join("");
  form.dataset.job = job;
  form.elements.job.value = job;
  button.disabled = true;
  work.hidden = false;
  try {
    // Not overtaken by what was typed before.
    await keeping;
    const item = await send(form, button);
    location.assign(item.page);
    // Only the fragment may differ.
    if (item.page.split("#")[0] === location.pathname + location.search) location.reload();
  } catch (error) {
    fail(error.message);
    button.disabled = false;
    work.hidden = true;
    unsaved.set(form, setTimeout(() => keepDraft(form), 0));
  }
});

// Drafts are kept at the node, for a page in a client's page can keep nothing itself.
const unsaved = new Map();
let keeping;
async function keepDraft(form, leaving) {
  clearTimeout(unsaved.get(form));
  if (!unsaved.delete(form)) return;
  const fields = new URLSearchParams(new FormData(form));
  const kept = await (keeping = fetch(form.dataset.draft, { method: "POST", body: fields, keepalive: leaving && String(fields).length < 60000 }).then(({ ok }) => ok, () => false));
  const note = $(".kept", form);
  note.hidden = !kept;
  $("[value=discard]", form).hidden = false;
  // Said where it would be lost, and once more before the page goes.
  if (!kept && !leaving) fail(form.dataset.lost);
  if (!kept) unsaved.set(form, 0);
}
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.(".compose");
  if (!form) return;
  $(".kept", form).hidden = true;
  clearTimeout(unsaved.get(form));
  unsaved.set(form, setTimeout(() => keepDraft(form), 700));
});
addEventListener("pagehide", () => [...unsaved.keys()].forEach((form) => keepDraft(form, true)));
addEventListener("beforeunload", (event) => {
  // What could not be kept, or is too much to be sent at the last moment.
  for (const [form, waits] of unsaved) if (!waits || form.elements.text.value.length > 15000) event.preventDefault();
});

// "Reply" brings the page's own form below the comment.
const form = $(".write-box .compose");
async function answer(id) {
  const { parent, text } = form.elements;
  if (parent.value === id) return;
  await keepDraft(form);
  parent.value = id;
  text.value = "";
  const address = form.dataset.draft;
  const draft = await fetch(`${address}${address.includes("?") ? "&" : "?"}parent=${id}`).then((found) => found.json()).catch(() => ({}));
  if (draft.text && !text.value && parent.value === id) text.value = draft.text;
  $("[value=discard]", form).hidden = !text.value;
  count(text);
}
function reply(link) {
  const place = link.closest(".do"), id = link.closest(".re").id.slice(1);
  place.after(form);
  answer(id);
  form.elements.text.focus();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.reply");
  if (!link || !form || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  reply(link);
});
$(".write-box")?.addEventListener("toggle", (event) => {
  const box = event.target;
  if (!box.open) return;
  box.append(form);
  answer($(".post").id.slice(1));
  form.elements.text.focus();
});

// --- Keys ---
const spots = () => all(".it, .post, .re").filter((spot) => spot.checkVisibility());
let chosen;
function choose(spot) {
  if (!spot) return;
  chosen?.classList.remove("sel");
  (chosen = spot).classList.add("sel");
  ($("h2 a, .ex a, .t, h1", spot) ?? spot).focus?.({ preventScroll: true });
  const { top, bottom } = ($(":scope > .mt", spot) ?? spot).getBoundingClientRect();
  if (top < 60 || bottom > innerHeight - 40) spot.scrollIntoView({ block: bottom - top > innerHeight ? "start" : "nearest", behavior: calm() ? "auto" : "smooth" });
}
const move = (step) => {
  const list = spots(), at = list.indexOf(chosen);
  choose(list[at < 0 ? 0 : Math.min(Math.max(at + step, 0), list.length - 1)]);
};
const click = (what) => chosen && $(what, chosen)?.click();
const help = byId("keys");
const keys = {
  j: () => move(1),
  k: () => move(-1),
  a: () => click(".up"),
  u: () => click(".up"),
  c: () => click(".cc") ?? byId("c")?.scrollIntoView(),
  r: () => {
    const box = $(".write-box");
    if (chosen?.matches(".re")) click("a.reply");
    else if (box) box.open ? form.elements.text.focus() : (box.open = true);
    else click(".cc");
  },
  x: () => { const fold = chosen && $("details", chosen); if (fold) fold.open = !fold.open; },
  "/": () => byId("q").focus(),
  "?": () => { help.open = !help.open; help.open && $("summary", help).focus(); },
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    help.open = false;
    document.activeElement?.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select")) return;
  if (event.key === "Enter" && chosen && event.target === body) return click("h2 a, .ex a, .t");
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
if (location.hash.length > 1) {
  const spot = byId(location.hash.slice(1));
  for (let fold = spot?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (spot?.matches(".it, .re")) choose(spot);
  // What was just published says so where it stands.
  const said = $(".said");
  if (said && spot?.matches(".re")) {
    const link = $(".t", spot);
    said.removeAttribute("aria-hidden");
    said.append(" ", Object.assign(document.createElement("a"), { href: link.href, textContent: link.title }));
    $(":scope > .mt", spot).after(said);
  }
}

// --- Inside a client's page ---
addEventListener("message", ({ source, data: said }) => {
  if (source !== parent || !framed || !said) return;
  if (said.upseed === "theme") root.dataset.theme = said.theme === "dark" ? "dark" : "light";
  if (said.upseed === "token") {
    const base = new URL(data.events.split("api/")[0], location.href).href;
    // Every address of ours, also where a page that says what went wrong had no token.
    const fresh = (address) => {
      const url = new URL(address, location.href);
      if (url.href.startsWith(base) && !url.searchParams.has("feed")) url.searchParams.set("token", said.token);
      return url.href;
    };
    // Once more to where this page should have been. The page around it sees to it that this ends.
    if (byId("locked")) return location.replace(fresh($("a", news).href));
    for (const link of all("a[href]:not([href^='#'])")) link.href = fresh(link.href);
    for (const form of all("form")) form.action = fresh(form.action);
    for (const field of all("input[name=token]")) field.value = said.token;
    // The forms of a page belong to its token.
    for (const field of all("input[name=page_token]")) field.value = said.token.slice(0, 32);
    data.events = fresh(data.events);
    listen();
    handed();
  }
});
const tellUnread = () => framed && !byId("locked") && parent.postMessage({ upseed: "unread", unread: +byId("unread").textContent }, "*");
framed && parent.postMessage({ upseed: "ready" }, "*");
tellUnread();
