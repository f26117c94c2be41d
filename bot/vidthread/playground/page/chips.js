// Times in texts: pointing at one shows the words that stand there, choosing it goes there.

import { byId, isPlainClick } from "./dom.js";

const REST = 150; // milliseconds in which the pointer may cross from a time to its tip

const chipOf = (event) => event.target.closest?.(".prose a.time");

export class Chips {
  /** `go(place)` is called with {seconds, end, quote, video, onWeb} and tells whether it was shown. */
  constructor(go) {
    this.go = go;
    this.tip = byId("tip");
    this.chip = null; // the one whose words are shown
    const on = (name, listener) => document.addEventListener(name, listener);
    on("pointerover", (event) => this.over(event));
    on("pointerout", (event) => this.out(event));
    on("focusin", (event) => this.focus(event));
    on("click", (event) => this.click(event));
    byId("scroller").addEventListener("scroll", () => this.follow(), { passive: true });
  }

  over(event) {
    const chip = chipOf(event);
    if (chip && event.pointerType === "mouse") this.show(chip);
    else if (event.target === this.tip) clearTimeout(this.timer);
  }

  out(event) {
    if (chipOf(event) || event.target === this.tip) this.timer = setTimeout(() => this.hide(), REST);
  }

  focus(event) {
    const chip = chipOf(event);
    if (chip?.matches(":focus-visible")) this.show(chip);
    else this.hide();
  }

  click(event) {
    const chip = chipOf(event);
    if (!chip || !isPlainClick(event)) return;
    this.hide();
    if (this.go(placeOf(chip)) || chip.getAttribute("href").startsWith("#")) event.preventDefault();
    else [chip.target, chip.rel] = ["_blank", "noopener noreferrer"];
  }

  show(chip) {
    clearTimeout(this.timer);
    if (chip === this.chip) return;
    this.hide();
    const { quote } = placeOf(chip);
    if (!quote) return;
    this.tip.textContent = `“${quote}”`;
    this.tip.showPopover();
    chip.setAttribute("aria-describedby", "tip");
    this.chip = chip;
    put(this.tip, chip);
  }

  /** Tells whether there was something to hide. */
  hide() {
    clearTimeout(this.timer);
    if (!this.chip) return false;
    this.chip.removeAttribute("aria-describedby");
    this.chip = null;
    this.tip.hidePopover();
    return true;
  }

  follow() {
    if (!this.chip) return;
    const [at, frame] = [this.chip.getBoundingClientRect(), byId("scroller").getBoundingClientRect()];
    if (at.bottom < frame.top || at.top > frame.bottom) this.hide();
    else put(this.tip, this.chip);
  }
}

function placeOf(chip) {
  const seconds = Number(chip.dataset.seconds);
  const citations = chip.closest(".prose").citations ?? [];
  const cited = citations.find(({ start }) => Math.floor(start) === Math.floor(seconds));
  const inLink = /^https:\/\/youtu\.be\/([\w-]+)/.exec(chip.getAttribute("href"))?.[1];
  return {
    seconds: cited?.start ?? seconds,
    end: cited?.end,
    quote: cited?.quote ?? "",
    video: inLink ?? cited?.video_id ?? "",
    onWeb: Boolean(inLink),
  };
}

/** Above the chip, or below it where there is no room. */
function put(tip, chip) {
  const at = chip.getClientRects()[0];
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(at.left + at.width / 2 - width / 2, 8), innerWidth - width - 8);
  const above = at.top - height - 8;
  tip.style.setProperty("left", `${left}px`);
  tip.style.setProperty("top", `${above < 8 ? at.bottom + 8 : above}px`);
}
