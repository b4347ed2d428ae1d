// The pictures of docs/pictures that show the view, as Chromium shows it to one of the demo's people: `make pictures`.
import { spawn } from "node:child_process";
import { launch } from "./lib/browser.mjs";
import { until } from "./lib/until.mjs";

const binary = process.env.UPSEED_BINARY;
const pictures = new URL("../../docs/pictures/", import.meta.url).pathname;

const demo = spawn(binary, ["demo", "--json", "--seconds", "3600"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = new Promise((done) => demo.once("exit", done));
let printed = "";
demo.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
const told = await until("the demo has told its story", () => {
  if (demo.exitCode !== null) throw new Error(`the demo ended with ${demo.exitCode}`);
  return printed.endsWith("}\n") && JSON.parse(printed);
});

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1100, height: 620 }, colorScheme: "light", reducedMotion: "reduce" });
const page = await context.newPage();
await page.goto(told.view);
await page.waitForURL((url) => !url.pathname.endsWith("/open"));
// Those who come for the first time are told first what an upvote is; once.
await page.goto(`http://${told.api}/upseed/?window=day`);
await page.getByText(told.top[0].title).waitFor();
// Looking at them is what has their hosts verified, one after the other.
await until("all hosts are known", async () => {
  await page.reload();
  return (await page.getByText("host count unknown").count()) === 0;
});
await page.screenshot({ path: `${pictures}view.png` });
await browser.close();
demo.kill("SIGINT");
await ended;
