// The list of papers: filters on narrow screens, and what htmx does not do itself.
const root = document.documentElement;
const search = () => document.getElementById("q");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-filters-switch]");
  if (button) button.setAttribute("aria-expanded", root.classList.toggle("with-filters"));
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-filters-done]")) return;
  root.classList.remove("with-filters");
  document.querySelector("[data-filters-switch]").ariaExpanded = "false";
  document.getElementById("count").focus();
  document.getElementById("count").scrollIntoView();
});

// After a swap: set the search field to the query of the address, unless somebody is typing there,
// and keep the focus from falling back to the top of the page if its element is gone.
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== search()) {
    search().value = new URLSearchParams(location.search).get("q") ?? "";
  }
  if (document.activeElement === document.body) document.getElementById("count")?.focus();
});

// If the reader has been signed out, the response is a whole page: do not put it into the list.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (/^\s*<!doctype/i.test(event.detail.serverResponse)) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

document.addEventListener("htmx:sendError", () => announce("No connection: the list is as it was."));
document.addEventListener("htmx:responseError", () => announce("That did not work. Please try again."));

function announce(text) {
  document.getElementById("announced").textContent = text;
}
