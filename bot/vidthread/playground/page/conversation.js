// The messages of the thread that is open, and where in them the person reads.

import { showBlocks, wordsOf } from "./blocks.js";
import { announce, byId, el, icon, reconcile, scrollBehavior, setText } from "./dom.js";
import { language, say } from "./say.js";

const NEAR = 48; // pixels from the end that still count as being there
export const ADD_CAPTIONS = "v1:captions:"; // the button for which a file has to be chosen first

export class Conversation {
  /** `act(button, message)` is called for a button, with what it sends. */
  constructor(act) {
    this.act = act;
    this.list = byId("messages");
    this.scroller = byId("scroller");
    this.newer = byId("newer");
    this.messages = [];
    this.waiting = new Map(); // replies that came since the last frame, the last of each key
    this.stuck = true;
    this.title = "";
    this.scroller.addEventListener("scroll", () => this.look(), { passive: true });
    this.newer.addEventListener("click", () => this.toEnd(scrollBehavior()));
    const sizes = new ResizeObserver(() => this.stuck && this.toEnd("instant"));
    sizes.observe(this.list);
    sizes.observe(this.scroller);
  }

  clear() {
    this.waiting.clear();
    this.messages = [];
    this.show();
    this.newer.hidden = true;
  }

  /** All messages; the same thread anew keeps every element and the place where one reads. */
  reset(messages, isNew) {
    this.waiting.clear();
    this.messages = messages;
    this.show();
    if (!isNew) return;
    // A finished analysis is read from its beginning, a conversation is taken up at its end.
    this.stuck = messages.length > 2 || this.live;
    if (this.stuck) this.toEnd("instant");
    else this.scroller.scrollTop = 0;
    this.look();
  }

  /** One message as it is now. Replies are gathered: a frame shows each only once. */
  put(message) {
    if (message.kind === "person") {
      this.replace(message);
      this.show();
      return;
    }
    if (!this.waiting.size)
      document.hidden ? setTimeout(() => this.flush()) : requestAnimationFrame(() => this.flush());
    this.waiting.set(message.key, message);
  }

  remove(key) {
    this.waiting.delete(key);
    this.messages = this.messages.filter((message) => message.key !== key);
    this.show();
  }

  get live() {
    return this.messages.some((message) => message.kind === "reply" && message.live);
  }

  /** The citations of all that was said, and those of the key moments, about one video. */
  citations(video) {
    const blocks = this.messages.flatMap((message) => message.blocks ?? []);
    const of = (chosen) =>
      chosen.flatMap((block) => block.citations ?? []).filter((citation) => citation.video_id === video);
    return { all: of(blocks), moments: of(blocks.filter(isMoments)) };
  }

  flush() {
    const finished = [];
    for (const reply of this.waiting.values()) {
      const before = this.messages.find((message) => message.key === reply.key);
      if (before?.live && !reply.live) finished.push(reply.key);
      this.replace(reply);
    }
    this.waiting.clear();
    this.show();
    if (!this.stuck) this.newer.hidden = false;
    for (const key of finished) this.tell(key);
    this.changed?.(finished.length > 0);
  }

  replace(message) {
    const place = this.messages.findIndex(({ key }) => key === message.key);
    if (place < 0) this.messages.push(message);
    else this.messages[place] = message;
  }

  show() {
    reconcile(
      this.list,
      inOrder(this.messages),
      ({ key }) => key,
      make,
      (node, message) =>
        message.kind === "person" ? updatePerson(node, message) : this.updateReply(node, message),
    );
  }

  updateReply(node, reply) {
    node.setAttribute("aria-busy", String(reply.live));
    showBlocks(node.querySelector(".blocks"), reply.blocks, this.act);
    this.entitle(this.title, node);
  }

  /** What stands above all is not said again by a card. */
  entitle(title, within = this.list) {
    this.title = title;
    for (const card of within.querySelectorAll(".card-title")) card.hidden = card.textContent === title;
  }

  tell(key) {
    const node = [...this.list.children].find((child) => child.dataset.key === key);
    if (node.querySelector(".section")) announce(say("chat.finished_analysis"));
    else announce(wordsOf(node) || say("chat.finished_reply"));
  }

  look() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.stuck) this.newer.hidden = true;
  }

  toEnd(behavior = "instant") {
    this.stuck = true;
    this.newer.hidden = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
  }
}

const isPerson = (message) => message.kind === "person";
const isMoments = (block) => block.task === "key_moments";

/** A reply stands below the message that it answers, also when others were queued meanwhile. */
function inOrder(messages) {
  const answers = new Map();
  for (const message of messages) if (isPerson(message)) answers.set(message.key, []);
  for (const message of messages) answers.get(message.to)?.push(message);
  return messages.flatMap((message) => {
    if (isPerson(message)) return [message, ...answers.get(message.key)];
    return answers.has(message.to) ? [] : [message];
  });
}

function make(message) {
  if (message.kind === "reply")
    return el(
      "li",
      { class: "reply" },
      el("span", { class: "unseen" }, "Vidthread:"),
      el("div", { class: "blocks" }),
    );
  return el(
    "li",
    { class: "person" },
    el("span", { class: "unseen" }, say("chat.you")),
    el("div", { class: "bubble" }, el("p", { dir: "auto" }), el("p", { class: "attached", dir: "auto" })),
    el("p", { class: "when" }),
  );
}

function updatePerson(node, message) {
  const [text, attached] = node.querySelector(".bubble").children;
  setText(text, message.text);
  text.hidden = !message.text;
  attached.replaceChildren(icon("file"), message.file ?? "");
  attached.hidden = !message.file;
  const time = new Date(message.at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  setText(node.querySelector(".when"), message.waiting ? say("chat.queued") : time);
}
