// Brings the parts together: which thread is open, what the server says of it, what is asked.

import * as api from "./api.js";
import { Chips } from "./chips.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { announce, byId, clock, el, icon, isPlainClick, setText } from "./dom.js";
import { watchDrops } from "./drops.js";
import { languageChoice, showLanguage, themeButton, threadMenu } from "./menu.js";
import { isShown, showPane, watchKeys, watchPanes } from "./panes.js";
import { Talk } from "./talk.js";
import { NewVideo, ThreadList } from "./threads.js";

const POLL = 5000; // milliseconds
// `video` is the newest of the thread, `shown` the one whose talk is here or on its way.
const open = { id: "", feed: null, fresh: true, video: "", shown: "", wanted: null };
for (const node of document.querySelectorAll("[data-icon]"))
  node.replaceChildren(
    icon(node.dataset.icon),
    ...(node.textContent ? [el("span", {}, node.textContent)] : []),
  );

const chosenLanguage = languageChoice();
const list = new ThreadList();
const talk = new Talk();
const conversation = new Conversation(pressed);
const composer = new Composer({
  send,
  attach: (file) => api.postFile(open.id, file),
  stop: () => api.stopAnswer(open.id),
});
const stop = () => composer.attempt(() => api.stopAnswer(open.id));
const chips = new Chips(showPlace);
const drops = watchDrops({
  isOpen: () => Boolean(open.id),
  open: (file, here) => composer.attempt(() => (here ? api.postFile(open.id, file) : openFile(file))),
  refuse: (sentence) => composer.fail(sentence),
});

// --- threads ---

function route() {
  turnTo(/^\/t\/([^/]+)\/?$/.exec(location.pathname)?.[1] ?? "");
}

function goTo(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
  route();
  showPane("chat");
}

function turnTo(id) {
  if (id === open.id && open.feed) return;
  open.feed?.close();
  Object.assign(open, { id, feed: null, fresh: true, video: "", shown: "", wanted: null });
  document.body.classList.toggle("home", !id);
  conversation.clear();
  talk.clear();
  lost(false);
  composer.turnTo(id);
  entitle("");
  list.mark(id);
  byId("menu-button").hidden = !id;
  welcome();
  if (id) open.feed = new api.Feed(id, { ...heard, found: () => lost(false), lost: () => lost(true), gone });
}

const heard = {
  snapshot(thread) {
    entitle(thread.title);
    conversation.reset(thread.messages, open.fresh);
    open.fresh = false;
    settle(thread);
    changed(true);
  },
  message: (message) => conversation.put(message),
  reply: (reply) => conversation.put(reply),
  removed: ({ key }) => (conversation.remove(key), changed(true)),
  thread(thread) {
    entitle(thread.title);
    settle(thread);
    refresh();
  },
};
conversation.changed = changed;

/** After messages changed: what else shows them. */
function changed(finished) {
  composer.setLive(conversation.live);
  talk.point(conversation.citations(talk.video));
  if (finished) refresh();
}

function settle({ language, video }) {
  showLanguage(language);
  byId("messages").lang = language ?? "";
  if (!video || video.video_id === open.video) return;
  open.video = video.video_id;
  loadTalk(open.id, video.video_id);
}

async function loadTalk(id, video) {
  open.shown = video;
  try {
    const read = await api.readTalk(id, video);
    if (open.id !== id || open.shown !== video) return;
    talk.show(read);
    talk.point(conversation.citations(talk.video));
    if (open.wanted) showPlace(open.wanted);
    else followHash();
    open.wanted = null;
  } catch {
    if (open.id !== id || open.shown !== video) return;
    [open.shown, open.wanted] = ["", null];
    // It may not be stored yet: the next word about the thread tries again.
    if (open.video === video) open.video = "";
    else announce("That talk is not kept any more.");
  }
}

/** `#t=76` in the address is a second of the talk. */
function followHash() {
  const linked = /^#t=(\d+)$/.exec(location.hash);
  if (linked) talk.goTo(Number(linked[1]));
}

function entitle(title) {
  setText(byId("title"), title || (open.id ? "New thread" : "Vidthread"));
  document.title = title ? `${title} · Vidthread` : "Vidthread";
}

/** Out of a thread that is gone: the way back must not lead there. */
function goHome() {
  history.replaceState(null, "", "/");
  route();
  showPane("chat");
}

function gone() {
  goHome();
  composer.fail("This thread is not here any more.");
  refresh();
}

let refreshTimer = 0;
async function refresh() {
  const threads = await api.listThreads().catch(() => null);
  if (!threads) return;
  list.show(threads);
  welcome();
  clearTimeout(refreshTimer);
  // Of threads that are not open nothing is heard; so it is asked while one of them is at work.
  const working = threads.some(({ id, live }) => live && id !== open.id);
  if (working && !document.hidden) refreshTimer = setTimeout(refresh, POLL);
}

/** What is said where no thread is open; on a first visit there is just the sample. */
function welcome() {
  byId("welcome").hidden = Boolean(open.id);
  const [sample, ...more] = list.threads;
  const link = (thread) =>
    el("a", { href: `/t/${encodeURIComponent(thread.id)}`, "data-route": true, dir: "auto" }, thread.title);
  const words = "To see what comes of it, look at the sample thread: ";
  byId("pointer").replaceChildren(...(sample && !more.length ? [words, link(sample)] : []));
}

let lostTimer = 0;
function lost(isLost) {
  const bar = byId("connection");
  clearTimeout(lostTimer);
  // A connection that comes back at once is not worth a word.
  if (isLost)
    lostTimer = setTimeout(() => ((bar.hidden = false), setText(bar, "Connection lost, trying again…")), 700);
  else [bar.hidden, bar.textContent] = [true, ""];
}

// --- what the person does ---

async function send(text) {
  if (!open.id) {
    const { existing } = openThread(await api.createThread({ link: text, ...wishes() }));
    if (existing) announce("This video has a thread already; it is open now.");
    return;
  }
  await api.postMessage(open.id, { text });
  conversation.toEnd();
}

function openThread({ id, existing }) {
  goTo(`/t/${encodeURIComponent(id)}`);
  refresh();
  if (matchMedia("(pointer: fine)").matches) composer.focus();
  return { existing };
}

async function openFile(file) {
  return openThread(await api.createFromFile(file, wishes()));
}

/** What a new thread is asked for besides the video: only what the person chose. */
const wishes = () => (chosenLanguage() ? { language: chosenLanguage() } : {});

/** A button below a reply: its whole row rests while the press is sent. */
async function pressed(button, action) {
  const row = [...button.parentElement.children];
  for (const one of row) one.disabled = true;
  const sent = await composer.attempt(() => api.postMessage(open.id, { action }));
  for (const one of row) one.disabled = false;
  // A disabled button loses the focus.
  if (document.activeElement === document.body) button.focus();
  if (sent) conversation.toEnd();
}

function showPlace(place) {
  const { seconds, end, quote, onWeb } = place;
  const video = place.video || open.video;
  // An older video of this thread is shown where it is from; a file is nowhere but here.
  if (!open.video || (video !== open.video && onWeb)) return false;
  if (talk.video !== video) {
    // It is on its way; this is shown as soon as it is here.
    open.wanted = place;
    if (open.shown !== video) loadTalk(open.id, video);
    return true;
  }
  const narrow = !isShown("talk");
  if (narrow) showPane("talk");
  const row = talk.goTo(seconds, { end, quote });
  // On a narrow page the time that had the focus is out of sight now.
  if (narrow) row?.focus({ preventScroll: true });
  else if (row) announce(`Transcript at ${clock(seconds)}: ${row.querySelector("p").textContent}`);
  return true;
}

watchKeys({
  ask() {
    showPane("chat");
    composer.focus();
  },
  // The nearest thing that can be left: a tip, the overlay, and only then the answer.
  leave(target) {
    if (chips.hide()) return;
    if (drops.isShown()) drops.hide();
    else if (conversation.live && !(target.type === "search" && target.value)) stop();
  },
});
watchPanes();
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-route]");
  if (!link || !isPlainClick(event)) return;
  event.preventDefault();
  goTo(link.pathname);
});
addEventListener("popstate", () => {
  route();
  followHash();
});
addEventListener("focus", refresh);

const read = async (body) => openThread(await api.createThread({ ...body, ...wishes() }));
new NewVideo({ read, open: openFile });
themeButton();
threadMenu({
  say: (text) =>
    composer.attempt(async () => (await api.postMessage(open.id, { text }), conversation.toEnd())),
  forget: () =>
    composer
      .attempt(() => api.forgetThread(open.id))
      .then((done) => done && (goHome(), composer.fail(""), refresh())),
});
showLanguage(null);
route();
refresh();
