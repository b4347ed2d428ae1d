// People with a running node of their own, as `upseed run` starts it.
import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifacts } from "./artifacts.mjs";
import { PATIENCE, until } from "./until.mjs";

const binary = process.env.UPSEED_BINARY ?? new URL("../../../target/debug/upseed", import.meta.url).pathname;

/** Starts a node on free ports of 127.0.0.1. It knows nobody but `peers`. */
export async function startNode({ name = "ann", peers = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), `upseed-browser-${name}-`));
  const data = join(folder, "data");
  const log = await open(join(folder, "log"), "w");
  const args = ["run", "--data", data, "--listen", "127.0.0.1:0", "--swarm-listen", "127.0.0.1:0", "--no-dht", "--no-lsd"];
  for (const peer of peers) args.push("--peer", `127.0.0.1:${peer.swarmPort}`);
  const child = spawn(binary, args, {
    stdio: ["ignore", log.fd, log.fd],
    env: { PATH: process.env.PATH, HOME: folder, UPSEED_LOG: "info,hyper=warn" },
  });
  await log.close();
  const ended = new Promise((done) => child.once("exit", done));
  const read = async (file) => (await readFile(file, "utf8").catch(() => "")).trim();
  const running = await until(`${name}'s node answers`, async () => {
    if (child.exitCode !== null) throw new Error(`${name}'s node ended: ${await read(join(folder, "log"))}`);
    const found = JSON.parse((await read(join(data, "node.json"))) || "{}");
    return found.pid === child.pid && found;
  });
  const node = new RunningNode(name, `http://${running.address}`, await read(join(data, "api-token")));
  Object.assign(node, { binary, data });
  node.stop = async () => {
    child.kill("SIGTERM");
    const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(patience);
    await mkdir(join(artifacts, "logs"), { recursive: true });
    await copyFile(join(folder, "log"), join(artifacts, "logs", `${process.pid}-${name}.log`));
    await rm(folder, { recursive: true, force: true });
  };
  node.swarmPort = (await node.api("GET", "status")).swarm_port;
  return node;
}

export class RunningNode {
  constructor(name, origin, token) {
    Object.assign(this, { name, origin, token });
  }

  /** A page's address. */
  url(path = "") {
    return `${this.origin}/upseed/${path}`;
  }

  /** Calls the API as the command does; throws what it refuses. */
  async api(method, path, body) {
    const answer = await fetch(this.url(`api/v1/${path}`), {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw Object.assign(new Error(text), { status: answer.status });
    return text && JSON.parse(text);
  }

  /** One request with exactly these headers, as no browser would send them. */
  raw(method, path, headers = {}, body = "") {
    const { hostname, port } = new URL(this.origin);
    return new Promise((done, fail) => {
      const request = http.request({ hostname, port, method, path, headers, agent: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => (text += part));
        answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text }));
      });
      request.on("error", fail);
      request.end(body);
    });
  }

  link() {
    return this.api("POST", "links").then(({ link }) => link);
  }

  post(title, text = "Some text.", board = "upseed") {
    return this.api("POST", "posts", { board, title, text });
  }

  comment(parent, text) {
    return this.api("POST", "comments", { parent, text });
  }

  vote(id, up = true) {
    return this.api("POST", "votes", { ids: [id], up, wait: PATIENCE / 1000 });
  }

  item(id) {
    return this.api("GET", `item?id=${id}`);
  }
}
