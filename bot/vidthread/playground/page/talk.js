// The pane of the talk: player, strip and contents, which move together.

import { Contents } from "./contents.js";
import { byId, clock, setText } from "./dom.js";
import { Player } from "./player.js";
import { Strip } from "./strip.js";

export class Talk {
  constructor() {
    this.talk = null;
    this.player = new Player(byId("player"), (seconds) => this.played(seconds));
    this.strip = new Strip(
      byId("strip"),
      (seconds) => this.goTo(seconds),
      () => this.contents.current[0]?.focus(),
    );
    this.contents = new Contents((seconds) => this.goTo(seconds));
  }

  get video() {
    return this.talk?.video.video_id ?? "";
  }

  clear() {
    this.talk = null;
    this.player.close();
    byId("talk-full").hidden = true;
    byId("talk-empty").hidden = false;
  }

  show(talk) {
    this.talk = talk;
    this.pointed = "";
    byId("talk-full").hidden = false;
    byId("talk-empty").hidden = true;
    this.player.show(talk.video);
    this.strip.show(talk);
    this.contents.show(talk);
  }

  /** Says which talk this is, where it is another than the one whose title stands above all. */
  entitle(title) {
    if (!this.talk) return;
    const { video } = this.talk;
    const [heading, about] = byId("other").children;
    setText(heading, video.title);
    setText(about, [video.channel, clock(video.seconds)].filter(Boolean).join(" · "));
    byId("other").hidden = video.title === title;
  }

  /** Shows in the strip what the conversation cites. */
  point(citations) {
    if (!this.talk) return;
    const now = JSON.stringify([citations.all.map(({ start }) => start), citations.moments.length]);
    if (this.pointed === now) return;
    this.pointed = now;
    this.strip.point(citations);
  }

  /** Goes to a place of the talk; a citation brings the `end` of it and the `quote`. */
  goTo(seconds, { end, quote } = {}) {
    if (!this.talk) return null;
    this.player.seek(seconds);
    this.strip.setPosition(seconds);
    const watch = this.player.isOpen ? null : this.player.at(seconds);
    return this.contents.goTo(seconds, { end, quote, watch });
  }

  played(seconds) {
    this.strip.setPosition(seconds);
    this.contents.playAt(seconds);
  }
}
