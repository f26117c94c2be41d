// A captions file dropped anywhere on the window.

import { CAPTIONS } from "./attempts.js";
import { byId } from "./dom.js";
import { say } from "./say.js";

const ENDINGS = CAPTIONS.split(",");

/** `isOpen()` tells whether a thread is; `open(file, here)` gets what was dropped. */
export function watchDrops({ isOpen, open, refuse }) {
  const overlay = byId("drop");
  const here = overlay.querySelector("[data-zone=here]");
  const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const hide = () => (overlay.hidden = true);

  addEventListener("dragenter", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    here.hidden = !isOpen();
    overlay.hidden = false;
  });
  addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    for (const zone of overlay.children) zone.classList.toggle("over", zone.contains(event.target));
  });
  // Only leaving the window has no element that is entered next.
  addEventListener("dragleave", (event) => event.relatedTarget === null && hide());
  addEventListener("drop", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    hide();
    const [file] = event.dataTransfer.files;
    if (!file) return;
    if (!ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending)))
      refuse(say("drop.refused", { name: file.name, endings: ENDINGS.join(" ") }));
    else open(file, !here.hidden && here.contains(event.target));
  });
  return { hide, isShown: () => !overlay.hidden };
}
