// The table of contents of the talk, and below each title what is said there: found, searched, and
// marked where something is cited.

import { byId, clock, el, scrollBehavior, setText } from "./dom.js";
import { say } from "./say.js";

const REST = 80; // milliseconds after a key until a long transcript is searched

export class Contents {
  /** `seek(seconds)` is called for a part or a passage that was chosen. */
  constructor(seek) {
    this.seek = seek;
    this.host = byId("contents");
    this.search = byId("search");
    this.found = byId("found");
    this.passages = [];
    this.rows = [];
    this.search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.filter(), REST);
    });
  }

  show(talk) {
    this.passages = talk.passages;
    this.rows = talk.passages.map((passage) => this.row(passage));
    this.current = [];
    this.search.value = "";
    setText(this.found, "");
    const items = [
      ...this.passages.map(({ start }, place) => [start, this.rows[place]]),
      ...talk.gaps.map((gap) => [gap.start, missing(gap)]),
    ].sort((a, b) => a[0] - b[0]);
    this.host.replaceChildren(
      ...talk.contents.map((part, place) => {
        const from = place ? part.start - 0.01 : -Infinity;
        const until = (talk.contents[place + 1]?.start ?? Infinity) - 0.01;
        const inside = items.filter(([at]) => at >= from && at < until);
        return this.part(
          part,
          inside.map(([, row]) => row),
        );
      }),
    );
    this.host.classList.toggle("hours", talk.video.seconds >= 3600);
    // A single part needs no table.
    if (talk.contents.length === 1) this.host.firstChild.open = true;
    this.host.scrollTop = 0;
  }

  /** A title leads to its part and shows what is said there; once more, it is folded again. */
  part({ title, start }, inside) {
    const chosen = (event) => {
      event.preventDefault();
      if (made.open) made.open = false;
      else this.seek(start);
    };
    const summary = el(
      "summary",
      { onclick: chosen },
      el("span", { class: "time" }, clock(start)),
      el("span", { class: "part-title", dir: "auto" }, title),
    );
    const made = el("details", { class: "contents-part" }, summary, el("ol", {}, ...inside));
    return made;
  }

  row(passage) {
    const jump = () => this.seek(passage.start);
    const time = el("button", { type: "button", class: "time", onclick: jump }, clock(passage.start));
    return el("li", { class: "passage", tabindex: "-1" }, time, el("p", { dir: "auto" }, passage.text));
  }

  /** The passages that a span of the talk touches, at least the one in which it begins. */
  touched(start, end) {
    const first = Math.max(
      this.passages.findLastIndex((passage) => passage.start <= start + 0.01),
      0,
    );
    const last = this.passages.findLastIndex((passage) => passage.start < end - 0.01);
    return this.rows.slice(first, Math.max(first, last) + 1);
  }

  /** Marks a place and brings it into view. Of a citation `quote` are the words that stand there. */
  goTo(start, { end = start, quote = "", watch = null } = {}) {
    if (this.search.value) {
      this.search.value = "";
      this.filter();
    }
    const [row] = this.mark(start, end);
    if (!row) return null;
    if (quote)
      for (const one of this.current) {
        const words = one.querySelector("p");
        markWords(words, partIn(words.textContent, quote));
      }
    if (watch) {
      const way = { class: "watch", href: watch, target: "_blank", rel: "noopener noreferrer" };
      row.append(el("a", way, say("talk.watch", { time: clock(start) })));
    }
    this.bring(row);
    return row;
  }

  /** Marks where the video plays; follows it as long as the place before was in view. */
  playAt(seconds) {
    const [before] = this.current;
    if (!this.rows.length || this.touched(seconds, seconds)[0] === before) return;
    const wasSeen = !before || this.isSeen(before);
    const [row] = this.mark(seconds, seconds);
    if (wasSeen) this.bring(row);
  }

  mark(start, end) {
    this.unmark();
    this.current = this.touched(start, end);
    this.current[0]?.setAttribute("aria-current", "true");
    for (const row of this.current) row.classList.add("cited");
    this.current[0]?.closest("details").classList.add("now");
    return this.current;
  }

  unmark() {
    for (const row of this.current) {
      row.classList.remove("cited");
      row.removeAttribute("aria-current");
      row.closest("details").classList.remove("now");
      row.querySelector(".watch")?.remove();
      markWords(row.querySelector("p"), this.search.value.trim());
    }
  }

  isSeen(row) {
    const [inside, outside] = [row.getBoundingClientRect(), this.host.getBoundingClientRect()];
    return row.closest("details").open && inside.bottom > outside.top && inside.top < outside.bottom;
  }

  bring(row) {
    for (const one of this.current) one.closest("details").open = true;
    const away = Math.abs(row.getBoundingClientRect().top - this.host.getBoundingClientRect().top);
    // A long way is not flown over.
    row.scrollIntoView({ block: "center", behavior: away > 3 * innerHeight ? "instant" : scrollBehavior() });
  }

  filter() {
    const wanted = this.search.value.trim();
    let hits = 0;
    for (const row of this.rows) {
      const hit = markWords(row.querySelector("p"), wanted);
      row.hidden = Boolean(wanted) && !hit;
      if (hit) hits += 1;
    }
    this.host.classList.toggle("searching", Boolean(wanted));
    for (const part of this.host.children) {
      part.open = wanted
        ? Boolean(part.querySelector(".passage:not([hidden])"))
        : part.contains(this.current[0]);
      part.hidden = Boolean(wanted) && !part.open;
    }
    setText(this.found, wanted ? say("talk.found", { count: hits }) : "");
    if (!wanted && this.current[0]) this.bring(this.current[0]);
  }
}

function missing({ start, end }) {
  const span = { start: clock(start), end: clock(end) };
  return el("li", { class: "no-captions" }, say("talk.gap_span", span));
}

/** Of a quote over several passages, what stands in one of them: its begin, its end, all between. */
function partIn(passage, quote) {
  const [inside, wanted] = [passage.toLowerCase(), quote.toLowerCase()];
  if (inside.includes(wanted)) return quote;
  if (wanted.includes(inside)) return passage;
  for (let length = wanted.length - 1; length > 0; length -= 1) {
    const [begin, end] = [wanted.slice(0, length), wanted.slice(-length)];
    if (inside.endsWith(begin)) return begin.trim();
    if (inside.startsWith(end)) return end.trim();
  }
  return "";
}

/** Marks each place where the words stand, whatever the case; tells whether there was one. */
function markWords(paragraph, words) {
  const text = paragraph.textContent;
  const parts = [];
  const [inside, wanted] = [text.toLowerCase(), words.toLowerCase()];
  let from = 0;
  // Where lower case has another length (as with İ), positions would be wrong: nothing is marked.
  const fits = wanted && inside.length === text.length;
  for (let at = fits ? inside.indexOf(wanted) : -1; at >= 0; at = inside.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), el("mark", {}, text.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  if (parts.length || paragraph.childElementCount) paragraph.replaceChildren(...parts, text.slice(from));
  return parts.length > 0 || (!fits && Boolean(wanted) && inside.includes(wanted));
}
