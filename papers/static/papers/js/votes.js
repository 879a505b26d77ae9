// A vote shows at once, and is reverted with a message if it could not be saved. Only one request
// per paper is sent at a time; of the votes cast meanwhile the last one counts.

const sending = new WeakMap(); // box -> { waiting: the next vote to send, or null }
const SHOWN = 10_000; // milliseconds for which a message is shown
let fading;
const HIDDEN = "It is hidden from your list of papers. You can undo this in the same menu.";
const NOT_SAVED = "Not saved: there is no connection. Try again.";

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-vote]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const box = form.closest("[data-vote-box]");
  const said = event.submitter.value === "not" ? HIDDEN : "";
  const vote = { url: form.action, body: new FormData(form, event.submitter), said };
  const before = box.innerHTML;
  showExpected(form, event.submitter);
  if (sending.has(box)) sending.get(box).waiting = vote;
  else sendVotes(box, vote, before);
});

// Show the expected result before the response arrives.
function showExpected(form, pressed) {
  const button = form.querySelector("[data-upvote]") ?? pressed;
  const did = button.ariaPressed === "true";
  const does = ["want", "wait", "yes"].includes(pressed.value);
  const count = button.querySelector("[data-count]");
  if (count) {
    const before = count.textContent;
    count.textContent = Number(before) + does - did;
    // The name of the button begins with the number that it shows.
    if (button.ariaLabel) button.ariaLabel = button.ariaLabel.replace(before, count.textContent);
  }
  button.ariaPressed = String(does);
  if (button.name === "stance") button.value = does ? "" : "want";
  else button.value = does ? "no" : "yes";
  const menu = form.querySelector("details[open]");
  if (menu) {
    menu.open = false;
    button.focus();
  }
}

async function sendVotes(box, vote, before) {
  const state = { waiting: vote };
  sending.set(box, state);
  try {
    let answer, said;
    while (state.waiting) {
      const { url, body } = state.waiting;
      said = state.waiting.said;
      state.waiting = null;
      answer = before = await postVote(url, body);
    }
    replaceBox(box, answer);
    showMessage(said);
  } catch (error) {
    replaceBox(box, before);
    showMessage(error instanceof TypeError ? NOT_SAVED : error.message);
  } finally {
    sending.delete(box);
  }
}

// Returns the fragment of the response. If the reader has been signed out, reload the page, which
// leads to the sign-in page.
async function postVote(url, body) {
  const headers = { "HX-Request": "true" };
  const response = await fetch(url, { method: "POST", body, headers });
  if (response.redirected) {
    location.reload();
    return new Promise(() => {});
  }
  if (response.status === 422) throw new Error(await response.text());
  if (!response.ok) throw new Error("Not saved. Reload the page and try again.");
  return response.text();
}

// Replace the content of the box. The box itself stays for the next vote, and so does the focus.
function replaceBox(box, html) {
  const hasFocus = box.contains(document.activeElement);
  const focused = document.activeElement.id;
  const page = new DOMParser().parseFromString(html, "text/html");
  const answer = page.querySelector("[data-vote-box]");
  if (answer) box.className = answer.className;
  box.innerHTML = answer ? answer.innerHTML : html;
  // Other parts that a vote changes: the reason for a rank, whether the paper is followed, and the
  // counts under "My vote".
  for (const changed of page.querySelectorAll("[data-with-vote]")) {
    document.getElementById(changed.id)?.replaceWith(changed);
    window.htmx?.process(changed);
  }
  if (hasFocus) (document.getElementById(focused) ?? box.querySelector("[data-upvote]"))?.focus();
}

function showMessage(text) {
  document.getElementById("toast").textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => (document.getElementById("toast").textContent = ""), SHOWN);
}
