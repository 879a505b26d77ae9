// The meeting page: a clock, a timer for each paper, and a draft of the notes. Everything else on the
// page works without this script.
import { drafts, inTab } from "./storage.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const meeting = document.querySelector("[data-meeting]");

// The clock.
const clock = meeting?.querySelector("[data-clock]");

function minutesText(milliseconds) {
  const whole = Math.ceil(milliseconds / MINUTE);
  return whole === 1 ? "1 minute" : `${whole} minutes`;
}

function timeLeft(now, starts, ends) {
  if (now < starts) return now > starts - 60 * MINUTE ? `begins in ${minutesText(starts - now)}` : "";
  return now < ends ? `${minutesText(ends - now)} left` : "The time is over";
}

function showClock() {
  const now = Date.now();
  const { zone, starts, ends } = meeting.dataset;
  const format = { hour: "2-digit", minute: "2-digit", timeZone: zone };
  clock.querySelector("[data-now]").textContent = new Intl.DateTimeFormat("en-GB", format).format(now);
  clock.querySelector("[data-left]").textContent = timeLeft(now, Date.parse(starts), Date.parse(ends));
  clock.hidden = false;
}

// The running timer: of one paper at a time, started by its button, stored for this tab.
const timer = meeting && `meeting:${meeting.dataset.meeting}`;

function showTimers() {
  const on = inTab.read(timer);
  for (const slot of meeting.querySelectorAll("[data-slot]")) {
    const isOn = slot.dataset.slot === on?.slot;
    slot.classList.toggle("is-on", isOn);
    slot.querySelector("[data-start]")?.setAttribute("aria-pressed", String(isOn));
    const said = slot.querySelector("[data-elapsed]");
    if (!said) continue;
    const seconds = isOn ? Math.floor((Date.now() - on.at) / SECOND) : 0;
    const planned = Number(slot.dataset.minutes);
    said.textContent = isOn ? elapsedText(seconds, planned) : "";
    said.classList.toggle("is-long", planned > 0 && seconds > planned * 60);
  }
}

function elapsedText(seconds, planned) {
  const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return planned ? `${shown} of ${planned}:00` : shown;
}

function toggleTimer(button) {
  const { slot } = button.closest("[data-slot]").dataset;
  inTab.write(timer, inTab.read(timer)?.slot === slot ? null : { slot, at: Date.now() });
  showTimers();
}

// The notes: the draft is stored with the version that it is based on, so that saving it later
// detects whether somebody else has saved meanwhile.
const form = document.querySelector("form[data-notes]");
const draft = form && `notes:${form.dataset.notes}`;
const field = form?.elements.notes;
const version = form?.elements.version;
const same = (one, other) => one.replaceAll("\r\n", "\n").trim() === other.replaceAll("\r\n", "\n").trim();

function saveDraft() {
  const isChanged = !same(field.value, field.defaultValue) || "cameBack" in form.dataset;
  drafts.write(draft, isChanged ? { version: version.value, text: field.value } : null);
}

function restoreDraft() {
  const found = drafts.read(draft);
  if (!found || "cameBack" in form.dataset) return;
  if (same(found.text, field.value)) return drafts.write(draft, null);
  field.value = found.text;
  version.value = found.version;
  form.querySelector("[data-draft-said]").textContent =
    "Your unsaved notes are back. Save them so that others can see them.";
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-start]");
  if (button && meeting) toggleTimer(button);
  if (target.closest("[data-print]")) print();
});

// If the reader has been signed out, the response is another page: keep this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.elt.closest("#live")) return;
  const answer = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  if (answer.querySelector("#queue")) return;
  event.detail.shouldSwap = false;
  document.getElementById("toast").textContent = "The questions are no longer updated. Please reload the page.";
});

if (clock && meeting.dataset.starts) {
  showClock();
  showTimers();
  setInterval(() => {
    showClock();
    showTimers();
  }, SECOND);
}
if (form) {
  restoreDraft();
  form.addEventListener("input", saveDraft);
}
