
(() => {
  "use strict";
  const seconds = Number(document.body.dataset.reload);
  if (!seconds) return;
  // Whoever reads a row, types a filter or looks elsewhere is not interrupted.
  const busy = () => document.hidden || document.querySelector("tr.detail, :is(input, select):focus") ||
    [...document.querySelectorAll("#filters input")].some((input) => input.value);
  setInterval(() => { if (!busy()) location.reload(); }, 1000 * seconds);
})();
