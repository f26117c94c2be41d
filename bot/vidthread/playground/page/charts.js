// Lines over the last minutes as SVG; and what a histogram tells of the time between two looks.

import { el, setText, svg } from "./dom.js";

const WIDTH = 300;
const HEIGHT = 100;

export class Chart {
  /** `lines` are the names of what is drawn, `format` makes a number readable. */
  constructor(title, lines, format) {
    this.lines = lines;
    this.format = format;
    this.told = lines.map((name, place) => el("span", { class: `line-${place}` }, name));
    this.drawn = lines.map((_, place) => svg("polyline", { class: `line-${place}` }));
    const grid = [0, HEIGHT / 2, HEIGHT].map((y) => svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: y, y2: y }));
    const picture = svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      ...grid,
      ...this.drawn,
    );
    const legend = el("span", { class: "legend" }, ...this.told);
    const caption = el("figcaption", {}, el("strong", {}, title), legend);
    this.node = el("figure", { class: "chart" }, caption, picture);
  }

  /** `rows` holds a list of numbers for each moment, oldest first, of at most `most` moments. */
  draw(rows, most) {
    const highest = Math.max(1e-9, ...rows.flat());
    const newest = rows.at(-1) ?? [];
    this.drawn.forEach((line, place) => {
      const points = rows.map((row, at) => {
        const x = WIDTH - ((rows.length - 1 - at) / (most - 1)) * WIDTH;
        return `${x.toFixed(1)},${(HEIGHT - (row[place] / highest) * HEIGHT).toFixed(1)}`;
      });
      line.setAttribute("points", points.join(" "));
      setText(this.told[place], `${this.lines[place]} ${this.format(newest[place] ?? 0)}`);
    });
  }
}

/** The bound below which this share of a histogram's durations lies; null where it has none. */
export function quantile(counts, bounds, share) {
  const whole = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [place, count] of counts.entries()) {
    seen += count;
    if (count && seen >= share * whole) return bounds[place] ?? Infinity;
  }
  return null;
}

export const between = (before, now) => now.map((count, place) => count - (before[place] ?? 0));

export function duration(seconds) {
  if (seconds === null) return "–";
  if (seconds === Infinity) return "longer";
  if (seconds < 1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
