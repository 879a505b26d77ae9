// What every page has: the theme switch, the menu, and the help for the keyboard.
const root = document.documentElement;

const stored = {
  get(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      if (value) localStorage.setItem(name, value);
      else localStorage.removeItem(name);
    } catch {
      // Private windows may have no storage: the choice lasts as long as the page.
    }
  },
};

// The theme: as the system has it, light, dark.
const THEMES = { "": "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };

function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.querySelector("span").textContent = THEMES[root.dataset.theme ?? ""];
  }
}

function nextTheme() {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(root.dataset.theme ?? "") + 1) % names.length];
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
  stored.set("theme", next);
  showTheme();
}

// The keyboard: single keys, which can be turned off, and are off in fields.
function inField(element) {
  return element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);
}

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[here === -1 && step < 0 ? rows.length - 1 : here + step];
  row?.querySelector("a")?.focus();
}

const KEYS = {
  "/": () => document.querySelector("[data-search]")?.select(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
  const busy = event.ctrlKey || event.metaKey || event.altKey || inField(event.target);
  if (busy || stored.get("keys") === "off" || document.querySelector("dialog[open]")) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

function closeMenus(inside) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!inside || !menu.contains(inside)) menu.open = false;
  }
}

// "Copy": the link's own page is what is copied; where that fails, the link is followed.
async function copyFrom(link) {
  const label = link.querySelector("span");
  const before = label.textContent;
  try {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error(response.statusText);
    await navigator.clipboard.writeText(await response.text());
  } catch {
    location.assign(link.href);
    return;
  }
  label.textContent = "Copied";
  setTimeout(() => (label.textContent = before), 2000);
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  if (event.target.closest("[data-theme-switch]")) nextTheme();
  if (event.target.closest("[data-keys-open]")) document.getElementById("keys").showModal();
  const copy = event.target.closest("[data-copy]");
  if (copy && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    copyFrom(copy);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) {
    stored.set("keys", event.target.checked ? "" : "off");
  }
});

function showChoices() {
  showTheme();
  for (const box of document.querySelectorAll("[data-keys-switch]")) {
    box.checked = stored.get("keys") !== "off";
  }
}

showChoices();
document.addEventListener("htmx:historyRestore", showChoices);
