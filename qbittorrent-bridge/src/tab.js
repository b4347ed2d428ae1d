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
    link.prepend(Object.assign(new Image(16, 16), { src: "/upseed/assets/upseed.svg", alt: "" }));
  }
  tab.append(link);
  tabs.append(tab);
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
  const item = list.querySelector(".v-list-item");
  if (!item || document.getElementById("upseedTabLink")) return;
  const tab = Object.assign(document.createElement("a"), { id: "upseedTabLink", tabIndex: 0 });
  tab.className = item.className.replace(/\S*--active|\S*text-\S+/g, "");
  const icon = Object.assign(new Image(24, 24), { src: "/upseed/assets/upseed.svg", alt: "" });
  const said = Object.assign(document.createElement("div"), { className: "v-list-item-title", textContent: name });
  const parts = ["v-list-item__prepend", "v-list-item__content"].map((className) => Object.assign(document.createElement("div"), { className }));
  parts[0].append(icon, Object.assign(document.createElement("div"), { className: "v-list-item__spacer" }));
  parts[1].append(said);
  tab.append(...parts);
  list.append(tab);
  tab.addEventListener("click", () => view.show(document.querySelector(".v-main")));
  tab.addEventListener("keydown", ({ key }) => key === "Enter" && tab.click());
}

const tabs = document.getElementById("mainWindowTabsList");
if (tabs) classic(tabs);
else {
  view.style(`
    html.upseed .v-main > :not(#upseed-frame, #upseed-said) { display: none !important }
    html:not(.upseed) :is(#upseed-frame, #upseed-said) { display: none }
    #upseed-frame { display: block; width: 100%; height: calc(100dvh - var(--v-layout-top, 0px) - var(--v-layout-bottom, 0px)); border: 0 }
    #upseed-said { padding: 1em }
    html.upseed #upseedTabLink { background: rgba(128, 128, 128, .2) }
  `);
  view.dark = () => Boolean(document.querySelector(".v-application[class*=v-theme--dark], .v-application.v-theme--oled"));
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.(".v-navigation-drawer a, .v-app-bar a");
    if (link && link.id !== "upseedTabLink") view.hide();
  }, true);
  // The drawer comes with the log-in, and again with every change of the layout.
  const look = () => {
    const list = document.querySelector(".v-navigation-drawer .v-list");
    if (list) vuetorrent(list);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
}
