// Runs in the head, before the first paint: marks that scripts run, and sets a chosen theme.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  // The theme of a signed-in reader comes with the page.
  if ("account" in root.dataset) return;
  try {
    const theme = localStorage.getItem("theme")?.replaceAll('"', "");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // No storage: use the theme of the system.
  }
})();
