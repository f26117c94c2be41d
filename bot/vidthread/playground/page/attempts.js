// What a person does that may fail: the sentence why stands beside the field, as long as it is true.

import { setText } from "./dom.js";

export const CAPTIONS = ".srt,.vtt,.sbv,.ass,.ssa,.ttml,.dfxp,.xml,.json,.json3,.srv1,.srv3,.tsv,.txt";

export class Attempts {
  /** `away()` is called where the server could not be reached, to find out when it can. */
  constructor(place, away = () => {}) {
    this.place = place;
    this.away = away;
    this.isAway = false;
  }

  /** What the action answers, or null where it failed; one that answers nothing is true. */
  async make(action) {
    this.fail("");
    try {
      return (await action()) ?? true;
    } catch (failure) {
      this.fail(failure.message);
      this.isAway = failure.isAway ?? false;
      if (this.isAway) this.away();
      return null;
    }
  }

  fail(sentence) {
    setText(this.place, sentence);
    this.place.hidden = !sentence;
    this.isAway = false;
  }

  /** The server answers: that it did not is not true any more. */
  reached() {
    if (this.isAway) this.fail("");
  }

  takeFiles(button, input, open) {
    input.accept = CAPTIONS;
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = "";
      if (file) this.make(() => open(file));
    });
  }
}
