// The keys that work everywhere: `ask()` for those that lead to the text field, `leave(target)` for
// Escape.

export function watchKeys({ ask, leave }) {
  document.addEventListener("keydown", (event) => {
    if (leadsToField(event)) {
      event.preventDefault();
      ask();
    }
    // A menu and a dialog close by themselves; the key then means nothing more.
    const isOver = document.querySelector(
      "[popover=auto]:popover-open, [popover='']:popover-open, dialog[open]",
    );
    if (event.key === "Escape" && !event.isComposing && !isOver) leave(event.target);
  });
}

function leadsToField(event) {
  if (document.querySelector("dialog[open]")) return false;
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) return true;
  return event.key === "/" && !event.target.closest("input, textarea, select");
}
