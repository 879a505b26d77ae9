// Suggestions after an "@" in a comment: members whose name or handle begins with the typed text.
const MOST = 8;
const TYPED = /(?:^|[^\p{L}\p{N}_@.+-])@([\p{L}\p{N}_.+-]{0,40})$/u; // before the caret

let open = null; // the open suggestions: { field, list, found, typed, at }, or null
const asked = new Map(); // address -> promise of the members from there

async function membersOf(field) {
  const { handles } = field.closest("form").dataset;
  if (!asked.has(handles)) asked.set(handles, loadMembers(handles));
  return asked.get(handles);
}

async function loadMembers(address) {
  try {
    const response = await fetch(address);
    return (await response.json()).members;
  } catch {
    asked.delete(address); // no connection: try again next time
    return [];
  }
}

// As papers/listing/folding.py has it for the searches of the server.
const LETTERS = { ß: "ss", æ: "ae", œ: "oe", þ: "th", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i" };
const fold = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[ßæœþøłđðı]/g, (letter) => LETTERS[letter]);

function matching(members, typed) {
  const start = fold(typed);
  const begins = ({ username, name }) =>
    [username, name, ...name.split(/\s+/)].some((word) => fold(word).startsWith(start));
  return members.filter(begins).slice(0, MOST);
}

// The text typed after the "@" before the caret, or null.
function typedIn(field) {
  if (field.selectionStart !== field.selectionEnd) return null;
  return TYPED.exec(field.value.slice(0, field.selectionStart))?.[1] ?? null;
}

async function updateSuggestions(field) {
  if (typedIn(field) === null) return closeSuggestions();
  const members = await membersOf(field);
  const typed = typedIn(field);
  if (typed === null || document.activeElement !== field) return closeSuggestions();
  const found = matching(members, typed);
  if (found.length) showSuggestions(field, found, typed);
  else closeSuggestions();
}

function showSuggestions(field, found, typed) {
  if (open?.field !== field) closeSuggestions();
  open ??= { field, list: listFor(field) };
  Object.assign(open, { found, typed });
  open.list.replaceChildren(...found.map(optionFor));
  field.setAttribute("aria-controls", open.list.id);
  highlight(0);
}

function listFor(field) {
  const list = document.createElement("ul");
  list.id = `${field.id}_members`;
  list.className = "members-to-mention";
  list.role = "listbox";
  list.ariaLabel = "Members";
  field.after(list);
  return list;
}

// For screen readers. The status element must exist before its text changes.
function announce(field, text) {
  field.closest("form").querySelector("[data-said]").textContent = text;
}

function optionFor({ username, name }, number) {
  const option = document.createElement("li");
  option.id = `${open.field.id}_member_${number}`;
  option.role = "option";
  const handle = document.createElement("span");
  handle.className = "hint";
  handle.textContent = `@${username}`;
  option.append(`${name || username} `, handle);
  return option;
}

function highlight(number) {
  const options = [...open.list.children];
  open.at = (number + options.length) % options.length;
  options.forEach((option, at) => (option.ariaSelected = String(at === open.at)));
  open.field.setAttribute("aria-activedescendant", options[open.at].id);
  announce(open.field, `${options[open.at].textContent}, ${open.at + 1} of ${options.length}`);
}

function insertMention() {
  const { field, found, at, typed } = open;
  const end = field.selectionStart;
  field.setRangeText(`${found[at].username} `, end - typed.length, end, "end");
  closeSuggestions();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function closeSuggestions() {
  if (!open) return;
  open.list.remove();
  announce(open.field, "");
  open.field.removeAttribute("aria-controls");
  open.field.removeAttribute("aria-activedescendant");
  open = null;
}

const isOurs = (element) => element.matches("form.writing textarea");

document.addEventListener("input", (event) => {
  if (!isOurs(event.target)) return;
  event.target.setAttribute("aria-autocomplete", "list");
  updateSuggestions(event.target);
});

const KEYS = {
  ArrowDown: () => highlight(open.at + 1),
  ArrowUp: () => highlight(open.at - 1),
  Enter: insertMention,
  Tab: insertMention,
  Escape: closeSuggestions,
};

document.addEventListener("keydown", (event) => {
  const withOther = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
  if (!open || event.isComposing || withOther || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// The caret moved, the field lost the focus, or a member was clicked.
document.addEventListener("selectionchange", () => {
  if (open && typedIn(open.field) !== open.typed) closeSuggestions();
});
document.addEventListener("focusout", (event) => {
  if (event.target === open?.field) closeSuggestions();
});
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".members-to-mention [role=option]");
  if (!option) return;
  event.preventDefault(); // keep the focus in the field
  highlight([...open.list.children].indexOf(option));
  insertMention();
});
