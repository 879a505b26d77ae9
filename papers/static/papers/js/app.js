// Scripts of every page: theme switch, menus, keyboard shortcuts, copying and time zone.
import { inBrowser } from "./storage.js";

const root = document.documentElement;

// Preferences are saved in the account if the reader is signed in, otherwise in the browser.
const hasAccount = "account" in root.dataset;

function savePreference(name, value) {
  if (!hasAccount) return inBrowser.write(name, value === "" ? null : value);
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, [name]: value });
  return fetch("/me/preferences/", { method: "POST", body });
}

// The theme: that of the system, light or dark.
const THEMES = { "": "Theme: same as system", light: "Theme: light", dark: "Theme: dark" };

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
  savePreference("theme", next);
  const field = document.getElementById("id_theme");
  if (field) field.value = next;
  showTheme();
}

// Single-key shortcuts. They can be turned off, and are off while typing in a field.
function inField(element) {
  return element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);
}

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[here === -1 && step < 0 ? rows.length - 1 : here + step];
  row?.querySelector("h3 a, a")?.focus();
}

// Vote on the paper whose row has the focus, or on the paper of this page.
function voteOnCurrent() {
  const row = document.activeElement.closest("[data-row]") ?? document.querySelector(".one");
  row?.querySelector("[data-upvote]")?.click();
}

const KEYS = {
  "/": () => document.querySelector("[data-search]")?.select(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  v: voteOnCurrent,
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
  const busy = event.ctrlKey || event.metaKey || event.altKey || inField(event.target);
  if (busy || root.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// Ctrl+Enter, or Cmd+Enter on a Mac, sends the form of the text, as its first button does.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest("form[data-send-key]");
  const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing;
  if (!form || !isSend || !event.target.matches("textarea")) return;
  event.preventDefault();
  if (!event.repeat) form.requestSubmit(form.querySelector(".button:not([name])"));
});

function showSendKeys() {
  if (!/^Mac|^iP/.test(navigator.platform)) return;
  for (const key of document.querySelectorAll("[data-send-key] kbd:first-child")) key.textContent = "⌘";
}

function closeMenus(inside) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (inside && menu.contains(inside)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

// "Copy" copies the text behind the link; if that fails, the link is followed.
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

async function copyText(button) {
  const field = document.getElementById(button.dataset.copyFrom);
  field.select();
  await navigator.clipboard.writeText(field.value);
  const label = button.querySelector("span");
  label.textContent = "Copied";
  setTimeout(() => (label.textContent = "Copy"), 2000);
}

// The browser's time zone: select it if none is chosen, or offer it if another one is.
function offerZone() {
  const field = document.querySelector("[data-time-zone]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const option = field && zone && zoneOption(field, zone);
  if (!option || option.selected) return;
  if (!field.value && field.closest("[data-guess-zone]")) option.selected = true;
  else showZoneHint(field, option.value);
}

// Browsers may know a zone by an older name than the list.
function zoneOption(field, zone) {
  return [...field.options].find(
    ({ value, dataset }) => value === zone || dataset.oldNames?.split(" ").includes(zone),
  );
}

function showZoneHint(field, zone) {
  const hint = field.parentElement.querySelector("[data-zone-hint]");
  if (!hint) return;
  hint.querySelector("[data-zone-name]").textContent = zone.replaceAll("_", " ");
  hint.querySelector("[data-zone-use]").value = zone;
  hint.hidden = false;
}

function useZone(button) {
  const field = button.closest("[data-zone-hint]").parentElement.querySelector("[data-time-zone]");
  field.value = button.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  button.closest("[data-zone-hint]").hidden = true;
  field.focus();
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const copyFromField = event.target.closest("[data-copy-from]");
  if (copyFromField) copyText(copyFromField);
  const zoneButton = event.target.closest("[data-zone-use]");
  if (zoneButton) useZone(zoneButton);
  if (event.target.closest("[data-theme-switch]")) nextTheme();
  if (event.target.closest("[data-keys-open]")) document.getElementById("keys").showModal();
  const copy = event.target.closest("[data-copy]");
  if (copy && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    copyFrom(copy);
  }
});

// The passkey dialog was cancelled, or there is no passkey for this address.
document.addEventListener("allauth.error", (event) => {
  const problem = document.querySelector("[data-passkey-problem]");
  if (!problem) return;
  event.preventDefault();
  problem.hidden = false;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) {
    root.dataset.keys = event.target.checked ? "on" : "off";
    savePreference("single_keys", event.target.checked);
  }
});

function showPreferences() {
  if (!hasAccount && inBrowser.read("single_keys") === false) root.dataset.keys = "off";
  showTheme();
  for (const box of document.querySelectorAll("[data-keys-switch]")) {
    box.checked = root.dataset.keys !== "off";
  }
}

showPreferences();
showSendKeys();
offerZone();
// Focus the first invalid field, otherwise the marked element; select a new link for copying.
const wrong = document.querySelector("[aria-invalid=true]");
(wrong ?? document.querySelector("[data-focus]"))?.focus();
wrong?.scrollIntoView({ block: "center" });
document.querySelector("[data-select]")?.select();
document.addEventListener("htmx:historyRestore", showPreferences);
document.addEventListener("htmx:afterSettle", showSendKeys);

// Scroll a menu into view if it opens below the window.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches("details.menu[open]")) target.querySelector(".panel").scrollIntoView({ block: "nearest" });
}, true);
