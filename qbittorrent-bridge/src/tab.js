// The Social tab of qBittorrent's web UI (4.x, 5.x), and the same in VueTorrent's drawer.
const root = document.documentElement;
const name = "Social";

function classic(tabs) {
  view.style(`
    html.upseed #pageWrapper > :not(#upseed-frame, #upseed-said) { display: none !important }
    html:not(.upseed) :is(#upseed-frame, #upseed-said) { display: none }
    #upseed-frame { display: block; width: 100%; height: 100%; border: 0 }
    #upseed-said { padding: 1em }
    #upseedTabLink { cursor: pointer }
    #upseedTabLink img { filter: none !important }
  `);
  // 5.x marks a dark page with a class; before that there is none.
  view.dark = () => root.classList.contains("dark");
  new MutationObserver(() => view.themed()).observe(root, { attributeFilter: ["class"] });

  const tab = Object.assign(document.createElement("li"), { id: "upseedTabLink" });
  const link = Object.assign(document.createElement("a"), { textContent: name, className: tabs.querySelector("a")?.className ?? "" });
  if (tabs.querySelector("img")) {
    link.prepend(Object.assign(new Image(16, 16), { src: `${prefix}/upseed/assets/upseed.svg`, alt: "" }));
  }
  tab.append(link);
  tabs.append(tab);
  view.counts(link);
  let before;
  tab.addEventListener("click", () => {
    if (!view.shown()) {
      before = tabs.querySelector(".selected");
      for (const other of tabs.children) other.classList.remove("selected");
      tab.classList.add("selected");
    }
    view.show(document.getElementById("pageWrapper"));
  });
  // Before qBittorrent's own listeners, which then find everything as they left it.
  tabs.addEventListener("click", ({ target }) => {
    if (!view.shown() || tab.contains(target)) return;
    view.hide();
    tab.classList.remove("selected");
    before?.classList.add("selected");
  }, true);
}

function vuetorrent(list) {
  if (document.getElementById("upseedTabLink")) return;
  const tab = Object.assign(document.createElement("a"), { id: "upseedTabLink", tabIndex: 0, role: "button" });
  tab.append(Object.assign(new Image(24, 24), { src: `${prefix}/upseed/assets/upseed.svg`, alt: "" }), name);
  view.counts(tab);
  // Before what VueTorrent itself keeps there, which is longer than the window.
  list.prepend(tab);
  tab.addEventListener("click", () => (view.shown() ? view.hide() : view.show(document.querySelector(".v-main"))));
  tab.addEventListener("keydown", ({ key }) => key === "Enter" && tab.click());
  const app = document.querySelector(".v-application");
  new MutationObserver(() => view.themed()).observe(app, { attributeFilter: ["class"] });
}

const tabs = document.getElementById("mainWindowTabsList");
if (tabs) classic(tabs);
else {
  view.style(`
    html.upseed .v-main > :not(#upseed-frame, #upseed-said) { display: none !important }
    html:not(.upseed) :is(#upseed-frame, #upseed-said) { display: none }
    #upseed-frame { display: block; width: 100%; height: calc(100dvh - var(--v-layout-top, 0px) - var(--v-layout-bottom, 0px)); border: 0 }
    #upseed-said { padding: 1em }
    #upseedTabLink { display: flex; align-items: center; gap: 12px; margin-top: 8px; padding: 8px; border-radius: 6px; cursor: pointer }
    html.upseed #upseedTabLink { background: rgba(128, 128, 128, .3) }
  `);
  view.dark = () => /v-theme--[^ ]*(dark|oled)/i.test(document.querySelector(".v-application")?.className);
  // Every button of the bar leads to a page of VueTorrent's, but for the one that hides the drawer.
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.(".v-app-bar :is(button:not(.v-app-bar-nav-icon), .title-wrapper)")) view.hide();
  }, true);
  // The drawer comes with the log-in, and again with every change of the layout.
  const look = () => {
    const list = document.querySelector(".v-navigation-drawer .v-list");
    if (list) vuetorrent(list);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
}
