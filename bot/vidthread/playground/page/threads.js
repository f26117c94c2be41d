// The list of threads and the form for a new video.

import { CAPTIONS } from "./composer.js";
import { byId, el, reconcile, setText } from "./dom.js";

export class ThreadList {
  constructor() {
    this.list = byId("thread-list");
    this.threads = [];
    this.open = "";
    this.list.addEventListener("keydown", (event) => this.key(event));
  }

  show(threads) {
    this.threads = threads;
    reconcile(
      this.list,
      threads.map((thread) => ({ ...thread, today: today() })),
      ({ id }) => id,
      make,
      update,
    );
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

  /** Arrow keys, Home and End walk through the list. */
  key(event) {
    const links = [...this.list.querySelectorAll("a")];
    const here = links.indexOf(document.activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    links[Math.min(Math.max(to, 0), links.length - 1)].focus();
  }
}

function make(thread) {
  return el(
    "li",
    {},
    el(
      "a",
      { href: `/t/${encodeURIComponent(thread.id)}`, "data-route": true },
      el("span", { class: "thread-title", dir: "auto" }),
      el("span", { class: "thread-facts" }),
    ),
  );
}

function update(node, thread) {
  const [title, facts] = node.firstChild.children;
  setText(title, thread.title || "New thread");
  const working = thread.live && el("span", { class: "working" }, "Working");
  const parts = [working, day(thread.updated_at)].filter(Boolean);
  facts.replaceChildren(...parts.flatMap((part, place) => (place ? [" · ", part] : [part])));
}

const today = () => new Date().toDateString();

function day(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return null;
  if (date.toDateString() === today())
    return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const sameYear = date.getFullYear() === new Date().getFullYear();
  return date.toLocaleDateString([], {
    day: "numeric",
    month: "short",
    year: sameYear ? undefined : "numeric",
  });
}

/** The form for a new video. `read(body)` and `open(file)` answer with {id, existing}. */
export class NewVideo {
  constructor({ read, open }) {
    this.read = read;
    this.form = byId("new-video");
    this.link = byId("link");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.readLink(this.link.value.trim(), false);
    });
    const picked = byId("picked");
    picked.accept = CAPTIONS;
    byId("pick").addEventListener("click", () => picked.click());
    picked.addEventListener("change", () => {
      const [file] = picked.files;
      picked.value = "";
      if (file) this.attempt(() => open(file));
    });
  }

  async readLink(link, anew) {
    const opened = await this.attempt(() => this.read(anew ? { link, anew } : { link }));
    if (!opened) return;
    this.link.value = "";
    if (!opened.existing) return;
    const again = el("button", { type: "button", class: "link" }, "Open a new one");
    again.addEventListener("click", () => this.readLink(link, true));
    this.say(el("p", {}, "This video has a thread already; it is open now. ", again));
  }

  /** What the action answers, or null where it failed; then the sentence stands below. */
  async attempt(action) {
    const button = this.form.querySelector("[type=submit]");
    button.disabled = true;
    this.say();
    try {
      return await action();
    } catch (failure) {
      this.say(el("p", { class: "error" }, failure.message));
      return null;
    } finally {
      button.disabled = false;
    }
  }

  say(...parts) {
    byId("new-status").replaceChildren(...parts);
  }
}
