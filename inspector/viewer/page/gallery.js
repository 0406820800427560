// The gallery of rejects, as far back as they are kept; filtered by the server, which may ask the store.

import { Cards } from "./cards.js";
import { $, put } from "./dom.js";
import { get } from "./server.js";
import { count, REASONS } from "./words.js";

export class Gallery {
  #cards;
  #rejects = [];

  constructor(look, onOpen) {
    this.#cards = new Cards($("gallery"), look);
    this.#cards.onOpen = (part) => onOpen(part, this.#rejects);
    const kinds = $("filters").elements.kind;
    for (const [name, words] of Object.entries(REASONS)) kinds.add(new Option(words, name));
    $("filters").addEventListener("submit", (event) => event.preventDefault());
    $("filters").addEventListener("input", () => this.update());
  }

  /** Ask again. */
  async update() {
    const { since, kind, low, high, mark } = $("filters").elements;
    const query = { kind: kind.value, mark: mark.value };
    if (Number(since.value)) query.since_ms = String(Date.now() - 1000 * Number(since.value));
    if (low.value) query.low = String(low.valueAsNumber / 100);
    if (high.value) query.high = String(high.valueAsNumber / 100);
    const { rejects, more } = await get("rejects", query);
    this.#rejects = rejects;
    this.#cards.show(rejects);
    put($("gallery-note"), `${count(rejects.length)} reject${rejects.length === 1 ? "" : "s"}${more ? ", and older ones" : ""}`);
    $("gallery-empty").hidden = rejects.length > 0;
    const all = !Number(since.value) && [kind, low, high, mark].every((field) => !field.value);
    put($("gallery-empty"), all ? "No part has been rejected." : "No reject matches these filters.");
  }
}
