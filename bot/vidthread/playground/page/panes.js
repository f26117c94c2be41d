// Which pane is shown where there is no room for all of them, and the keys that work everywhere.

import { byId } from "./dom.js";

const tabs = () => document.querySelectorAll("[data-go]");

export function showPane(name) {
  document.body.dataset.pane = name;
  for (const tab of tabs()) tab.setAttribute("aria-pressed", String(tab.dataset.go === name));
}

export function isShown(name) {
  return getComputedStyle(byId(name)).visibility === "visible";
}

export function watchPanes() {
  for (const tab of tabs()) tab.addEventListener("click", () => showPane(tab.dataset.go));
}

/** `ask()` for the keys that lead to the question field, `leave(target)` for Escape. */
export function watchKeys({ ask, leave }) {
  document.addEventListener("keydown", (event) => {
    if (leadsToQuestion(event)) {
      event.preventDefault();
      ask();
    }
    // A menu and a dialog close by themselves; the key then means nothing more.
    const isOver = document.querySelector("#menu:popover-open, dialog[open]");
    if (event.key === "Escape" && !event.isComposing && !isOver) leave(event.target);
  });
}

function leadsToQuestion(event) {
  if (document.querySelector("dialog[open]")) return false;
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) return true;
  return event.key === "/" && !event.target.closest("input, textarea, select");
}
