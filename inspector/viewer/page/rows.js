// The last thousands of verdicts, fetched from where we left off; for the trend and the what-if.

import { get, keyOf } from "./server.js";

const ROOM = 10000;

export class Rows {
  #epoch = "";
  #place = 0;
  #byPart = new Map(); // key -> verdict, in the order in which parts came
  #verdicts = null;
  #comparable = new Set();

  /** Oldest first; of two verdicts on one part the later. */
  get all() {
    this.#verdicts ??= [...this.#byPart.values()];
    return this.#verdicts;
  }

  /** Those whose scores can be compared with the newest one's: the bank is the same. */
  get comparable() {
    return this.all.filter((verdict) => this.#comparable.has(verdict.recipe));
  }

  /** Fetch what is new; true where something was. */
  async update() {
    let changed = false;
    for (;;) {
      const told = await get("rows", { epoch: this.#epoch, place: String(this.#place) });
      if (told.anew) this.#byPart.clear();
      this.#epoch = told.epoch;
      this.#place = told.next;
      this.#comparable = new Set(told.comparable);
      for (const [run, seq, exposed_ms, score, threshold, outcome, reason, part, recipe] of told.rows) {
        const verdict = { run: told.names[run], seq, exposed_ms, score, threshold, outcome, reason, part, recipe: told.names[recipe] };
        this.#byPart.set(keyOf(verdict), verdict);
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
