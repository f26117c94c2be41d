// The pane of the talk: player, timeline and transcript, which move together.

import { byId, clock, setText } from "./dom.js";
import { Player } from "./player.js";
import { Timeline } from "./timeline.js";
import { Transcript } from "./transcript.js";

export class Talk {
  constructor() {
    this.talk = null;
    this.player = new Player(byId("player"), (seconds) => this.played(seconds));
    this.timeline = new Timeline(
      byId("timeline"),
      (seconds) => this.goTo(seconds),
      () => this.enter(),
    );
    this.transcript = new Transcript((seconds) => this.goTo(seconds));
  }

  get video() {
    return this.talk?.video.video_id ?? "";
  }

  clear() {
    this.talk = null;
    this.pointed = "";
    this.player.close();
    byId("talk-full").hidden = true;
    byId("talk-empty").hidden = false;
  }

  show(talk) {
    this.talk = talk;
    this.pointed = "";
    const { video } = talk;
    setText(byId("talk-title"), video.title);
    setText(
      byId("talk-about"),
      [video.channel, clock(video.seconds), video.coverage].filter(Boolean).join(" · "),
    );
    byId("talk-full").hidden = false;
    byId("talk-empty").hidden = true;
    this.player.show(video);
    this.timeline.show(talk);
    this.transcript.show(talk);
  }

  /** Shows in the picture what the conversation cites. */
  point(citations) {
    if (!this.talk) return;
    const now = JSON.stringify([citations.all.map(({ start }) => start), citations.moments.length]);
    if (this.pointed === now) return;
    this.pointed = now;
    this.timeline.point(citations);
  }

  /** Goes to a place of the talk; a citation brings the `end` of it and the `quote`. */
  goTo(seconds, { end, quote } = {}) {
    if (!this.talk) return null;
    this.player.seek(seconds);
    this.timeline.setPosition(seconds);
    const watch = this.player.isOpen ? null : this.player.at(seconds);
    return this.transcript.goTo(seconds, { end, quote, watch });
  }

  played(seconds) {
    this.timeline.setPosition(seconds);
    this.transcript.playAt(seconds);
  }

  enter() {
    this.transcript.current[0]?.focus();
  }
}
