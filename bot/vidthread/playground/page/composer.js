// The field at the bottom: a question in a thread, a link where none is open.

import { byId, setText } from "./dom.js";

export const CAPTIONS = ".srt,.vtt,.sbv,.ass,.ssa,.ttml,.dfxp,.xml,.json,.json3,.srv1,.srv3,.tsv,.txt";

export class Composer {
  /** `send(text)` and `attach(file)` may throw; the sentence is shown and the text kept. */
  constructor({ send, attach, stop }) {
    this.form = byId("composer");
    this.text = byId("question");
    this.error = byId("composer-error");
    this.send = byId("send");
    this.stop = byId("stop");
    this.drafts = new Map();
    this.thread = "";
    this.live = false;
    this.busy = false;
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.submit(send)));
    this.text.addEventListener("input", () => (this.fail(""), this.changed()));
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.stop.addEventListener("click", () => this.attempt(stop));
    this.takesFiles(byId("attach"), byId("attached"), attach);
  }

  takesFiles(button, input, attach) {
    input.accept = CAPTIONS;
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      const [file] = input.files;
      input.value = "";
      if (file) await this.attempt(() => attach(file));
    });
  }

  /** Turns to another thread; what was begun in this one is there again on return. */
  turnTo(thread) {
    this.drafts.set(this.thread, this.text.value);
    this.thread = thread;
    this.text.value = this.drafts.get(thread) ?? "";
    this.text.placeholder = thread ? "Ask about this video" : "Paste a link to a YouTube video";
    setText(byId("question-label"), thread ? "Question about this video" : "Link to a YouTube video");
    byId("attach").hidden = !thread;
    this.fail("");
    this.setLive(false);
    this.changed();
  }

  setLive(live) {
    this.live = live;
    this.buttons();
  }

  focus() {
    this.text.focus();
  }

  fail(sentence) {
    setText(this.error, sentence);
    this.error.hidden = !sentence;
  }

  /** Does it, and says so here if it cannot be done. */
  async attempt(action) {
    this.fail("");
    try {
      await action();
      return true;
    } catch (failure) {
      this.fail(failure.message);
      return false;
    }
  }

  async submit(send) {
    const text = this.text.value.trim();
    if (!text || this.busy) return;
    const { thread } = this;
    this.busy = true;
    this.buttons();
    const sent = await this.attempt(() => send(text));
    this.busy = false;
    // Meanwhile another thread may be open, or more may have been typed.
    if (sent && this.thread !== thread) this.drafts.delete(thread);
    else if (sent && this.text.value.trim() === text) this.text.value = "";
    this.changed();
  }

  key(event) {
    // Enter also ends the choice of an input method; that one is not meant for us.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  changed() {
    this.text.style.setProperty("height", "auto");
    this.text.style.setProperty("height", `${this.text.scrollHeight}px`);
    this.buttons();
  }

  /** While an answer is written, the button stops it, until there is something to send. */
  buttons() {
    const empty = !this.text.value.trim();
    const stopping = this.live && empty;
    const focused = document.activeElement;
    this.stop.hidden = !this.live;
    this.stop.classList.toggle("alone", stopping);
    this.send.hidden = stopping;
    this.send.disabled = empty || this.busy;
    if ((focused === this.stop && this.stop.hidden) || (focused === this.send && this.send.hidden))
      this.focus();
  }
}
