// What the server is asked and how its stream of events is followed.

import { say } from "./say.js";

export class Failure extends Error {
  /** `status` is 0 where the server could not be reached. */
  constructor(message, status) {
    super(message);
    this.isAway = status === 0;
    this.isMissing = status === 404;
  }
}

async function request(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Failure(say("error.away"), 0);
  }
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said;
  const { status } = answer;
  throw new Failure(said?.error?.message ?? say("error.status", { status }), status);
}

const json = (body) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

function upload(file, fields = {}) {
  const body = new FormData();
  body.append("file", file, file.name);
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return { method: "POST", body };
}

const thread = (id, rest = "") => `/api/threads/${encodeURIComponent(id)}${rest}`;

export const listThreads = () => request("/api/threads").then((said) => said.threads);
export const createThread = (body) => request("/api/threads", json(body));
export const createFromFile = (file, wishes) => request("/api/threads", upload(file, wishes));
export const readThread = (id) => request(thread(id));
export const forgetThread = (id) => request(thread(id), { method: "DELETE" });
export const postMessage = (id, body) => request(thread(id, "/messages"), json(body));
export const postFile = (id, file) => request(thread(id, "/messages"), upload(file));
export const stopAnswer = (id) => request(thread(id, "/stop"), { method: "POST" });
/** The talk of a thread with this id; a thread may have had others before its newest one. */
export const readTalk = (id, video) => request(thread(id, `/talk?video=${encodeURIComponent(video)}`));

const EVENTS = ["snapshot", "message", "reply", "removed", "thread"];
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 4000;
const HIDDEN_FOR = 30000;

/**
 * Follows a thread until `close()`. `on` has a function for each event, `lost()`, `found()` and
 * `gone()`. The browser reconnects after a broken connection but gives up after an answer that is
 * an error, as a proxy gives while the server restarts; then this reconnects.
 */
export class Feed {
  constructor(id, on) {
    this.id = id;
    this.on = on;
    this.pause = FIRST_PAUSE;
    this.ending = new AbortController();
    const { signal } = this.ending;
    document.addEventListener("visibilitychange", () => this.seen(), { signal });
    addEventListener("online", () => this.open(), { signal });
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = new EventSource(thread(this.id, "/events"));
    for (const name of EVENTS)
      this.source.addEventListener(name, (event) => this.hear(name, JSON.parse(event.data)));
    this.source.addEventListener("forgotten", () => this.leave());
    this.source.addEventListener("error", () => this.broken());
  }

  hear(name, data) {
    if (name === "snapshot") {
      this.pause = FIRST_PAUSE;
      this.on.found();
    }
    this.on[name](data);
  }

  broken() {
    this.on.lost();
    if (this.source.readyState === EventSource.CLOSED) this.tryLater();
  }

  tryLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.retry(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  async retry() {
    const tried = this.source;
    const failure = await readThread(this.id).then(
      () => null,
      (failure) => failure,
    );
    if (this.ending.signal.aborted || this.source !== tried) return;
    if (failure?.isMissing) this.leave();
    else this.open();
  }

  // A browser allows six connections to one server over all tabs: one that nobody looks at gives
  // its own back, and begins with a new snapshot when it is looked at again.
  seen() {
    clearTimeout(this.timer);
    if (document.hidden) this.timer = setTimeout(() => this.source.close(), HIDDEN_FOR);
    else if (this.source.readyState === EventSource.CLOSED) this.open();
  }

  leave() {
    this.close();
    this.on.gone();
  }

  close() {
    clearTimeout(this.timer);
    this.source.close();
    this.ending.abort();
  }
}
