// In the head, before anything is drawn: the theme chosen by hand, and that scripts run.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  // Who is signed in has it in the account, and the page says it.
  if ("account" in root.dataset) return;
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // No storage: the system's theme.
  }
})();
