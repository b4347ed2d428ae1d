// The view's frame in a client's page. A host's own script comes after this one, in the same
// scope (as `prefix` is: the path below which everything lies), and uses `view`: it sets view.dark, and calls view.show, view.hide,
// view.themed and view.counts.
const view = {
  /** Whether the page around is dark. */
  dark: () => matchMedia("(prefers-color-scheme: dark)").matches,
  /** Shows the view as the last child of an element; `html.upseed` is set meanwhile. */
  show(place) {
    document.documentElement.classList.add("upseed");
    if (this.frame?.parentElement === place) return;
    this.frame?.remove();
    this.frame = Object.assign(document.createElement("iframe"), { id: "upseed-frame", title: "Upseed" });
    // Not allow-same-origin: whatever gets into the view must not reach the client, which can run programs.
    this.frame.setAttribute("sandbox", "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads");
    place.append(this.frame);
    this.open();
  },
  /** Shows the client's own page again. The frame stays as it is. */
  hide() {
    document.documentElement.classList.remove("upseed");
    this.said?.remove();
  },
  shown: () => document.documentElement.classList.contains("upseed"),
  theme() { return this.dark() ? "dark" : "light"; },
  /** Tells the view that the colours may be others now. */
  themed() { this.tell({ upseed: "theme", theme: this.theme() }); },
  /** A frame without an origin can only be written to by "*"; it is the window, and no name, that is meant. */
  tell(what) { this.frame?.contentWindow?.postMessage(what, "*"); },
  style(text) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  },
  async token() {
    const answer = await fetch(`${prefix}/upseed/frame`, { method: "POST" });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error([said.error, said.hint].filter(Boolean).join(" ") || `Upseed: ${answer.status}`);
    return said.token;
  },
  async open() {
    this.said?.remove();
    try {
      const query = new URLSearchParams({ token: await this.token(), theme: this.theme() });
      this.frame.src = `${prefix}/upseed/?${query}`;
    } catch (error) {
      this.said = Object.assign(document.createElement("p"), { id: "upseed-said", textContent: error.message });
      this.frame.replaceWith(this.said);
      this.frame = undefined;
    }
  },
  /** New replies are said there from now on: by the view while it is open, and once a minute before. */
  counts(place) {
    const badge = document.createElement("span");
    place.append(badge);
    this.unread = (count) => { badge.textContent = count > 0 ? ` (${count})` : ""; };
    clearInterval(this.looks);
    this.looks = setInterval(() => this.look(), 60000);
    this.look();
  },
  unread() {},
  async look() {
    if (this.frame) return;
    try {
      this.looksWith ??= await this.token();
      const answer = await fetch(`${prefix}/upseed/unread?${new URLSearchParams({ token: this.looksWith })}`);
      if (!answer.ok) throw new Error();
      this.unread((await answer.json()).unread);
    } catch {
      // Who is not logged in any more has no token; it is asked for again.
      this.looksWith = undefined;
    }
  },
  asked: 0,
  pause: 0,
  /** A new token, but not as quick as a frame that fails again and again may ask. */
  async renew() {
    const now = Date.now();
    this.pause = now - this.asked > 60000 ? 0 : Math.min(60000, this.pause * 2 || 1000);
    this.asked = now;
    await new Promise((next) => setTimeout(next, this.pause));
    const token = await this.token().catch(() => {});
    if (token) this.tell({ upseed: "token", token });
  },
};
addEventListener("message", ({ source, data }) => {
  if (!view.frame || source !== view.frame.contentWindow) return;
  if (data?.upseed === "ready") view.themed();
  if (data?.upseed === "token?") view.renew();
  if (data?.upseed === "unread") view.unread(data.unread >>> 0);
});
