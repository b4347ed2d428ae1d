// The real torrent clients of two generations, each with a fresh profile, and the proxy before them.
import { spawn, execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RunningNode } from "./node.mjs";
import { PATIENCE, until } from "./until.mjs";

const here = new URL("..", import.meta.url).pathname;
const harness = process.env.UPSEED_IN_CLIENT ?? join(here, "../../target/debug/examples/in_client");

// Below, there are ports of services, and some that browsers refuse. From the other one on the system gives them to connections.
const LOWEST = 11_000;
const GIVEN_FROM = 32_768;
let next = randomInt(GIVEN_FROM);

/** A port that nobody listens on: each time another one, and none that the system gives to somebody else meanwhile. */
async function freePort() {
  for (;;) {
    const port = LOWEST + (next++ % (GIVEN_FROM - LOWEST));
    const server = net.createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(() => true, () => false);
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

let root;
/** A program of this machine's Debian, or of Debian 13 in its folder (`tests/clients/trixie`). */
function command(generation, program, args) {
  if (generation === "here") return [program, args];
  root ??= execFileSync(join(here, "../clients/trixie"), { encoding: "utf8" }).trim();
  const script = 'for d in /tmp /dev /proc; do mount --rbind "$d" "$0$d"; done; exec chroot "$0" "$@"';
  return ["unshare", ["-rm", "sh", "-ec", script, root, program, ...args]];
}

async function start(generation, program, args, folder) {
  const [file, all] = command(generation, program, args);
  const child = spawn(file, all, { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH, HOME: folder } });
  const client = { folder, said: "", child };
  const ended = once(child, "exit");
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (client.said += part));
  client.stop = async () => {
    child.kill("SIGTERM");
    const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(patience);
    await rm(folder, { recursive: true, force: true });
  };
  return client;
}

/** Waits until a client's own pages are there. One that does not answer is ended, or the test would never be over. */
async function answers(client) {
  try {
    await until("the client answers", () => fetch(client.origin).then(() => true, () => false));
  } catch (error) {
    await client.stop();
    throw new Error(`${error.message}: ${client.said}`);
  }
}

/** qBittorrent with its default profile, but for the legal notice and the address; perhaps with another web UI. */
export async function startQbittorrent(generation, { ui } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "upseed-browser-qb-"));
  const config = join(folder, "qBittorrent/config");
  await mkdir(config, { recursive: true });
  let own = "";
  if (ui) {
    await cp(ui, join(folder, "ui"), { recursive: true });
    own = `WebUI\\AlternativeUIEnabled=true\nWebUI\\RootFolder=${folder}/ui\n`;
  }
  await writeFile(join(config, "qBittorrent.conf"), `[LegalNotice]\nAccepted=true\n[Preferences]\nWebUI\\Address=127.0.0.1\n${own}[BitTorrent]\nSession\\DHTEnabled=false\nSession\\LSDEnabled=false\n`);
  const port = await freePort();
  const client = await start(generation, "qbittorrent-nox", [`--profile=${folder}`, `--webui-port=${port}`], folder);
  client.origin = `http://127.0.0.1:${port}`;
  client.user = "admin";
  await answers(client);
  // From 4.6.1 on there is no password that everybody knows.
  client.password = generation === "here" ? "adminadmin" : await until("qBittorrent says its password", () => /session: (\S+)/.exec(client.said)?.[1]);
  return client;
}

/** Transmission; with `password` for the user `ann`, else its default profile. */
export async function startTransmission(generation, { password } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "upseed-browser-tr-"));
  const port = await freePort();
  const args = ["-f", "-g", folder, "-p", String(port), "-P", String(await freePort()), "--no-dht", "--no-lpd", "--no-portmap", "-w", folder];
  if (password) args.push("-t", "-u", "ann", "-v", password);
  const client = await start(generation, "transmission-daemon", args, folder);
  Object.assign(client, { origin: `http://127.0.0.1:${port}`, user: "ann", password });
  await answers(client);
  return client;
}

/** A node and the proxy before a client. */
export async function inClient(kind, client) {
  const folder = await mkdtemp(join(tmpdir(), "upseed-browser-in-"));
  const child = spawn(harness, [kind, client.origin, join(folder, "data")], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { node: address, proxy, token } = JSON.parse(line);
  const node = new RunningNode("ann", `http://${address}`, token);
  const stop = async () => {
    child.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { node, origin: `http://${proxy}`, stop };
}
