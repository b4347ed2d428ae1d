// The Social button in the toolbar of Transmission's web UI: 3.00, and 4.x.
const bar = document.getElementById("mainwin-toolbar"), old = document.getElementById("toolbar");
const button = document.createElement(bar ? "button" : "div");
Object.assign(button, { id: "toolbar-upseed", title: "Social: Upseed" });
button.setAttribute("aria-label", "Social");
button.append(Object.assign(new Image(), { src: `${prefix}/upseed/assets/upseed.svg`, alt: "" }), "Social");

view.counts(button);

function toggle() {
  if (view.shown()) view.hide();
  else view.show(bar ? document.getElementById("mainwin") : document.body);
  button.setAttribute("aria-pressed", view.shown());
}
button.addEventListener("click", toggle);
// Whatever else the toolbar does is about Transmission's own page.
(bar ?? old)?.addEventListener("click", ({ target }) => view.shown() && !button.contains(target) && target !== bar && target !== old && toggle(), true);

const common = `
  html:not(.upseed) :is(#upseed-frame, #upseed-said) { display: none }
  #upseed-frame { display: block; border: 0; background: Canvas }
  #upseed-said { margin: 0; padding: 1em; background: Canvas; color: CanvasText }
  #toolbar-upseed img { width: 22px; height: 22px; vertical-align: middle; margin-right: 6px }
  @media (width < 600px) {
    #toolbar-upseed#toolbar-upseed#toolbar-upseed { font-size: 0; padding: 0 4px }
    #toolbar-upseed img { margin: 0 }
  }
`;
if (bar) {
  view.style(`${common}
    html.upseed #mainwin > :not(#mainwin-toolbar, #upseed-frame, #upseed-said) { display: none !important }
    #upseed-frame { flex: 1; width: 100% }
    #mainwin-toolbar #toolbar-upseed { width: auto; padding: 0 10px; color: inherit; font: inherit; white-space: nowrap }
    html.upseed #mainwin-toolbar #toolbar-upseed { background: rgba(128, 128, 128, .25) }
  `);
  // Before the space that keeps the menu at the right.
  const menu = document.getElementById("toolbar-overflow") ?? bar.lastElementChild;
  bar.insertBefore(button, bar.querySelector(":scope > .flexible-space") ?? menu.previousElementSibling ?? menu);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => view.themed());
} else if (old) {
  // Always light, and everything below the toolbar has a fixed place.
  view.dark = () => false;
  view.style(`${common}
    :is(#upseed-frame, #upseed-said) { position: fixed; z-index: 6; top: 41px; left: 0; width: 100%; height: calc(100% - 41px); box-sizing: border-box }
    #toolbar #toolbar-upseed { width: auto; padding: 0 8px; line-height: 34px }
    html.upseed #toolbar #toolbar-upseed { background: rgba(0, 0, 0, .15) }
  `);
  button.role = "button";
  button.tabIndex = 0;
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
  old.append(button);
}
