// Brings the parts together: which thread is open, what the server says of it, what is asked.

import * as api from "./api.js";
import { Chips } from "./chips.js";
import { Composer } from "./composer.js";
import { ADD_CAPTIONS, Conversation } from "./conversation.js";
import { announce, byId, clock, el, icon, isPlainClick, setText } from "./dom.js";
import { watchDrops } from "./drops.js";
import { watchKeys } from "./keys.js";
import { languageChoice, showLanguage, themeButton, threadMenu } from "./menu.js";
import { say } from "./say.js";
import { Talk } from "./talk.js";
import { linkTo, NewVideo, ThreadList } from "./threads.js";

const POLL = 5000; // milliseconds
const RATING = /^v1:(good|bad):/;
const { body } = document;
// `video` is the newest of the thread, `shown` the one whose talk is here or on its way.
const open = { id: "", title: "", feed: null, fresh: true, video: "", shown: "", wanted: null };
for (const node of document.querySelectorAll("[data-icon]"))
  node.replaceChildren(
    icon(node.dataset.icon),
    ...(node.textContent ? [el("span", {}, node.textContent)] : []),
  );

let refreshTimer = 0;
const chosenLanguage = languageChoice();
const list = new ThreadList();
const talk = new Talk();
const composer = new Composer({
  send: (text) => post({ text }),
  attach: (file) => api.postFile(open.id, file),
  stop: () => api.stopAnswer(open.id),
});
const newVideo = new NewVideo({
  read: async (link) => openThread(await api.createThread({ link, ...wishes() })),
  open: openFile,
  away: refresh,
});
const conversation = new Conversation(pressed);
const chips = new Chips(showPlace);
/** Where what went wrong is told: beside the field that is there. */
const attempts = () => (open.id ? composer : newVideo).attempts;
const drops = watchDrops({
  isOpen: () => Boolean(open.id),
  open: (file, here) => attempts().make(() => (here ? api.postFile(open.id, file) : openFile(file))),
  refuse: (sentence) => attempts().fail(sentence),
});

// --- threads ---

function route() {
  turnTo(/^\/t\/([^/]+)\/?$/.exec(location.pathname)?.[1] ?? "");
}

function goTo(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
  closeList();
  showPane("chat");
  route();
}

function turnTo(id) {
  if (id === open.id && open.feed) return;
  open.feed?.close();
  Object.assign(open, { id, feed: null, fresh: true, video: "", shown: "", wanted: null });
  body.classList.toggle("home", !id);
  byId("skip").setAttribute("href", id ? "#question" : "#link");
  conversation.clear();
  talk.clear();
  lost(false);
  composer.turnTo(id);
  newVideo.attempts.fail("");
  entitle(id ? say("threads.untitled") : "");
  list.mark(id);
  if (!id) changed();
  if (id) open.feed = new api.Feed(id, { ...heard, found: reached, lost: () => lost(true), gone });
  focusField();
}

const heard = {
  snapshot(thread) {
    settle(thread);
    conversation.reset(thread.messages, open.fresh);
    open.fresh = false;
    changed(true);
  },
  message: (message) => conversation.put(message),
  reply: (reply) => conversation.put(reply),
  removed: ({ key }) => (conversation.remove(key), changed(true)),
  thread(thread) {
    settle(thread);
    changed(true);
  },
};
conversation.changed = changed;

/** After messages changed: what else shows them. */
function changed(finished) {
  composer.setLive(conversation.live);
  const isExpected = Boolean(open.video) || conversation.live;
  composer.setVideo(isExpected);
  body.classList.toggle("with-talk", isExpected);
  talk.point(conversation.citations(talk.video));
  if (finished) refresh();
}

function settle({ title, language, video }) {
  entitle(title || say("threads.untitled"));
  showLanguage(language);
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
    talk.entitle(open.title);
    talk.point(conversation.citations(talk.video));
    if (open.wanted) showPlace(open.wanted);
    else followHash();
    open.wanted = null;
  } catch {
    if (open.id !== id || open.shown !== video) return;
    [open.shown, open.wanted] = ["", null];
    // It may not be stored yet: the next word about the thread tries again.
    if (open.video === video) open.video = "";
    else announce(say("talk.gone"));
    changed();
  }
}

/** `#t=76` in the address is a second of the talk. */
function followHash() {
  const linked = /^#t=(\d+)$/.exec(location.hash);
  if (linked) talk.goTo(Number(linked[1]));
}

function entitle(title) {
  open.title = title;
  setText(byId("title"), title);
  document.title = title ? `${title} · Vidthread` : "Vidthread";
  talk.entitle(title);
  conversation.entitle(title);
}

/** Out of a thread that is gone: the way back must not lead there. */
function goHome() {
  history.replaceState(null, "", "/");
  route();
}

function gone() {
  goHome();
  newVideo.attempts.fail(say("chat.gone"));
  refresh();
}

async function refresh() {
  clearTimeout(refreshTimer);
  const threads = await api.listThreads().catch(() => null);
  clearTimeout(refreshTimer);
  if (threads) {
    list.show(threads);
    showSample();
    newVideo.attempts.reached();
  }
  // Of threads that are not open nothing is heard; so it is asked while one of them is at work.
  const isWaiting = threads?.some(({ id, live }) => live && id !== open.id) ?? true;
  if (isWaiting && !document.hidden) refreshTimer = setTimeout(refresh, POLL);
}

/** On a first visit there is just the sample. */
function showSample() {
  const [sample, ...more] = list.threads;
  const link = sample && !more.length && linkTo(sample, el("bdi", {}, sample.title));
  byId("pointer").replaceChildren(...(link ? [say("home.sample"), " ", link] : []));
}

let lostTimer = 0;
function lost(isLost) {
  const bar = byId("connection");
  clearTimeout(lostTimer);
  // A connection that comes back at once is not worth a word.
  if (isLost) lostTimer = setTimeout(() => (bar.hidden = false), 700);
  else bar.hidden = true;
}

function reached() {
  lost(false);
  composer.attempts.reached();
}

// --- panes ---

/** Where there is no room for both, `name` is the one that is shown: chat or talk. */
function showPane(name) {
  body.dataset.pane = name;
  setText(byId("turn"), say(name === "chat" ? "talk.show" : "chat.show"));
}

function isShown(name) {
  return getComputedStyle(byId(name)).visibility === "visible";
}

function closeList() {
  if (byId("threads").matches(":popover-open")) byId("threads").hidePopover();
}

/** On a screen that is touched, the keyboard would cover what there is to read. */
function focusField() {
  if (matchMedia("(pointer: fine)").matches) (open.id ? composer : newVideo).focus();
}

// --- what the person does ---

async function post(message) {
  await api.postMessage(open.id, message);
  conversation.toEnd();
}

function openThread({ id, existing }) {
  goTo(`/t/${encodeURIComponent(id)}`);
  refresh();
  if (existing) announce(say("home.existing"));
}

async function openFile(file) {
  openThread(await api.createFromFile(file, wishes()));
}

/** What a new thread is asked for besides the video: only what the person chose. */
const wishes = () => {
  const asked = { language: chosenLanguage(), length: byId("length").value };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
};

/** A button below a reply: its whole row rests while the press is sent. */
async function pressed(button, action) {
  if (action === ADD_CAPTIONS) {
    byId("attach").click();
    return;
  }
  const row = [...button.parentElement.children];
  for (const one of row) one.disabled = true;
  const done = await composer.attempts.make(() => post({ action }));
  for (const one of row) one.disabled = false;
  if (done && RATING.test(action)) {
    for (const one of row.filter(({ value }) => RATING.test(value))) one.ariaPressed = `${one === button}`;
  }
  if (done && action.startsWith("v1:bad:")) askWhy(action);
  // A disabled button loses the focus, and one that has done its work goes.
  if (document.activeElement === body) (button.isConnected ? button : composer).focus();
}

/** Why a reply did not help; whoever does not say has rated it all the same. */
function askWhy(action) {
  const [dialog, reason] = ["wrong", "wrong-reason"].map(byId);
  dialog.returnValue = reason.value = "";
  dialog.onclose = () => {
    const text = dialog.returnValue && reason.value.trim();
    if (text) composer.attempts.make(() => post({ action, text }));
  };
  dialog.showModal();
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
  const isNarrow = !isShown("talk");
  if (isNarrow) showPane("talk");
  const row = talk.goTo(seconds, { end, quote });
  // On a narrow page the time that had the focus is out of sight now.
  if (isNarrow) row?.focus({ preventScroll: true });
  else if (row) announce(say("talk.at", { time: clock(seconds), text: row.querySelector("p").textContent }));
  return true;
}

watchKeys({
  ask() {
    showPane("chat");
    (open.id ? composer : newVideo).focus();
  },
  // The nearest thing that can be left: a tip, the overlay, and only then the answer.
  leave(target) {
    if (chips.hide()) return;
    if (drops.isShown()) drops.hide();
    else if (conversation.live && !(target.type === "search" && target.value))
      composer.attempts.make(() => api.stopAnswer(open.id));
  },
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-route]");
  if (!link || !isPlainClick(event)) return;
  event.preventDefault();
  goTo(link.pathname);
});
byId("turn").addEventListener("click", () => showPane(body.dataset.pane === "chat" ? "talk" : "chat"));
// Where the list stands beside the chat, it is no overlay.
matchMedia("(min-width: 1120px)").addEventListener("change", closeList);
addEventListener("popstate", () => {
  route();
  followHash();
});
addEventListener("focus", refresh);

themeButton();
threadMenu({
  write: (text) => composer.attempts.make(() => post({ text })),
  async forget() {
    if (!(await composer.attempts.make(() => api.forgetThread(open.id)))) return;
    goHome();
    refresh();
  },
});
showLanguage(null);
showPane("chat");
route();
refresh();
