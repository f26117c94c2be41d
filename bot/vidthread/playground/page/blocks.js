// The blocks of one reply. A block keeps its element while it changes, and a change touches that
// element alone.

import { clock, el, icon, reconcile, setText } from "./dom.js";
import { picture } from "./player.js";
import { setProse } from "./prose.js";

/** Shows `blocks` in `host`; `act` is called with the button of an action that was pressed. */
export function showBlocks(host, blocks, act) {
  const counts = new Map();
  const keyed = blocks.map((block) => {
    const name = [block.kind, block.type ?? block.name ?? ""].join(" ").trim();
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return { key: `${name} ${counts.get(name)}`, block };
  });
  reconcile(
    host,
    keyed,
    ({ key }) => key,
    ({ block }) => (KINDS[block.kind] ?? KINDS.unknown).make(block),
    (node, { block }) => (KINDS[block.kind] ?? KINDS.unknown).update(node, block, act),
  );
}

/** The words of a reply, for a screen reader. */
export function wordsOf(host) {
  return [...host.querySelectorAll(".prose")].map((prose) => prose.innerText).join("\n");
}

const KINDS = {
  card: {
    make: () => el("article", { class: "card" }),
    update: updateCard,
  },
  progress: { make: makeProgress, update: updateProgress },
  section: { make: makeSection, update: updateSection },
  answer: { make: () => prose("answer"), update: updateProse },
  notice: { make: makeNotice, update: updateNotice },
  file: { make: () => el("a", { class: "file" }), update: updateFile },
  actions: {
    make: () => el("div", { class: "actions", role: "group", "aria-label": "What to do next" }),
    update: updateActions,
  },
  // A newer server may know more kinds than this page.
  unknown: { make: () => el("div"), update: () => {} },
};

function prose(name) {
  return el("div", { class: `prose ${name}` });
}

function updateProse(node, block) {
  node.citations = block.citations ?? [];
  node.classList.toggle("live", Boolean(block.live));
  setProse(node, block.html);
}

function updateCard(node, card) {
  const title = card.url
    ? el("a", { href: card.url, target: "_blank", rel: "noopener noreferrer" }, card.title)
    : card.title;
  const tldr = card.tldr ? prose("tldr") : null;
  const missing = card.missing?.length ? `Could not be had: ${card.missing.join(", ")}.` : null;
  node.replaceChildren(
    picture(card.thumbnail, clock(card.seconds), card.url ? "play" : "file"),
    el(
      "div",
      { class: "card-text" },
      el("h2", { dir: "auto" }, title),
      el("p", { dir: "auto" }, card.about),
      el("p", { class: "coverage" }, card.coverage),
      missing && el("p", { class: "coverage" }, missing),
      card.note && el("p", { class: "coverage" }, card.note),
      tldr,
    ),
  );
  if (tldr) setProse(tldr, card.tldr);
}

function makeProgress() {
  return el("div", { class: "progress" }, el("span"), el("progress", { "aria-label": "Progress" }));
}

function updateProgress(node, { text, done, total }) {
  const bar = node.querySelector("progress");
  setText(node.firstChild, total && done ? `${text} ${done} of ${total}` : text);
  if (total) {
    bar.max = total;
    bar.value = done;
  } else bar.removeAttribute("value");
}

function makeSection(section) {
  const body = prose("section-body");
  const copy = el(
    "button",
    {
      type: "button",
      class: "plain copy",
      "aria-label": `Copy ${section.type}`,
      onclick: () => copyWords(copy, body),
    },
    icon("copy"),
    el("span", { "aria-live": "polite" }, "Copy"),
  );
  return el("section", { class: "section" }, el("header", {}, el("h2", {}, section.type), copy), body);
}

async function copyWords(button, body) {
  const label = button.querySelector("span");
  // Elsewhere a time means nothing: what is copied are the words alone.
  const copied = body.cloneNode(true);
  for (const chip of copied.querySelectorAll("a.time")) chip.remove();
  body.after(copied);
  const words = copied.innerText.replace(/[ \t]+(?=\n|$)/g, "");
  copied.remove();
  const done = await navigator.clipboard.writeText(words).then(
    () => "Copied",
    () => "Not allowed",
  );
  setText(label, done);
  setTimeout(() => setText(label, "Copy"), 2000);
}

function updateSection(node, section) {
  node.querySelector(".copy").hidden = section.live;
  updateProse(node.lastChild, section);
}

function makeNotice() {
  return el(
    "div",
    { class: "notice" },
    icon("alert"),
    el("div", {}, prose("notice-text"), el("p", { class: "reference" })),
  );
}

function updateNotice(node, notice) {
  const reference = node.querySelector(".reference");
  node.classList.toggle("failure", notice.failure);
  setProse(node.querySelector(".prose"), notice.html);
  setText(reference, notice.reference ? `Reference ${notice.reference}` : "");
  reference.hidden = !notice.reference;
}

function updateFile(node, file) {
  // Only what this server itself offers can be downloaded from here.
  if (file.url.startsWith("/") && !file.url.startsWith("//")) {
    node.href = file.url;
    node.download = file.name;
  }
  node.replaceChildren(icon("down"), el("strong", {}, file.name), el("span", {}, size(file.size)));
}

function size(bytes) {
  return bytes < 1000
    ? `${bytes} bytes`
    : bytes < 1e6
      ? `${Math.round(bytes / 1000)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`;
}

function updateActions(node, { buttons, choices = [] }, act) {
  const select = el("select", {
    class: "pill",
    "aria-label": "More",
    onchange: (event) => {
      act(event.currentTarget, event.currentTarget.value);
      event.currentTarget.value = "";
    },
  });
  const options = choices.map(({ action, label }) => el("option", { value: action }, label));
  select.append(el("option", { value: "" }, "More …"), ...options);
  node.replaceChildren(
    ...buttons.map(({ action, label }) =>
      el(
        "button",
        { type: "button", class: "pill", onclick: (event) => act(event.currentTarget, action) },
        label,
      ),
    ),
    ...(choices.length ? [select] : []),
  );
}
