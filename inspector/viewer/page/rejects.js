// The last rejects: a thumbnail each, fetched one at a time, the newest first; pressing one freezes the picture on it.

import { compose } from "./compose.js";
import { $, put } from "./dom.js";
import { decode, discard } from "./packet.js";
import { describe } from "./picture.js";
import { bytes, keyOf, partQuery } from "./server.js";
import { count, reading, REASONS } from "./words.js";

const THUMB_HEIGHT = 200;
const TRIES = 2;
const AGAIN_MS = 1500;

export class Rejects {
  #list = $("rejects");
  #rejects = [];
  #cards = new Map(); // key -> {item, button, canvas, caption}
  #packets = new Map(); // key -> overlay packet, or null where the server has none; fifty decoded would be 300 MB
  #fetching = false;
  #redraws = 0;
  #frozen = null; // key
  #look;
  onFreeze = () => {};
  onReturn = () => {};
  onOpen = () => {};
  onSeen = discard; // takes over the overlay of a thumbnail

  constructor(look) {
    this.#look = look;
  }

  /** The newest rejects, newest first. */
  show(rejects) {
    this.#rejects = rejects;
    const wanted = new Set(rejects.map(keyOf));
    for (const [key, card] of this.#cards) {
      if (wanted.has(key)) continue;
      card.item.remove();
      this.#cards.delete(key);
      this.#packets.delete(key);
    }
    rejects.forEach((reject, index) => {
      const key = keyOf(reject);
      if (!this.#cards.has(key)) this.#cards.set(key, this.#card(reject));
      const card = this.#cards.get(key);
      this.#label(card, reject);
      if (reject.picture) card.askAt = 0; // it has been seen; else the store may have it, in a moment
      else if (card.askAt === Infinity) this.#later(card);
      if (this.#list.children[index] !== card.item) this.#list.insertBefore(card.item, this.#list.children[index] ?? null);
    });
    put($("rejects-note"), rejects.length ? "" : "none yet");
    $("freeze").hidden = !rejects.length;
    this.#mark();
    this.#fetch();
  }

  get frozen() {
    return this.#rejects.find((each) => keyOf(each) === this.#frozen) ?? null;
  }

  /** Freeze on the newest reject. */
  freezeLast() {
    if (this.#rejects.length) this.freeze(this.#rejects[0]);
  }

  /** Why was it rejected? What is frozen, at length. */
  open() {
    if (this.frozen) this.onOpen(this.frozen, this.#rejects);
  }

  /** Freeze on a part, if it is still among the rejects; whether it is. */
  freeze(part) {
    const reject = this.#rejects.find((each) => keyOf(each) === keyOf(part));
    if (!reject) return false;
    this.#frozen = keyOf(reject);
    this.#mark();
    this.#present(reject);
    this.#fetch();
    return true;
  }

  unfreeze() {
    if (this.#frozen === null) return;
    this.#frozen = null;
    this.#mark();
    this.onReturn();
  }

  /** Go to the next older (1) or newer (-1) reject. */
  step(by) {
    const at = this.#rejects.findIndex((each) => keyOf(each) === this.#frozen);
    const next = this.#rejects[this.#frozen === null ? 0 : at + by];
    if (!next) return;
    this.freeze(next);
    this.#cards.get(this.#frozen).item.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Draw the thumbnails again, with the look that has changed. */
  async redraw() {
    const turn = ++this.#redraws;
    for (const key of [...this.#cards.keys()]) {
      await this.#draw(key);
      if (turn !== this.#redraws) return; // it has changed again meanwhile
    }
  }

  #card(reject) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.outcome = reject.outcome;
    button.setAttribute("aria-pressed", "false");
    const frame = document.createElement("span");
    frame.className = "thumb";
    const canvas = document.createElement("canvas");
    canvas.hidden = true;
    const why = document.createElement("span");
    why.className = "why";
    frame.append(canvas, why);
    const caption = document.createElement("span");
    caption.className = "line";
    const number = document.createElement("b");
    const value = document.createElement("span");
    caption.append(number, value);
    button.append(frame, caption);
    button.addEventListener("click", () => (this.#frozen === keyOf(reject) ? this.unfreeze() : this.freeze(reject)));
    item.append(button);
    return { item, button, frame, canvas, why, number, value, tries: 0, askAt: Infinity };
  }

  #label(card, reject) {
    put(card.number, `#${reject.seq}`);
    if (reject.outcome === "fail") {
      put(card.value, `${reading(reject.score / reject.threshold)}×`);
      put(card.why, reject.picture || reject.kept ? "" : "no picture");
    } else {
      put(card.value, reject.parts > 1 ? `${count(reject.parts)} parts` : "");
      put(card.why, REASONS[reject.reason] ?? reject.reason);
    }
    card.button.setAttribute("aria-label", describe(reject));
    card.button.title = describe(reject);
  }

  #later(card) {
    card.askAt = performance.now() + AGAIN_MS;
    setTimeout(() => this.#fetch(), AGAIN_MS + 10);
  }

  #mark() {
    const at = this.#rejects.findIndex((each) => keyOf(each) === this.#frozen);
    $("newer").disabled = at <= 0;
    $("older").disabled = at < 0 || at === this.#rejects.length - 1;
    for (const [key, card] of this.#cards) card.button.setAttribute("aria-pressed", String(key === this.#frozen));
  }

  /** Hand over the picture of the part that is frozen on. */
  async #present(reject) {
    const key = keyOf(reject);
    const packet = this.#packets.get(key);
    const overlay = packet ? await decode(packet) : packet;
    if (this.#frozen === key) this.onFreeze(reject, overlay);
    else discard(overlay);
  }

  async #draw(key) {
    const packet = this.#packets.get(key);
    const card = this.#cards.get(key);
    if (!packet || !card) return;
    const overlay = await decode(packet);
    const shape = Math.min(2, Math.max(0.75, overlay.picture.width / overlay.picture.height));
    card.frame.style.aspectRatio = String(shape);
    card.canvas.height = THUMB_HEIGHT;
    card.canvas.width = Math.round(THUMB_HEIGHT * shape);
    compose(card.canvas.getContext("2d"), overlay, card.canvas.width, THUMB_HEIGHT, this.#look, 1.5);
    card.canvas.hidden = false;
    this.onSeen(overlay);
  }

  async #fetch() {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) await this.#load(next);
    } finally {
      this.#fetching = false;
    }
  }

  /** The frozen one first, then the newest. */
  #next() {
    const now = performance.now();
    const due = (key) => !this.#packets.has(key) && this.#cards.get(key).askAt <= now;
    const open = this.#rejects.filter((each) => (each.picture || each.kept) && due(keyOf(each)));
    return open.find((each) => keyOf(each) === this.#frozen) ?? open[0];
  }

  async #load(reject) {
    const key = keyOf(reject);
    let packet = null;
    try {
      packet = await bytes("overlay", partQuery(reject));
    } catch (error) {
      console.warn(error.message); // the server went away: the link says so, and the snapshot after it begins anew
    }
    const card = this.#cards.get(key);
    if (!card) return;
    if (!packet && card.tries++ < TRIES) {
      this.#later(card);
      return;
    }
    this.#packets.set(key, packet);
    await this.#draw(key);
    if (this.#frozen === key) await this.#present(reject);
  }
}
