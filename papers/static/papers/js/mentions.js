// After an "@" in a comment: the members whose name or handle begins so, to choose from.
const MOST = 8;
const TYPED = /(?:^|[^\p{L}\p{N}_@.+-])@([\p{L}\p{N}_.+-]{0,40})$/u; // before the caret

let open = null; // { field, list, found, typed, at }: what is shown now
const asked = new Map(); // address -> promise of the members there

async function membersOf(field) {
  const { handles } = field.closest("form").dataset;
  if (!asked.has(handles)) asked.set(handles, load(handles));
  return asked.get(handles);
}

async function load(address) {
  try {
    const response = await fetch(address);
    return (await response.json()).members;
  } catch {
    asked.delete(address); // without a connection it is asked again next time
    return [];
  }
}

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function matching(members, typed) {
  const start = fold(typed);
  const begins = ({ username, name }) =>
    [username, name, ...name.split(/\s+/)].some((word) => fold(word).startsWith(start));
  return members.filter(begins).slice(0, MOST);
}

// What is typed, as long as the caret has not gone elsewhere meanwhile.
function typedIn(field) {
  if (field.selectionStart !== field.selectionEnd) return null;
  return TYPED.exec(field.value.slice(0, field.selectionStart))?.[1] ?? null;
}

async function look(field) {
  if (typedIn(field) === null) return close();
  const members = await membersOf(field);
  const typed = typedIn(field);
  if (typed === null || document.activeElement !== field) return close();
  const found = matching(members, typed);
  if (found.length) show(field, found, typed);
  else close();
}

function show(field, found, typed) {
  if (open?.field !== field) close();
  open ??= { field, list: listFor(field) };
  Object.assign(open, { found, typed });
  open.list.replaceChildren(...found.map(optionFor));
  field.setAttribute("aria-controls", open.list.id);
  choose(0);
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

// For whoever hears the page: the status is there from the start.
function say(field, text) {
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

function choose(number) {
  const options = [...open.list.children];
  open.at = (number + options.length) % options.length;
  options.forEach((option, at) => (option.ariaSelected = String(at === open.at)));
  open.field.setAttribute("aria-activedescendant", options[open.at].id);
  say(open.field, `${options[open.at].textContent}, ${open.at + 1} of ${options.length}`);
}

function insert() {
  const { field, found, at, typed } = open;
  const end = field.selectionStart;
  field.setRangeText(`${found[at].username} `, end - typed.length, end, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function close() {
  if (!open) return;
  open.list.remove();
  say(open.field, "");
  open.field.removeAttribute("aria-controls");
  open.field.removeAttribute("aria-activedescendant");
  open = null;
}

const isOurs = (element) => element.matches("form.writing textarea");

document.addEventListener("input", (event) => {
  if (!isOurs(event.target)) return;
  event.target.setAttribute("aria-autocomplete", "list");
  look(event.target);
});

const KEYS = {
  ArrowDown: () => choose(open.at + 1),
  ArrowUp: () => choose(open.at - 1),
  Enter: insert,
  Tab: insert,
  Escape: close,
};

document.addEventListener("keydown", (event) => {
  const withOther = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
  if (!open || event.isComposing || withOther || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// The caret was moved, the field was left, or a member was clicked.
document.addEventListener("selectionchange", () => {
  if (open && typedIn(open.field) !== open.typed) close();
});
document.addEventListener("focusout", (event) => {
  if (event.target === open?.field) close();
});
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".members-to-mention [role=option]");
  if (!option) return;
  event.preventDefault(); // the field keeps the focus
  choose([...open.list.children].indexOf(option));
  insert();
});
