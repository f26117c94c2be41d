// The list of threads, and the form for a new video.

import { Attempts } from "./attempts.js";
import { byId, el, reconcile, setText } from "./dom.js";
import { language, say } from "./say.js";

export class ThreadList {
  constructor() {
    this.list = byId("thread-list");
    this.threads = [];
    this.open = "";
  }

  show(threads) {
    this.threads = threads;
    const dated = threads.map((thread) => ({ ...thread, today: today() }));
    reconcile(this.list, dated, ({ id }) => id, make, update);
    this.mark(this.open);
  }

  mark(id) {
    this.open = id;
    for (const item of this.list.children) {
      const link = item.firstChild;
      if (item.dataset.key === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}

/** A link within this page; what else is in it are `children`. */
export function linkTo(thread, ...children) {
  return el("a", { href: `/t/${encodeURIComponent(thread.id)}`, "data-route": true }, ...children);
}

function make(thread) {
  const title = el("span", { class: "thread-title", dir: "auto" });
  return el("li", {}, linkTo(thread, title, el("span", { class: "thread-facts" })));
}

function update(node, thread) {
  const [title, facts] = node.firstChild.children;
  setText(title, thread.title || say("threads.untitled"));
  const working = thread.live && el("span", { class: "working" }, say("threads.working"));
  const parts = [working, day(thread.updated_at)].filter(Boolean);
  facts.replaceChildren(...parts.flatMap((part, place) => (place ? [" · ", part] : [part])));
}

const today = () => new Date().toDateString();

function day(iso) {
  const date = new Date(iso);
  if (date.toDateString() === today())
    return date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const sameYear = date.getFullYear() === new Date().getFullYear();
  const year = sameYear ? undefined : "numeric";
  return date.toLocaleDateString(language, { day: "numeric", month: "short", year });
}

export class NewVideo {
  /**
   * `read(link)` and `open(file)` may throw; the sentence is shown, the link kept. `away()` is
   * called where the server could not be reached.
   */
  constructor({ read, open, away }) {
    this.attempts = new Attempts(byId("home-error"), away);
    this.link = byId("link");
    byId("new-video").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(read, event.submitter);
    });
    this.link.addEventListener("input", () => this.attempts.fail(""));
    this.attempts.takeFiles(byId("pick"), byId("picked"), open);
  }

  async submit(read, button) {
    if (button) button.disabled = true;
    const opened = await this.attempts.make(() => read(this.link.value.trim()));
    if (button) button.disabled = false;
    if (opened) this.link.value = "";
  }

  focus() {
    this.link.focus();
  }
}
