// Small tools for building and changing the page; nothing here knows what a thread is.

export const byId = (id) => document.getElementById(id);

/** An element with attributes and children; `onclick` and the like become listeners. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * Makes the children of `parent` stand for `items`, in their order. What stands for the same key
 * stays the same element, and one whose item did not change is not touched at all.
 */
export function reconcile(parent, items, keyOf, make, update) {
  const keys = new Set(items.map(keyOf));
  for (const child of [...parent.children]) if (!keys.has(child.dataset.key)) child.remove();
  const standing = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let node = standing.get(key);
    if (!node) {
      node = make(item);
      node.dataset.key = key;
    }
    const now = JSON.stringify(item);
    if (node.shown !== now) update(node, item);
    node.shown = now;
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

/** Sets the text only where it differs, so that a selection in it survives. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** 76 -> "1:16", 3676 -> "1:01:16" */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Told once by a screen reader; used for what is finished, never for what is still written. */
export function announce(text) {
  const announcer = byId("announcer");
  announcer.textContent = "";
  clearTimeout(announcer.timer);
  announcer.timer = setTimeout(() => (announcer.textContent = text), 50);
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function scrollBehavior() {
  return calm.matches ? "auto" : "smooth";
}

/** True for a click that should stay in this page: not one that opens a tab or a window. */
export function isPlainClick(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

const ICONS = {
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M12 19V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  clip: "M20 11.5l-8.3 8.3a5 5 0 0 1-7.1-7.1l8.3-8.3a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4l7.7-7.6",
  file: "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5M9 13h6M9 17h4",
  list: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 5v14M5 12h14",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  read: "M4 6h16M4 12h10M4 18h6M16 17l2 2 4-4",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  play: "M8 5.5v13l11-6.5z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M12 4v12M6 11l6 6 6-6M5 20h14",
  alert: "M12 8v5M12 16.5h.01M12 3l10 18H2z",
};

export function icon(name) {
  const attributes = { viewBox: "0 0 24 24", "aria-hidden": "true", class: `icon icon-${name}` };
  return svg("svg", attributes, svg("path", { d: ICONS[name] }));
}
