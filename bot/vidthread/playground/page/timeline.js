// A picture of the whole talk: its topics, chapters and key moments, what the conversation cited,
// and where captions are missing. It is a slider, so that it works with the keyboard as well.

import { clock, el, setText } from "./dom.js";
import { drawLine, drawTalk, share } from "./drawing.js";

export class Timeline {
  /** `seek(seconds)` is called for a place that was chosen, `enter()` to read on from there. */
  constructor(host, seek, enter) {
    this.seek = seek;
    this.enter = enter;
    this.slider = el("div", {
      class: "timeline",
      role: "slider",
      tabindex: "0",
      "aria-label": "Position in the talk",
      "aria-valuemin": "0",
    });
    this.readout = el("p", { class: "readout", "aria-hidden": "true" });
    this.legend = el("span", { class: "legend", "aria-hidden": "true" });
    this.rows = el("div");
    this.summary = el(
      "details",
      { class: "as-list" },
      el("summary", {}, el("span", {}, "As a list"), this.legend),
      this.rows,
    );
    host.append(this.slider, this.readout, this.summary);
    this.slider.addEventListener("pointerdown", (event) => this.drag(event));
    this.slider.addEventListener("pointermove", (event) => this.hover(event));
    this.slider.addEventListener("pointerleave", () => this.hover(null));
    this.slider.addEventListener("keydown", (event) => this.key(event));
  }

  show(talk) {
    this.talk = talk;
    const ends = [...talk.topics, ...talk.passages].map(({ end }) => end);
    this.length = Math.max(talk.video.seconds, ...ends.slice(-1), 1);
    this.cited = [];
    this.moments = [];
    this.position = 0;
    this.slider.setAttribute("aria-valuemax", String(Math.floor(this.length)));
    this.draw();
  }

  /** What the conversation points at; `moments` are the key ones. */
  point({ all, moments }) {
    this.cited = all.map(({ start }) => start);
    this.moments = unique(moments);
    this.draw();
  }

  draw() {
    this.ghost = drawLine("ghost");
    this.ghost.setAttribute("visibility", "hidden");
    this.line = drawLine("here");
    const picture = drawTalk(this.talk, this.length, this.moments, this.cited);
    picture.append(this.ghost, this.line);
    this.slider.replaceChildren(picture);
    this.explain();
    this.list();
    this.setPosition(this.position);
  }

  explain() {
    const parts = [
      this.moments.length && ["moment-sign", "Key moment"],
      this.cited.length && ["cited-sign", "Cited"],
      this.talk.gaps.length && ["gap-sign", "No captions"],
    ];
    this.legend.replaceChildren(
      ...parts.filter(Boolean).map(([sign, text]) => el("span", { class: sign }, text)),
    );
  }

  /** The same as text: of what a picture shows, nothing is only in the picture. */
  list() {
    const groups = [
      ["Topics", this.talk.topics.map(({ start, title }) => [start, title])],
      ["Chapters", this.talk.chapters.map(({ start, title }) => [start, title])],
      ["Key moments", this.moments.map(({ start, quote }) => [start, quote])],
      ["Without captions", this.talk.gaps.map(({ start, end }) => [start, `until ${clock(end)}`])],
    ].filter(([, rows]) => rows.length);
    const shown = JSON.stringify(groups);
    if (this.listed === shown) return;
    this.listed = shown;
    this.summary.hidden = !groups.length;
    this.rows.replaceChildren(...groups.map((group) => this.group(...group)));
  }

  group(name, rows) {
    const row = ([start, text]) =>
      el(
        "li",
        {},
        el("button", { type: "button", class: "time", onclick: () => this.seek(start) }, clock(start)),
        " ",
        el("span", { dir: "auto" }, text),
      );
    return el("div", {}, el("h3", {}, name), el("ul", {}, ...rows.map(row)));
  }

  setPosition(seconds) {
    this.position = seconds;
    this.place(this.line, seconds);
    this.slider.setAttribute("aria-valuenow", String(Math.floor(seconds)));
    this.slider.setAttribute("aria-valuetext", this.name(seconds));
    setText(this.readout, this.name(seconds));
  }

  place(line, seconds) {
    const x = share(this.length)(seconds);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  }

  /** "4:19 Search cluster", for the eye and for the ear. */
  name(seconds) {
    const topic = this.talk.topics.findLast(({ start, end }) => start <= seconds + 0.5 && seconds < end);
    return topic ? `${clock(seconds)} ${topic.title}` : clock(seconds);
  }

  secondsAt(event) {
    const { left, width } = this.slider.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1) * this.length;
  }

  drag(event) {
    if (event.button !== 0) return;
    this.seek(this.secondsAt(event));
  }

  hover(event) {
    if (!this.talk) return;
    const seconds = event ? this.secondsAt(event) : this.position;
    if (event?.buttons === 1) this.seek(seconds);
    this.ghost.setAttribute("visibility", event ? "visible" : "hidden");
    this.place(this.ghost, seconds);
    setText(this.readout, this.name(seconds));
  }

  key(event) {
    const marks = [...this.talk.topics, ...this.talk.chapters, ...this.moments]
      .map(({ start }) => start)
      .sort((a, b) => a - b);
    const at = this.position;
    const to = {
      ArrowRight: at + 5,
      ArrowUp: at + 5,
      ArrowLeft: at - 5,
      ArrowDown: at - 5,
      PageDown: marks.find((mark) => mark > at + 0.5) ?? at,
      PageUp: marks.findLast((mark) => mark < at - 0.5) ?? 0,
      Home: 0,
      End: this.length,
    }[event.key];
    if (event.key === "Enter") this.enter();
    else if (to === undefined) return;
    else this.seek(Math.min(Math.max(to, 0), this.length));
    event.preventDefault();
  }
}

/** One moment of each second, the first. */
function unique(citations) {
  const bySecond = new Map();
  for (const citation of citations) {
    const second = Math.floor(citation.start);
    if (!bySecond.has(second)) bySecond.set(second, citation);
  }
  return [...bySecond.values()].sort((a, b) => a.start - b.start);
}
