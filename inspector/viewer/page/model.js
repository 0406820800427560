// What the page knows, and what the lamp may therefore say. No DOM here; times are performance.now() unless said.

const SILENT_MS = 1000; // the station's heart beats every 250 ms
const DEAF_MS = 2500; // the server speaks every second, whether or not the station does
export const HOLD_MS = 1200; // a reject stays on the lamp so long: at 30 parts a second nobody would see it otherwise
const WAITING_MS = 10000; // an older verdict is no news
const ROOM = 300;

export class Model {
  about = null;
  status = null;
  trend = [];
  rejects = [];
  linked = false; // to the viewer's server
  #statusAt = -Infinity;
  #heardAt = -Infinity;
  #judgedAt = -Infinity;
  #held = null;
  #heldUntil = -Infinity;

  /** Take an update in. */
  take(update, now) {
    this.linked = true;
    this.#heardAt = now;
    if (update.about) this.about = update.about;
    if (update.status) {
      this.status = update.status;
      this.#statusAt = now;
    }
    if (update.rejects) this.rejects = update.rejects;
    if (update.trend) {
      this.trend = update.trend;
      this.#held = null;
    }
    if (update.verdicts) {
      this.trend.push(...update.verdicts);
      if (this.trend.length > ROOM) this.trend.splice(0, this.trend.length - ROOM);
      const reject = update.verdicts.findLast((verdict) => verdict.outcome !== "pass");
      if (reject) {
        this.#held = reject;
        this.#heldUntil = now + HOLD_MS;
      }
    }
    if ("judged_ms" in update) this.#judgedAt = update.judged_ms === null ? -Infinity : now - update.judged_ms;
  }

  get newest() {
    return this.trend.at(-1) ?? null;
  }

  /** The verdict on a part, if it is among the last ones. */
  verdictOf(run, seq) {
    return this.trend.findLast((verdict) => verdict.seq === seq && verdict.run === run);
  }

  /** How long the station has not been heard, in milliseconds; Infinity when it never was. */
  silence(now) {
    const age = this.status?.age_ms;
    return age === null || age === undefined ? Infinity : age + (now - this.#statusAt);
  }

  /** How long the state has been what it is, in milliseconds. */
  since(now) {
    return (this.status?.state_ms ?? 0) + (now - this.#statusAt);
  }

  /**
   * What the lamp says: {kind, verdict, age}. A verdict is shown only while the station is heard, ready, and has judged
   * a part within WAITING_MS; in every other case the lamp says which of these fails.
   */
  standing(now) {
    const silence = this.silence(now);
    const deaf = now - this.#heardAt;
    if (deaf > (this.linked ? DEAF_MS : SILENT_MS)) return { kind: "no_signal", why: "viewer", age: deaf };
    if (this.status?.state === "ended") return { kind: "ended", age: this.since(now) };
    if (silence > SILENT_MS) return { kind: "no_signal", why: "station", age: silence };
    const state = this.status.state;
    if (state !== "ready") return { kind: state, age: this.since(now) };
    const verdict = now < this.#heldUntil && this.#held ? this.#held : this.newest;
    if (!verdict || now - this.#judgedAt > WAITING_MS) return { kind: "waiting", age: now - this.#judgedAt };
    return { kind: verdict.outcome, verdict, age: now - this.#judgedAt };
  }
}
