// What is asked of every page: axe-core finds nothing, and nothing sticks out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** `rules`: only those, e.g. what depends on the colours alone. */
export async function assertAccessible(page, what, rules) {
  // Through the debugger, which no content security policy binds.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const found = await page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"], ...(runOnly && { runOnly }) });
    return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`) }));
  }, rules);
  assert.deepEqual(found, [], `axe-core on ${what}`);
}

/** No element is wider than the window or reaches out of it, unless its own box scrolls or cuts. */
export async function assertFits(page, what) {
  const found = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const out = [];
    if (document.documentElement.scrollWidth > width) out.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} > ${width}`);
    const cut = (element) => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        const { overflowX, contain } = getComputedStyle(at);
        if (overflowX !== "visible" || contain.includes("paint")) return true;
      }
      return false;
    };
    for (const element of document.body.querySelectorAll("*")) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(".vh, .skip")) continue;
      const { left, right } = element.getBoundingClientRect();
      if ((left < -1 || right > width + 1) && !cut(element)) {
        out.push(`${element.tagName}.${element.className} from ${Math.round(left)} to ${Math.round(right)}: ${element.textContent.slice(0, 40)}`);
      }
    }
    return out.slice(0, 8);
  });
  assert.deepEqual(found, [], `the layout of ${what}`);
}
