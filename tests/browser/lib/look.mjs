import { assertAccessible, assertFits } from "./audit.mjs";
import { screenshot } from "./browser.mjs";

/** The page as it is, in both colour schemes. */
export async function assertLooks(page, name) {
  const { width } = page.viewportSize();
  await assertFits(page, name);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await screenshot(page, `${name}-${width}-${colorScheme}`);
    // The second time only the colours are others.
    await assertAccessible(page, `${name}, ${width} px, ${colorScheme}`, colorScheme === "dark" ? ["color-contrast", "link-in-text-block"] : undefined);
  }
}
