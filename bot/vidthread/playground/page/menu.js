// The thread's menu, the choices of a language, and the theme.

import { byId, el, setText } from "./dom.js";
import { direction, nameOf, say } from "./say.js";

const LANGUAGES = "ar de en es fr hi it ja ko nl pl pt ru sv tr uk zh".split(" ");

/** `write(text)` sends a command as a message, `forget()` has been confirmed. */
export function threadMenu({ write, forget }) {
  const [menu, button, select, confirm] = ["menu", "menu-button", "language", "confirm"].map(byId);
  menu.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    const at = button.getBoundingClientRect();
    const [side, room] = direction === "rtl" ? ["left", at.left] : ["right", innerWidth - at.right];
    menu.style.setProperty("top", `${at.bottom + 6}px`);
    menu.style.setProperty(side, `${room}px`);
    select.focus();
  });
  select.addEventListener("change", () => {
    menu.hidePopover();
    write(`language ${select.value || "auto"}`);
  });
  for (const choice of menu.querySelectorAll("[data-say]"))
    choice.addEventListener("click", () => {
      menu.hidePopover();
      write(choice.dataset.say);
    });
  byId("forget").addEventListener("click", () => {
    menu.hidePopover();
    confirm.returnValue = "";
    confirm.showModal();
  });
  confirm.addEventListener("close", () => confirm.returnValue && forget());
}

/** Shows in the menu which language is set. */
export function showLanguage(language) {
  const offered = language && !LANGUAGES.includes(language) ? [language, ...LANGUAGES] : LANGUAGES;
  offer(byId("language"), offered).value = language ?? "";
}

/** The choice for a new video; answers with what it says now, "" for none. */
export function languageChoice() {
  const select = offer(byId("written-in"), LANGUAGES);
  return () => select.value;
}

function offer(select, languages) {
  const own = el("option", { value: "" }, say("menu.own_language"));
  select.replaceChildren(own, ...languages.map((code) => el("option", { value: code }, nameOf(code))));
  return select;
}

export function themeButton() {
  const [button, root] = [byId("theme"), document.documentElement];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const other = () => (now() === "dark" ? "light" : "dark");
  const label = () =>
    setText(button.querySelector("span"), say(other() === "dark" ? "theme.dark" : "theme.light"));
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
