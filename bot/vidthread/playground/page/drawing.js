// The picture of a talk as SVG. Places are shares of the width, so that it needs no drawing anew
// when the pane changes its size.

import { clock, el, svg } from "./dom.js";

const BANDS = 24; // height of the topics; below it the moments, then what was cited
const MOMENTS = 36;
const AXIS = 60;
const HEIGHT = 66;
const BINS = 100;
const APART = 0.025; // share of the talk that two diamonds need to be told apart
const HUES = 6;

/** `talk` with its `length`, the key `moments` and the seconds that were `cited`. */
export function drawTalk(talk, length, moments, cited) {
  const x = share(length);
  return svg(
    "svg",
    { width: "100%", height: HEIGHT, "aria-hidden": "true" },
    hatching(),
    ...chapters(talk, x),
    ...bands(talk, x),
    ...gaps(talk, x),
    ...density(cited, length),
    svg("line", { class: "axis", x1: 0, x2: "100%", y1: AXIS, y2: AXIS }),
    ...diamonds(moments, length, x),
  );
}

/** A line at one place: where one is (`here`), or where the pointer is (`ghost`). */
export function drawLine(name) {
  return svg("line", { class: name, y1: 0, y2: HEIGHT });
}

export function share(length) {
  return (seconds) => `${((Math.min(Math.max(seconds, 0), length) / length) * 100).toFixed(3)}%`;
}

function bands({ topics }, x) {
  return topics.map(({ title, start, end }, place) => {
    const label = el("div", { class: "band-label" }, el("span", { dir: "auto" }, title));
    return svg(
      "svg",
      { x: x(start), y: 0, width: x(end - start), height: BANDS },
      svg("title", {}, `${clock(start)} ${title}`),
      svg("rect", { class: `band hue-${place % HUES}`, width: "100%", height: BANDS, rx: 3 }),
      svg("foreignObject", { width: "100%", height: BANDS }, label),
    );
  });
}

function chapters({ chapters }, x) {
  return chapters.map(({ title, start }) =>
    svg(
      "line",
      { class: "chapter", x1: x(start), x2: x(start), y1: BANDS, y2: HEIGHT },
      svg("title", {}, `${clock(start)} ${title}`),
    ),
  );
}

function gaps({ gaps }, x) {
  return gaps.map(({ start, end }) =>
    svg(
      "rect",
      { class: "gap", x: x(start), width: x(end - start), y: 0, height: AXIS, fill: "url(#hatching)" },
      svg("title", {}, `No captions from ${clock(start)} to ${clock(end)}`),
    ),
  );
}

/** A bar wherever something is cited, higher where much is. */
function density(cited, length) {
  const counts = new Map();
  for (const start of cited) {
    const bin = Math.min(Math.floor((start / length) * BINS), BINS - 1);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return [...counts].map(([bin, count]) => {
    const height = Math.min(5 + 3 * (count - 1), AXIS - MOMENTS - 8);
    return svg("rect", { class: "cited-bar", x: `${bin + 0.2}%`, width: "0.6%", y: AXIS - height, height });
  });
}

/** Those that would cover the one before them are left out here; the list has them all. */
function diamonds(moments, length, x) {
  let last = -Infinity;
  const apart = moments.filter(({ start }) => {
    const fits = start - last > length * APART;
    if (fits) last = start;
    return fits;
  });
  return apart.map(({ start, quote }) =>
    svg(
      "svg",
      { x: x(start), y: MOMENTS, class: "moment" },
      svg("title", {}, `${clock(start)} ${quote}`),
      svg("path", { d: "M0-6 6 0 0 6-6 0z" }),
    ),
  );
}

function hatching() {
  const turned = { width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const ground = svg("rect", { class: "hatch-ground", width: 5, height: 5 });
  const stripe = svg("rect", { class: "hatch", width: 1.5, height: 5 });
  return svg("defs", {}, svg("pattern", { id: "hatching", ...turned }, ground, stripe));
}
