// The comment forms: drafts in the browser, forms that open in place, and a counter of characters.
// The forms also work without this script.
import { drafts, inTab } from "./storage.js";

const NEAR = 500; // characters left when the counter appears
const WAIT = 300; // milliseconds between the last key and saving the draft

const textOf = (form) => form.querySelector("textarea");
const isEdit = (form) => form.closest("[data-edit]") !== null;
const isQuote = (form) => form.closest("[data-quote]") !== null;

function saveDraft(form) {
  const { value, defaultValue } = textOf(form);
  const isUntouched = isEdit(form) || isQuote(form) ? value === defaultValue : !value.trim();
  drafts.write(form.dataset.draft, isUntouched ? null : { from: form.dataset.from, value });
}

// The draft of an edit is restored only if the comment is unchanged since; a quotation is appended
// to a draft.
function restoreDraft(form) {
  const field = textOf(form);
  const first = (form.dataset.from = field.defaultValue);
  const draft = drafts.read(form.dataset.draft);
  if (!draft || field.value !== first) return;
  if (isEdit(form)) {
    if (draft.from === first) field.value = draft.value;
  } else if (draft.value.includes(first.trim())) field.value = draft.value;
  else if (isQuote(form)) field.value = `${draft.value.trimEnd()}\n\n${first}`;
}

function showCounter(form) {
  const left = Number(form.dataset.limit) - [...textOf(form).value].length;
  const hint = form.querySelector("[data-counter]");
  hint.hidden = left > NEAR;
  hint.textContent = left < 0 ? `${-left} characters too many` : `${left} characters left`;
  hint.classList.toggle("error", left < 0);
}

const timers = new WeakMap();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form.writing");
  if (!form || event.target !== textOf(form)) return;
  showCounter(form);
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => saveDraft(form), WAIT));
});

// The draft is kept until the comment appears, since the form may come back with errors.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.writing");
  if (!form) return;
  if (form.dataset.sending) return event.preventDefault(); // pressed twice
  form.dataset.sending = "yes";
  saveDraftNow(form);
  inTab.write("sent-comment", form.dataset.draft);
});

function saveDraftNow(form) {
  if (!timers.has(form)) return;
  clearTimeout(timers.get(form));
  saveDraft(form);
}

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.writing")) delete form.dataset.sending;
});
addEventListener("pagehide", () => document.querySelectorAll("form.writing").forEach(saveDraftNow));

function deleteSentDraft() {
  const name = inTab.read("sent-comment");
  inTab.write("sent-comment", null);
  const isComment = /^#c\d+$/.test(location.hash);
  const isMine = isComment && document.querySelector(`${location.hash}[data-mine]`);
  if (name && isMine) drafts.write(name, null);
}

function setUpForm(form) {
  if (form.dataset.from !== undefined) return;
  restoreDraft(form);
  showCounter(form);
}

function setUpForms() {
  document.querySelectorAll("form.writing").forEach(setUpForm);
}

// Cancel closes a form that was opened in place. Its text stays as a draft, except that of an edit,
// which starts from the comment again.
document.addEventListener("click", (event) => {
  const cancel = event.target.closest("[data-cancel]");
  const place = cancel?.closest(".place");
  if (!place) return;
  event.preventDefault();
  const form = cancel.closest("form");
  saveDraftNow(form);
  if (isEdit(form)) drafts.write(form.dataset.draft, null);
  const comment = place.closest(".comment");
  place.replaceChildren();
  comment.focus();
});

// If the reader has been signed out or the comment is gone, the response lacks the requested part.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, requestConfig, serverResponse } = event.detail;
  if (!elt.closest(".discussion, form.writing")) return;
  const wanted = requestConfig.elt.getAttribute("hx-select");
  const answer = new DOMParser().parseFromString(serverResponse, "text/html");
  if (wanted ? answer.querySelector(wanted) : !answer.querySelector("main")) return;
  event.detail.shouldSwap = false;
  location.reload();
});

// Move the focus to the new field.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  setUpForms();
  if (target.matches(".preview")) target.scrollIntoView({ block: "nearest" });
  const field = target.querySelector("textarea");
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
  if (document.activeElement === document.body) target.querySelector("#following button")?.focus();
});

for (const problem of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(problem, () => {
    document.getElementById("toast").textContent = "That did not work. Please try again.";
  });
}

deleteSentDraft();
setUpForms();
