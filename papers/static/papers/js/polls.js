// The form of a date poll: a small calendar fills the rows of dates, and one hour is copied to all.
const rowsOf = document.querySelector("[data-date-rows]");
const days = [...rowsOf.querySelectorAll("[type=date]")];
const hours = [...rowsOf.querySelectorAll("[type=time]")];
const picker = rowsOf.querySelector("[data-day-picker]");
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const locale = document.documentElement.lang;

const iso = (date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => `${part}`.padStart(2, "0")).join("-");
const today = new Date();
let shown = new Date(today.getFullYear(), today.getMonth(), 1);

function firstHour() {
  return hours.find((hour, number) => days[number].value && hour.value)?.value ?? "";
}

function addDay(day) {
  const number = days.findIndex((field) => !field.value);
  if (number === -1) return;
  days[number].closest("details")?.setAttribute("open", "");
  days[number].value = day;
  hours[number].value ||= firstHour();
}

function toggleDay(day) {
  const known = days.filter((field) => field.value === day);
  for (const field of known) field.value = "";
  if (!known.length) addDay(day);
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Redraw the month; the focus stays on the button that was pressed.
function showMonth(focus) {
  const name = shown.toLocaleDateString(locale, { month: "long", year: "numeric" });
  const head = element("div", "", { class: "month" });
  head.append(
    element("button", "‹", { type: "button", "data-step": "-1", "aria-label": "Previous month" }),
    element("span", name, { "aria-live": "polite" }),
    element("button", "›", { type: "button", "data-step": "1", "aria-label": "Next month" }),
  );
  const table = element("table", "", { "aria-label": name });
  const top = table.createTHead().insertRow();
  for (const weekday of WEEKDAYS) top.append(element("th", weekday, { scope: "col" }));
  const body = table.createTBody();
  const first = new Date(shown);
  first.setDate(1 - ((shown.getDay() + 6) % 7));
  for (const date = first; date <= shown || date.getMonth() === shown.getMonth(); ) {
    const row = body.insertRow();
    for (let number = 0; number < 7; number += 1, date.setDate(date.getDate() + 1)) {
      const cell = row.insertCell();
      if (date.getMonth() === shown.getMonth()) cell.append(dayButton(date));
    }
  }
  picker.replaceChildren(head, table);
  picker.querySelector(focus)?.focus();
}

function dayButton(date) {
  const day = iso(date);
  const button = element("button", `${date.getDate()}`, {
    type: "button",
    "data-day": day,
    "aria-label": date.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    "aria-pressed": `${days.some((field) => field.value === day)}`,
  });
  button.disabled = day < iso(today);
  if (day === iso(today)) button.className = "today";
  return button;
}

picker.addEventListener("click", ({ target }) => {
  const { day, step } = target.dataset;
  if (day) {
    toggleDay(day);
    showMonth(`[data-day="${day}"]`);
  } else if (step) {
    shown.setMonth(shown.getMonth() + Number(step));
    showMonth(`[data-step="${step}"]`);
  }
});

rowsOf.addEventListener("change", () => showMonth());

rowsOf.querySelector("[data-copy-hour]").addEventListener("click", () => {
  const hour = firstHour();
  for (const [number, field] of hours.entries()) if (days[number].value) field.value = hour;
});

const earliest = days.map((field) => field.value).filter(Boolean).sort()[0];
if (earliest && earliest >= iso(today)) shown = new Date(`${earliest.slice(0, 7)}-01T00:00`);
showMonth();
