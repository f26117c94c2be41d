// The field at the bottom, for questions.

import { Attempts } from "./attempts.js";
import { byId } from "./dom.js";
import { say } from "./say.js";

export class Composer {
  /** `send(text)`, `attach(file)` and `stop()` may throw; the sentence is shown, the text kept. */
  constructor({ send, attach, stop }) {
    this.attempts = new Attempts(byId("composer-error"));
    this.text = byId("question");
    this.send = byId("send");
    this.stop = byId("stop");
    this.drafts = new Map();
    this.thread = "";
    this.live = false;
    this.busy = false;
    byId("composer").addEventListener("submit", (event) => (event.preventDefault(), this.submit(send)));
    this.text.addEventListener("input", () => (this.attempts.fail(""), this.changed()));
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.stop.addEventListener("click", () => this.attempts.make(stop));
    this.attempts.takeFiles(byId("attach"), byId("attached"), attach);
  }

  /** Turns to another thread; what was begun in this one is there again on return. */
  turnTo(thread) {
    this.drafts.set(this.thread, this.text.value);
    this.thread = thread;
    this.text.value = this.drafts.get(thread) ?? "";
    this.attempts.fail("");
    this.setLive(false);
    this.changed();
  }

  /** Where there is no video yet, there is nothing to ask about. */
  setVideo(hasVideo) {
    this.text.placeholder = say(hasVideo ? "composer.placeholder" : "composer.link");
  }

  setLive(live) {
    this.live = live;
    this.buttons();
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  async submit(send) {
    const text = this.text.value.trim();
    if (!text || this.busy) return;
    const { thread } = this;
    this.busy = true;
    this.buttons();
    const sent = await this.attempts.make(() => send(text));
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
    byId("composer").requestSubmit();
  }

  changed() {
    this.text.style.setProperty("height", "auto");
    this.text.style.setProperty("height", `${this.text.scrollHeight}px`);
    this.buttons();
  }

  /** While an answer is written, the button stops it, until there is something to send. */
  buttons() {
    const empty = !this.text.value.trim();
    const focused = document.activeElement;
    this.stop.hidden = !this.live;
    this.send.hidden = this.live && empty;
    this.send.disabled = empty || this.busy;
    if ((focused === this.stop && this.stop.hidden) || (focused === this.send && this.send.hidden))
      this.focus();
  }
}
