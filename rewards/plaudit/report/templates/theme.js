
(() => {
  "use strict";
  const root = document.documentElement;
  const remembered = (() => { try { return localStorage.getItem("plaudit-theme"); } catch { return null; } })();
  if (remembered === "light" || remembered === "dark") root.dataset.theme = remembered;
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const button = document.getElementById("theme");
  const show = () => button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    // A page opened as a file may have no storage; then the choice lasts as long as the page.
    try { localStorage.setItem("plaudit-theme", root.dataset.theme); } catch { /* nothing to keep it in */ }
    show();
  });
  show();
})();
