// Writing under a paper: drafts are kept in the browser, forms open in place, a counter says when a
// text becomes too long. All of it works without this, too.
const NEAR = 500; // characters to the limit
const WAIT = 300; // milliseconds after a key

// Private windows may have no storage: there is no draft then, and nothing else is different.
const drafts = {
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(`draft:${name}`));
    } catch {
      return null;
    }
  },
  write(name, draft) {
    try {
      if (draft) localStorage.setItem(`draft:${name}`, JSON.stringify(draft));
      else localStorage.removeItem(`draft:${name}`);
    } catch {
      // as above
    }
  },
};

const sent = {
  take() {
    try {
      const name = sessionStorage.getItem("sent-comment");
      sessionStorage.removeItem("sent-comment");
      return name;
    } catch {
      return null;
    }
  },
  put(name) {
    try {
      sessionStorage.setItem("sent-comment", name);
    } catch {
      // as above
    }
  },
};

const textOf = (form) => form.querySelector("textarea");
const isEdit = (form) => form.closest("[data-edit]") !== null;
const isQuote = (form) => form.closest("[data-quote]") !== null;

function keep(form) {
  const { value, defaultValue } = textOf(form);
  const isUntouched = isEdit(form) || isQuote(form) ? value === defaultValue : !value.trim();
  drafts.write(form.dataset.draft, isUntouched ? null : { from: form.dataset.from, value });
}

// A draft of an edit is one of the text as it was then; a quotation comes after what is there.
function restore(form) {
  const field = textOf(form);
  const first = (form.dataset.from = field.defaultValue);
  const draft = drafts.read(form.dataset.draft);
  if (!draft || field.value !== first) return;
  if (isEdit(form)) {
    if (draft.from === first) field.value = draft.value;
  } else if (draft.value.includes(first.trim())) field.value = draft.value;
  else if (isQuote(form)) field.value = `${draft.value.trimEnd()}\n\n${first}`;
}

function count(form) {
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
  count(form);
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keep(form), WAIT));
});

// A form that is sent is not forgotten before the comment is to be seen: it may come back.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.writing");
  if (!form) return;
  keepNow(form);
  sent.put(form.dataset.draft);
});

function keepNow(form) {
  if (!timers.has(form)) return;
  clearTimeout(timers.get(form));
  keep(form);
}

addEventListener("pagehide", () => document.querySelectorAll("form.writing").forEach(keepNow));

function forgetWhatIsThere() {
  const name = sent.take();
  const isComment = /^#c\d+$/.test(location.hash);
  const isMine = isComment && document.querySelector(`${location.hash}[data-mine]`);
  if (name && isMine) drafts.write(name, null);
}

function begin(form) {
  if (form.dataset.from !== undefined) return;
  restore(form);
  count(form);
}

function beginAll() {
  document.querySelectorAll("form.writing").forEach(begin);
}

// A form that was opened in place closes in place. What was written in it stays a draft, but for an
// edit: that begins with the comment as it is.
document.addEventListener("click", (event) => {
  const cancel = event.target.closest("[data-cancel]");
  const place = cancel?.closest(".place");
  if (!place) return;
  event.preventDefault();
  const form = cancel.closest("form");
  keepNow(form);
  if (isEdit(form)) drafts.write(form.dataset.draft, null);
  const comment = place.closest(".comment");
  place.replaceChildren();
  comment.focus();
});

// Signed out meanwhile, or the comment is gone: the answer is a page without what was asked for.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, requestConfig, serverResponse } = event.detail;
  if (!elt.closest(".discussion, form.writing")) return;
  const wanted = requestConfig.elt.getAttribute("hx-select");
  const answer = new DOMParser().parseFromString(serverResponse, "text/html");
  if (wanted ? answer.querySelector(wanted) : !answer.querySelector("main")) return;
  event.detail.shouldSwap = false;
  location.reload();
});

// The focus goes where one goes on.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  beginAll();
  if (target.matches(".preview")) target.scrollIntoView({ block: "nearest" });
  const field = target.querySelector("textarea");
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
  if (document.activeElement === document.body) target.querySelector("#following button")?.focus();
});

for (const problem of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(problem, () => {
    document.getElementById("toast").textContent = "That did not work: try again.";
  });
}

forgetWhatIsThere();
beginAll();
