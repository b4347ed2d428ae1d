import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where screenshots, logs and figures are left for people to look at. */
export const artifacts = process.env.UPSEED_ARTIFACTS ?? new URL("../../../artifacts/browser", import.meta.url).pathname;

/** Leaves figures, and prints them. */
export async function figures(name, values) {
  console.log(`${name}: ${JSON.stringify(values)}`);
  await writeFile(join(artifacts, `${name}.json`), `${JSON.stringify(values, null, 2)}\n`);
}
