// The blocks of one reply. A block keeps its element while it changes, and a change touches that
// element alone.

import { el, icon, reconcile, setText } from "./dom.js";
import { setProse } from "./prose.js";
import { language, say } from "./say.js";

/** Shows `blocks` in `host`; `act` is called with a button, and with the action that it stands for. */
export function showBlocks(host, blocks, act) {
  const counts = new Map();
  const keyed = blocks.map((block) => {
    const name = [block.kind, block.task ?? block.name ?? ""].join(" ").trim();
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
    make: () => el("div", { class: "actions", role: "group", "aria-label": say("chat.actions") }),
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
  const missing = card.missing?.join(" ");
  const way = { href: card.url, target: "_blank", rel: "noopener noreferrer" };
  const lines = [card.about, card.coverage, missing, card.note].filter(Boolean);
  const gist = card.tldr ? [prose("gist")] : [];
  node.replaceChildren(
    el("h2", { class: "card-title", dir: "auto" }, card.title),
    ...lines.map((line) => el("p", { dir: "auto" }, line)),
    ...(card.url ? [el("a", way, say("block.watch"))] : []),
    ...gist,
  );
  for (const node of gist) setProse(node, card.tldr);
}

function makeProgress() {
  return el(
    "div",
    { class: "progress" },
    el("span", { dir: "auto" }),
    el("progress", { "aria-label": say("block.progress") }),
  );
}

function updateProgress(node, { text, done, total }) {
  const bar = node.querySelector("progress");
  setText(node.firstChild, total && done ? say("block.counted", { text, done, total }) : text);
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
      "aria-label": say("block.copy_what", { what: section.type }),
      onclick: () => copyWords(copy, body),
    },
    icon("copy"),
    el("span", { "aria-live": "polite" }, say("block.copy")),
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
    () => say("block.copied"),
    () => say("block.copy_refused"),
  );
  setText(label, done);
  setTimeout(() => setText(label, say("block.copy")), 2000);
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
  setText(reference, notice.reference ? say("block.reference", notice) : "");
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
  const steps = [
    [1e6, "megabyte"],
    [1e3, "kilobyte"],
    [1, "byte"],
  ];
  const [step, unit] = steps.find(([least]) => bytes >= least) ?? steps.at(-1);
  const shown = { style: "unit", unit, maximumFractionDigits: step === 1e6 ? 1 : 0 };
  return new Intl.NumberFormat(language, shown).format(bytes / step);
}

/** Buttons, and one menu of what else can be done. */
function updateActions(node, { buttons, choices = [] }, act) {
  node.hidden = !buttons.length && !choices.length;
  node.replaceChildren(
    ...buttons.map(({ action, label }) => pill(action, label, act)),
    ...(choices.length ? [menuOf(choices, act)] : []),
  );
}

function menuOf(choices, act) {
  const options = choices.map(({ action, label }) => el("option", { value: action }, label));
  const select = el("select", { class: "pill", "aria-label": say("block.more") });
  select.append(el("option", { value: "" }, say("block.more")), ...options);
  select.addEventListener("change", () => {
    act(select, select.value);
    select.value = "";
  });
  return select;
}

function pill(action, label, act) {
  const attributes = { type: "button", class: "pill", dir: "auto", value: action };
  return el("button", { ...attributes, onclick: (event) => act(event.currentTarget, action) }, label);
}
