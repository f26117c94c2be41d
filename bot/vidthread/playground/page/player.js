// The video itself. Nothing is loaded from YouTube before somebody asks for it: the player comes
// with a click.

import { clock, el, icon, setText } from "./dom.js";
import { say } from "./say.js";

const HOME = "https://www.youtube-nocookie.com";
const PATIENCE = 8000; // milliseconds until a player that says nothing counts as not loaded

export class Player {
  /** `onTime(seconds)` is told where the video is while it plays. */
  constructor(host, onTime) {
    this.host = host;
    this.onTime = onTime;
    this.video = null;
    this.frame = null;
    this.start = 0;
    addEventListener("message", (event) => this.hear(event));
  }

  show(video) {
    this.close();
    this.video = video;
    this.start = 0;
    this.host.hidden = !this.embed;
    if (this.embed) this.offer();
  }

  close() {
    clearTimeout(this.timer);
    clearInterval(this.greeting);
    this.frame = null;
    this.host.replaceChildren();
    this.host.classList.remove("open");
  }

  get embed() {
    return this.video?.embed?.startsWith(`${HOME}/embed/`) ? this.video.embed : null;
  }

  offer() {
    this.label = el("span", {}, say("player.play"));
    const length = el("span", { class: "length" }, clock(this.video.seconds));
    const play = { type: "button", class: "play", onclick: () => this.open() };
    this.host.replaceChildren(el("button", play, icon("play"), this.label, length));
  }

  open() {
    const address = new URL(this.embed);
    address.searchParams.set("autoplay", "1");
    address.searchParams.set("start", String(Math.floor(this.start)));
    address.searchParams.set("origin", location.origin);
    this.frame = el("iframe", {
      src: address.href,
      title: say("player.title", { title: this.video.title }),
      allow: "autoplay; encrypted-media; fullscreen; picture-in-picture",
      // YouTube plays only where it is told which page it stands in; the path is not told.
      referrerpolicy: "strict-origin",
    });
    this.host.classList.add("open");
    this.host.replaceChildren(this.frame);
    this.frame.focus();
    // The player answers a greeting, but only when it is there; so it is greeted until it does.
    this.greeting = setInterval(() => this.post({ event: "listening" }), 400);
    this.timer = setTimeout(() => this.giveUp(), PATIENCE);
  }

  giveUp() {
    this.close();
    const link = el("a", { target: "_blank", rel: "noopener noreferrer" });
    link.href = this.at(this.start);
    setText(link, say("player.watch", { time: clock(this.start) }));
    const again = el(
      "button",
      { type: "button", class: "pill", onclick: () => this.open() },
      say("player.retry"),
    );
    this.host.replaceChildren(
      el(
        "div",
        { class: "unloaded", role: "status" },
        el("p", {}, say("player.failed")),
        this.video.url && link,
        again,
      ),
    );
    this.failed = link;
  }

  /** The address of a second of the video, or null where it has none. */
  at(seconds) {
    if (!this.video?.url) return null;
    const address = new URL(this.video.url);
    address.searchParams.set("t", String(Math.floor(seconds)));
    return address.href;
  }

  get isOpen() {
    return this.frame !== null;
  }

  /** Goes there if it is open; else it will begin there. */
  seek(seconds) {
    this.start = seconds;
    if (this.frame) this.post({ event: "command", func: "seekTo", args: [seconds, true] });
    else if (this.failed?.isConnected) {
      this.failed.href = this.at(seconds);
      setText(this.failed, say("player.watch", { time: clock(seconds) }));
    } else if (this.label) setText(this.label, say("player.play_from", { time: clock(seconds) }));
  }

  post(message) {
    this.frame?.contentWindow?.postMessage(JSON.stringify(message), HOME);
  }

  hear(event) {
    if (event.origin !== HOME || event.source !== this.frame?.contentWindow) return;
    clearTimeout(this.timer);
    clearInterval(this.greeting);
    let said;
    try {
      said = JSON.parse(event.data);
    } catch {
      return;
    }
    const seconds = said?.info?.currentTime;
    if (typeof seconds === "number") this.onTime(seconds);
  }
}
