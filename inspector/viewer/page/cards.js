// Cards of parts: a thumbnail each, fetched one at a time when it comes into sight, and a line of what was said of it.

import { compose } from "./compose.js";
import { put } from "./dom.js";
import { decode, discard } from "./packet.js";
import { bytes, keyOf, partQuery } from "./server.js";
import { clock, reading, REASONS } from "./words.js";

const THUMB_HEIGHT = 240;

export class Cards {
  #list;
  #look;
  #cards = new Map(); // key -> {item, button, canvas, …}
  #wanted = []; // keys in sight whose picture is still to be fetched
  #fetching = false;
  #sight;
  onOpen = () => {};

  constructor(list, look) {
    this.#list = list;
    this.#look = look;
    this.#sight = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        this.#sight.unobserve(target);
        this.#wanted.push(target.dataset.key);
      }
      this.#fetch();
    }, { rootMargin: "200px" });
  }

  /** `parts`: verdicts with `picture` and `mark`; `say(part)`: the card's second line. */
  show(parts, say = plain) {
    const keys = new Set(parts.map(keyOf));
    for (const [key, card] of this.#cards) {
      if (keys.has(key)) continue;
      this.#sight.unobserve(card.item);
      card.item.remove();
      this.#cards.delete(key);
    }
    parts.forEach((part, index) => {
      const key = keyOf(part);
      if (!this.#cards.has(key)) this.#cards.set(key, this.#card(part, key));
      const card = this.#cards.get(key);
      this.#label(card, part, say);
      if (this.#list.children[index] !== card.item) this.#list.insertBefore(card.item, this.#list.children[index] ?? null);
      if (!card.asked && part.picture !== false) {
        card.asked = true;
        this.#sight.observe(card.item);
      }
    });
  }

  #card(part, key) {
    const item = document.createElement("li");
    item.dataset.key = key;
    const button = document.createElement("button");
    button.type = "button";
    const thumb = make("span", "thumb");
    const canvas = document.createElement("canvas");
    canvas.height = THUMB_HEIGHT;
    canvas.hidden = true;
    const why = make("span", "why");
    thumb.append(canvas, why);
    const first = make("span", "line");
    const number = document.createElement("b");
    const value = document.createElement("span");
    first.append(number, value);
    const second = make("span", "line soft");
    const mark = make("span", "flag");
    button.append(thumb, first, second, mark);
    button.addEventListener("click", () => this.onOpen(this.#cards.get(key).part));
    item.append(button);
    return { item, button, canvas, why, number, value, second, mark, part, asked: false, overlay: false };
  }

  #label(card, part, say) {
    card.part = part;
    card.button.dataset.outcome = part.outcome;
    put(card.number, `#${part.seq}`);
    put(card.value, part.score === null ? "" : `${reading(part.score / part.threshold)}×`);
    put(card.why, part.outcome === "not_inspected" ? (REASONS[part.reason] ?? part.reason) : card.overlay || part.picture !== false ? "" : "no picture kept");
    put(card.second, say(part));
    put(card.mark, part.mark ? { confirmed: "Defect", false_reject: "False reject" }[part.mark.mark] : "");
    card.mark.hidden = !part.mark;
    card.mark.dataset.mark = part.mark?.mark ?? "";
  }

  async #fetch() {
    if (this.#fetching) return;
    this.#fetching = true;
    while (this.#wanted.length) {
      const card = this.#cards.get(this.#wanted.shift());
      if (card) await this.#draw(card);
    }
    this.#fetching = false;
  }

  async #draw(card) {
    try {
      const packet = await bytes("overlay", partQuery(card.part));
      if (!packet) {
        if (card.part.outcome !== "not_inspected") put(card.why, "no picture kept");
        return;
      }
      const overlay = await decode(packet);
      card.canvas.width = Math.round((THUMB_HEIGHT * overlay.picture.width) / overlay.picture.height);
      compose(card.canvas.getContext("2d"), overlay, card.canvas.width, THUMB_HEIGHT, this.#look, 1.5);
      discard(overlay);
      card.overlay = true;
      card.canvas.hidden = false;
    } catch (error) {
      console.warn(error.message); // the server went away: the link says so
    }
  }
}

const plain = (part) => `${clock(part.exposed_ms)}${part.part ? ` · ${part.part}` : ""}`;

function make(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}
