// The one module that keeps things in the browser: preferences, and what people wrote but have not sent.
//
// Drafts belong to an account. They are forgotten at sign-out, in every tab, and once another account
// signs in. If a session ends by itself, they are kept for some minutes, so that their owner can sign
// in again and go on.
const GRACE = 10 * 60 * 1000; // milliseconds from the last key to an end of the session

// Private windows may have no storage: then nothing is kept, and all else works.
const storeIn = (storage) => ({
  read(name) {
    try {
      return JSON.parse(storage().getItem(name));
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      if (value === null) storage().removeItem(name);
      else storage().setItem(name, JSON.stringify(value));
    } catch {
      // no storage, or it is full
    }
  },
  names() {
    try {
      return Object.keys(storage());
    } catch {
      return [];
    }
  },
});

export const inBrowser = storeIn(() => localStorage);
export const inTab = storeIn(() => sessionStorage);

const account = document.documentElement.dataset.account ?? "";
const key = (name) => `draft:${account}:${name}`;

// Another tab may have signed out since this page was loaded.
const isCurrent = () => account !== "" && inBrowser.read("account") === account;

export const drafts = {
  read: (name) => (isCurrent() ? inBrowser.read(key(name)) : null),
  write(name, value) {
    if (!isCurrent()) return;
    inBrowser.write(key(name), value);
    inBrowser.write("draft-at", value === null ? inBrowser.read("draft-at") : Date.now());
  },
};

function forgetDrafts(isKept = () => false) {
  for (const name of inBrowser.names()) {
    if (/^(draft|notes):/.test(name) && !isKept(name)) inBrowser.write(name, null);
  }
  for (const name of inTab.names()) if (/^(sent-comment$|meeting:)/.test(name)) inTab.write(name, null);
}

function endSession() {
  inBrowser.write("account", null);
  forgetDrafts();
}

function meetReader() {
  if (account !== "") {
    const before = inBrowser.read("account");
    inBrowser.write("account", account);
    if (before !== account) forgetDrafts((name) => name.startsWith(key("")));
    return;
  }
  inBrowser.write("account", null);
  const left = (inBrowser.read("draft-at") ?? 0) + GRACE - Date.now();
  if (left <= 0 || document.querySelector("[data-forget-drafts]")) forgetDrafts();
  else setTimeout(() => inBrowser.read("account") ?? forgetDrafts(), left);
}

document.addEventListener("submit", ({ target }) => {
  if (target.matches('form[action$="/logout/"]')) endSession();
});

// "Back" may show a page of before the sign-out, with what was typed there.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && account !== "" && !isCurrent()) location.reload();
});

meetReader();
