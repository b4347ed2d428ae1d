// A reader without a browser: the cookie of a one-time link, and the token that a page's forms carry.

export async function openSession(node) {
  const { pathname, search } = new URL(await node.link());
  const answer = await node.raw("GET", pathname + search);
  const cookie = answer.headers["set-cookie"]?.[0].split(";")[0];
  if (!cookie) throw new Error(`no cookie: ${answer.status} ${answer.text}`);
  const page = await node.raw("GET", "/upseed/welcome", { Cookie: cookie });
  const [, pageToken] = page.text.match(/name="page_token" value="([0-9a-f]+)"/);
  return new Session(node, cookie, pageToken);
}

class Session {
  constructor(node, cookie, pageToken) {
    Object.assign(this, { node, cookie, pageToken });
  }

  /** Loads a page below `/upseed/`. */
  get(path, headers = {}) {
    return this.node.raw("GET", `/upseed/${path}`, { Cookie: this.cookie, ...headers });
  }

  /** Sends a form as a page would. `headers` and `fields` may spoil any part of it. */
  send(path, fields = {}, headers = {}) {
    const body = new URLSearchParams({ page_token: this.pageToken, back: "", ...fields }).toString();
    return this.node.raw("POST", `/upseed/${path}`, {
      Cookie: this.cookie,
      Origin: this.node.origin,
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Length": Buffer.byteLength(body),
      ...headers,
    }, body);
  }
}
