// HTML that the server made of markdown: let through by an allow-list, and changed in place while
// it is being written, so that what is being read or selected stays as it is.

const KEPT = new Set("P H3 H4 UL OL LI STRONG EM CODE PRE BLOCKQUOTE A BR HR".split(" "));
const RENAMED = { H1: "H3", H2: "H3", H5: "H4", H6: "H4" };
const WORDLESS = new Set("SCRIPT STYLE TEMPLATE IFRAME NOSCRIPT OBJECT SVG MATH".split(" "));
// What is inside of a list or a quotation has its direction, so that all marks stand on one side.
const OWN_DIRECTION = new Set("P H3 H4 UL OL BLOCKQUOTE".split(" "));
const VIDEO_LINK = /^https:\/\/(youtu\.be|www\.youtube\.com)\//;

/** Writes `html` into `node`, touching only what differs from what stands there. */
export function setProse(node, html) {
  const fresh = document.createElement("div");
  // A parsed document is inert: it runs no script and loads no picture, and none of its nodes
  // come into the page.
  copy(new DOMParser().parseFromString(html, "text/html").body, fresh);
  morph(node, fresh);
}

function copy(from, into) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) into.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || WORDLESS.has(node.nodeName.toUpperCase())) continue;
    const made = allowed(node);
    copy(node, made ?? into);
    if (made) into.append(made);
  }
}

/** A new element in place of one that may stay; only its text is kept of any other. */
function allowed(node) {
  const name = RENAMED[node.nodeName] ?? node.nodeName;
  if (!KEPT.has(name)) return null;
  if (name === "A") return timeChip(node);
  const made = document.createElement(name);
  if (OWN_DIRECTION.has(name) && !node.parentElement.closest("ul, ol, blockquote")) made.dir = "auto";
  return made;
}

function timeChip(node) {
  const seconds = Number(node.dataset.seconds);
  if (!node.classList.contains("time") || !node.dataset.seconds || !Number.isFinite(seconds)) return null;
  const made = document.createElement("a");
  const address = node.getAttribute("href") ?? "";
  made.className = "time";
  made.dataset.seconds = String(seconds);
  // Without an address on the web, the place in the transcript is what the link leads to.
  made.setAttribute("href", VIDEO_LINK.test(address) ? address : `#t=${Math.floor(seconds)}`);
  return made;
}

function morph(standing, fresh) {
  let old = standing.firstChild;
  for (const next of [...fresh.childNodes]) {
    if (!old) {
      standing.append(next);
      continue;
    }
    const after = old.nextSibling;
    if (old.nodeName !== next.nodeName) old.replaceWith(next);
    else if (next.nodeType === Node.TEXT_NODE) growText(old, next.data);
    else {
      alignAttributes(old, next);
      morph(old, next);
    }
    old = after;
  }
  while (old) {
    const after = old.nextSibling;
    old.remove();
    old = after;
  }
}

/** Text that only grew is appended to: a selection that ends in it stays. */
function growText(node, text) {
  if (node.data === text) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

function alignAttributes(old, next) {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes)
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}
