// The thread's menu, the questions before something is lost, and the theme.

import { byId, el, setText } from "./dom.js";

const LANGUAGES = {
  ar: "العربية",
  de: "Deutsch",
  en: "English",
  es: "Español",
  fr: "Français",
  hi: "हिन्दी",
  it: "Italiano",
  ja: "日本語",
  ko: "한국어",
  nl: "Nederlands",
  pl: "Polski",
  pt: "Português",
  ru: "Русский",
  sv: "Svenska",
  tr: "Türkçe",
  uk: "Українська",
  zh: "中文",
};

/** `say(text)` sends a command as a message, `forget()` has been confirmed. */
export function threadMenu({ say, forget }) {
  const [menu, button, select] = [byId("menu"), byId("menu-button"), byId("language")];
  menu.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    const at = button.getBoundingClientRect();
    menu.style.setProperty("top", `${at.bottom + 6}px`);
    menu.style.setProperty("right", `${innerWidth - at.right}px`);
    select.focus();
  });
  select.addEventListener("change", () => {
    menu.hidePopover();
    say(`language ${select.value || "auto"}`);
  });
  for (const choice of menu.querySelectorAll("[data-say]"))
    choice.addEventListener("click", () => {
      menu.hidePopover();
      say(choice.dataset.say);
    });
  byId("forget").addEventListener("click", async () => {
    menu.hidePopover();
    const text =
      "The conversation is deleted for good. The analysis of the video may stay in the cache for a while.";
    if (await ask("Forget this thread?", text, [["forget", "Forget", "danger"]])) forget();
  });
}

/** Shows in the menu which language is set. */
export function showLanguage(language) {
  const known = language && !LANGUAGES[language] ? { [language]: language, ...LANGUAGES } : LANGUAGES;
  offer(byId("language"), "The video's own language", known).value = language ?? "";
}

/** The choice beside the field for a new video; answers with what it says now, "" for none. */
export function languageChoice() {
  const select = offer(byId("written-in"), "The video's own", LANGUAGES);
  return () => select.value;
}

function offer(select, own, languages) {
  const option = ([code, name]) => el("option", { value: code }, name);
  select.replaceChildren(option(["", own]), ...Object.entries(languages).map(option));
  return select;
}

/** Asks in a dialog; answers with the chosen value or "" where it was left. */
function ask(title, text, choices) {
  const dialog = byId("ask");
  setText(byId("ask-title"), title);
  setText(byId("ask-text"), text);
  const choose = (value) => () => dialog.close(value);
  byId("ask-buttons").replaceChildren(
    el("button", { type: "button", autofocus: true, onclick: choose("") }, "Cancel"),
    ...choices.map(([value, label, name]) =>
      el("button", { type: "button", class: name, onclick: choose(value) }, label),
    ),
  );
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }),
  );
}

export function themeButton() {
  const [button, root] = [byId("theme"), document.documentElement];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const other = () => (now() === "dark" ? "light" : "dark");
  const label = () =>
    setText(button.querySelector("span"), other() === "dark" ? "Dark theme" : "Light theme");
  button.addEventListener("click", () => {
    root.dataset.theme = other();
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Then it holds until the page is loaded again.
    }
    label();
  });
  dark.addEventListener("change", label);
  label();
}
