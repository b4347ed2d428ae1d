/** How long anything is waited for, in milliseconds: only a failing test uses it up. No test asserts how long something took. */
export const PATIENCE = 300_000;

/** Waits for a condition, and says which one if it does not come. */
export async function until(what, condition) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${PATIENCE / 1000} s: ${what}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}
