// The last thousands of verdicts, fetched from where we left off; for the trend and the what-if.

import { get } from "./server.js";

const ROOM = 10000;

export class Rows {
  #epoch = "";
  #place = 0;
  #byPart = new Map(); // key -> verdict, in the order in which parts came
  #verdicts = null;

  /** Oldest first; of two verdicts on one part the later. */
  get all() {
    this.#verdicts ??= [...this.#byPart.values()];
    return this.#verdicts;
  }

  /** Fetch what is new; true where something was. */
  async update() {
    let changed = false;
    for (;;) {
      const told = await get("rows", { epoch: this.#epoch, place: String(this.#place) });
      if (told.anew) this.#byPart.clear();
      this.#epoch = told.epoch;
      this.#place = told.next;
      for (const [run, seq, exposed_ms, score, threshold, outcome, reason, part, recipe] of told.rows) {
        const verdict = { run: told.names[run], seq, exposed_ms, score, threshold, outcome, reason, part, recipe: told.names[recipe] };
        this.#byPart.set(JSON.stringify([verdict.run, seq]), verdict);
      }
      changed ||= told.anew || told.rows.length > 0;
      if (told.next >= told.end) break;
    }
    if (changed) {
      for (const key of this.#byPart.keys()) {
        if (this.#byPart.size <= ROOM) break;
        this.#byPart.delete(key);
      }
      this.#verdicts = null;
    }
    return changed;
  }
}
