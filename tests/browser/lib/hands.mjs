// The two ways of using a page. Both can do all that a reader does; neither ever scripts the page.
import assert from "node:assert/strict";

export const mouse = {
  name: "by mouse",
  async press(target) {
    await target.click();
  },
  async write(field, text) {
    await field.click();
    await field.press("ControlOrMeta+a");
    await field.pressSequentially(text);
  },
  async choose(field, option) {
    await field.selectOption({ label: option });
  },
};

export const keyboard = {
  name: "by keyboard alone",
  async press(target) {
    await tabTo(target);
    await target.page().keyboard.press("Enter");
  },
  async write(field, text) {
    await tabTo(field);
    const { keyboard: keys } = field.page();
    await keys.press("ControlOrMeta+a");
    await keys.type(text);
  },
  async choose(field, option) {
    await tabTo(field);
    await field.page().keyboard.type(option);
  },
};

/** Walks there with the tab key, and sees to it that the place can be seen. */
async function tabTo(target) {
  await target.waitFor();
  const { keyboard: keys } = target.page();
  // Most of the way in one go, for the sake of time.
  const far = await target.evaluate((element) => {
    const stops = [...document.querySelectorAll("a[href], button, input, textarea, select, summary")].filter((stop) => stop.type !== "hidden" && stop.checkVisibility());
    return stops.indexOf(element) - stops.indexOf(document.activeElement);
  });
  for (let n = 3; n < far; n += 1) keys.press("Tab");
  for (let n = 0; n < 300; n += 1) {
    const here = await target.evaluate((element) => {
      if (element !== document.activeElement) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return { outline: outlineStyle !== "none" && outlineWidth !== "0px" };
    });
    if (here) return assert.ok(here.outline, `the focus is seen on ${target}`);
    await keys.press("Tab");
  }
  throw new Error(`the tab key does not lead to ${target}`);
}
