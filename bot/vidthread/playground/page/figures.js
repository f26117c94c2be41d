// Looks at the server's counters every two seconds and draws what happened in between.

import { between, Chart, duration, quantile } from "./charts.js";
import { byId, el, reconcile, setText } from "./dom.js";

const EVERY = 2000; // milliseconds
const MOST = 150;
const whole = (number) => Math.round(number).toLocaleString("en");
const some = (number) => (number < 10 ? number.toFixed(1) : whole(number));
const share = (number) => `${(number * 100).toFixed(0)} %`;
const megabytes = (number) => `${number < 10 ? number.toFixed(1) : whole(number)} MB`;
const MB = 2 ** 20;

// What each chart draws of two looks: `since` makes a rate a second of a counter.
const CHARTS = [
  ["Turns under way", ["turns", "reads and sections"], some, ({ now }) => [now.process.turns, now.runs]],
  ["Waiting in line", ["YouTube", "model"], some, ({ now }) => [waiting(now, "youtube"), waiting(now, "model")]],
  ["Requests a second", ["YouTube", "model"], some, ({ since }) => [
    since((figures) => figures.answers.counts.reduce((sum, count) => sum + count, 0)),
    since((figures) => figures.model.requests),
  ]],
  ["Tokens a second", ["prompt", "written", "cached"], some, ({ since }) => [
    since((figures) => figures.model.prompt),
    since((figures) => figures.model.completion),
    since((figures) => figures.model.cached),
  ]],
  ["Cache a second", ["hits", "misses", "evictions"], some, ({ since }) => [
    since((figures) => figures.cache.hits),
    since((figures) => figures.cache.misses),
    since((figures) => figures.cache.evictions),
  ]],
  ["Memory", ["resident", "cache"], megabytes, ({ now }) => [now.process.resident_mb, now.cache.size / MB]],
  ["Event loop late", ["99 %", "half"], duration, ({ before, now }) => {
    const counts = between(before.lag.counts, now.lag.counts);
    return [0.99, 0.5].map((part) => Math.min(quantile(counts, now.bounds, part) ?? 0, 300));
  }],
  ["Connections", ["open", "made a second", "used again"], some, ({ now, since }) => [
    now.connections.total_connections,
    since((figures) => figures.connections.created),
    since((figures) => figures.connections.reused),
  ]],
].map(([title, lines, format, read]) => ({ chart: new Chart(title, lines, format), read, rows: [] }));

const waiting = (figures, name) => figures.upstreams.find((one) => one.name === name)?.waiting ?? 0;
let before = null;

function facts(now) {
  const { cache, connections, model, process } = now;
  const asked = cache.hits + cache.misses;
  const down = now.upstreams.filter((one) => one.is_down).map((one) => one.name);
  return [
    ["Up since", duration(process.uptime)],
    ["Memory", megabytes(process.resident_mb)],
    ["Cache", `${megabytes(cache.size / MB)} of ${megabytes(cache.limit / MB)}`],
    ["Found in the cache", asked ? share(cache.hits / asked) : "–"],
    ["Refreshed early", whole(cache.refreshes)],
    ["Connections used again", share(connections.reused / Math.max(1, connections.created + connections.reused))],
    ["Model requests", whole(model.requests)],
    ["Prompt tokens cached", share(model.cached / Math.max(1, model.prompt))],
    ["Cost", model.cost.toFixed(2)],
    ["Upstreams down", down.join(", ") || "none"],
    ["Background tasks", whole(Object.values(now.tasks).reduce((sum, count) => sum + count, 0))],
    ["Begun again", whole(now.restarts)],
  ];
}

function fact([name]) {
  return el("div", {}, el("dt", {}, name), el("dd"));
}

function stageRow([stage]) {
  return el("tr", {}, el("td", {}, stage), el("td"), el("td"), el("td"), el("td"));
}

function fillStage(row, [, { counts, seconds }, bounds]) {
  const count = counts.reduce((sum, one) => sum + one, 0);
  const told = [whole(count), duration(count ? seconds / count : null)];
  told.push(...[0.5, 0.95].map((part) => duration(quantile(counts, bounds, part))));
  told.forEach((text, place) => setText(row.children[place + 1], text));
}

function show(now) {
  reconcile(byId("facts"), facts(now), ([name]) => name, fact, (node, [, text]) => setText(node.lastChild, text));
  const stages = Object.entries(now.stages).map(([stage, taken]) => [stage, taken, now.bounds]);
  reconcile(byId("stages"), stages, ([stage]) => stage, stageRow, fillStage);
  if (before && now.at > before.at && now.process.uptime > before.process.uptime) {
    const since = (read) => Math.max(0, (read(now) - read(before)) / (now.at - before.at));
    for (const one of CHARTS) {
      one.rows = [...one.rows, one.read({ before, now, since })].slice(-MOST);
      one.chart.draw(one.rows, MOST);
    }
  }
  before = now;
}

function state(text, lost) {
  setText(byId("state"), text);
  byId("state").classList.toggle("lost", lost);
}

async function look() {
  try {
    const answer = await fetch("/api/figures", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.json());
    state(`Looked at ${new Date().toLocaleTimeString()}`, false);
  } catch {
    state("The server does not answer; trying again …", true);
  }
  setTimeout(look, EVERY);
}

byId("charts").append(...CHARTS.map(({ chart }) => chart.node));
look();
