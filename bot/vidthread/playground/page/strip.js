// The talk as a strip to move along: its parts, where captions are missing, the key moments, and
// what the conversation cited. It is a slider, so that it works with the keyboard as well. Places
// are shares of the width: a pane that changes its size needs no new picture.

import { clock, el, setText, svg } from "./dom.js";
import { say } from "./say.js";

const PARTS = 16; // height of the parts; below them the moments, then what was cited
const MOMENTS = 25;
const HEIGHT = 42;
const BINS = 100;
const APART = 0.025; // share of the talk that two moments need to be told apart

export class Strip {
  /** `seek(seconds)` is called for a place that was chosen, `enter()` to read on from there. */
  constructor(host, seek, enter) {
    this.seek = seek;
    this.enter = enter;
    this.slider = el("div", {
      class: "strip",
      dir: "ltr", // time runs this way in every player
      role: "slider",
      tabindex: "0",
      "aria-label": say("talk.position"),
      "aria-valuemin": "0",
    });
    this.readout = el("span", { class: "readout", "aria-hidden": "true", dir: "auto" });
    this.legend = el("span", { class: "legend", "aria-hidden": "true" });
    host.append(this.slider, el("p", { class: "below-strip" }, this.readout, this.legend));
    this.slider.addEventListener("pointerdown", (event) => event.button === 0 && seek(this.secondsAt(event)));
    this.slider.addEventListener("pointermove", (event) => this.hover(event));
    this.slider.addEventListener("pointerleave", () => this.hover(null));
    this.slider.addEventListener("keydown", (event) => this.key(event));
  }

  show(talk) {
    this.talk = talk;
    const ends = [...talk.contents, ...talk.passages].map(({ end }) => end);
    this.length = Math.max(talk.video.seconds, ...ends.slice(-1), 1);
    this.position = 0;
    this.slider.setAttribute("aria-valuemax", String(Math.floor(this.length)));
    this.point({ all: [], moments: [] });
  }

  /** What the conversation points at; `moments` are the key ones. */
  point({ all, moments }) {
    this.moments = moments.toSorted((a, b) => a.start - b.start);
    this.ghost = line("ghost");
    this.here = line("here");
    this.ghost.setAttribute("visibility", "hidden");
    const { contents, gaps } = this.talk;
    this.parts = contents.map((part) => this.span(part, "part"));
    const picture = svg(
      "svg",
      { width: "100%", height: HEIGHT, "aria-hidden": "true" },
      hatching(),
      ...this.parts,
      ...gaps.map((gap) => this.span(gap, "gap", { fill: "url(#hatching)" })),
      ...this.density(all),
      ...this.diamonds(),
      this.ghost,
      this.here,
    );
    this.slider.replaceChildren(picture);
    this.explain(all.length);
    this.setPosition(this.position);
  }

  share(seconds) {
    return `${((Math.min(Math.max(seconds, 0), this.length) / this.length) * 100).toFixed(3)}%`;
  }

  span({ start, end }, name, more = {}) {
    const width = this.share(end - start);
    return svg("rect", { class: name, x: this.share(start), width, y: 0, height: PARTS, ...more });
  }

  /** A bar wherever something is cited, higher where much is. */
  density(cited) {
    const counts = new Map();
    for (const { start } of cited) {
      const bin = Math.min(Math.floor((start / this.length) * BINS), BINS - 1);
      counts.set(bin, (counts.get(bin) ?? 0) + 1);
    }
    return [...counts].map(([bin, count]) => {
      const height = Math.min(4 + 2 * (count - 1), 10);
      const place = { x: `${bin + 0.2}%`, width: "0.6%", y: HEIGHT - height, height };
      return svg("rect", { class: "cited-bar", ...place });
    });
  }

  /** Those that would cover the one before them are left out; the conversation has them all. */
  diamonds() {
    let last = -Infinity;
    const apart = this.moments.filter(({ start }) => {
      const fits = start - last > this.length * APART;
      if (fits) last = start;
      return fits;
    });
    return apart.map(({ start, quote }) => {
      const title = svg("title", {}, `${clock(start)} ${quote}`);
      const place = { x: this.share(start), y: MOMENTS, class: "moment" };
      return svg("svg", place, title, svg("path", { d: "M0-6 6 0 0 6-6 0z" }));
    });
  }

  explain(isCited) {
    const signs = [
      this.moments.length && ["moment-sign", "talk.moment"],
      isCited && ["cited-sign", "talk.cited"],
      this.talk.gaps.length && ["gap-sign", "talk.gap"],
    ].filter(Boolean);
    this.legend.replaceChildren(...signs.map(([sign, id]) => el("span", { class: sign }, say(id))));
  }

  setPosition(seconds) {
    this.position = seconds;
    this.place(this.here, seconds);
    const now = this.talk.contents.indexOf(this.partAt(seconds));
    this.parts.forEach((part, place) => part.classList.toggle("now", place === now));
    this.slider.setAttribute("aria-valuenow", String(Math.floor(seconds)));
    this.slider.setAttribute("aria-valuetext", this.name(seconds));
    setText(this.readout, this.name(seconds));
  }

  place(mark, seconds) {
    mark.setAttribute("x1", this.share(seconds));
    mark.setAttribute("x2", this.share(seconds));
  }

  partAt(seconds) {
    const { contents } = this.talk;
    return contents.findLast(({ start }) => start <= seconds + 0.5) ?? contents[0];
  }

  /** "4:19 Search cluster", for the eye and for the ear. */
  name(seconds) {
    return [clock(seconds), this.partAt(seconds)?.title].filter(Boolean).join(" ");
  }

  secondsAt(event) {
    const { left, width } = this.slider.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1) * this.length;
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
    const marks = [...this.talk.contents, ...this.moments].map(({ start }) => start).sort((a, b) => a - b);
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

/** Where one is (`here`), or where the pointer is (`ghost`). */
function line(name) {
  return svg("line", { class: name, y1: 0, y2: HEIGHT });
}

function hatching() {
  const turned = { width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const ground = svg("rect", { class: "hatch-ground", width: 5, height: 5 });
  const stripe = svg("rect", { class: "hatch", width: 1.5, height: 5 });
  return svg("defs", {}, svg("pattern", { id: "hatching", ...turned }, ground, stripe));
}
