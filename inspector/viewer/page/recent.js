// The pictures of the last parts: the one that is shown large, and of each its heat and outlines while it travels on.

import { discard } from "./packet.js";

const ROOM = 16; // parts that may be on the belt between the line and the picture's edge

export class Recent {
  #overlays = new Map(); // run and seq -> overlay, oldest first
  newest = null;
  shown = null; // the newest, or one that outranks it for a while

  /** Take a part's overlay over; whether it was not there yet. */
  take(overlay) {
    const key = keyOf(overlay.header);
    if (this.#overlays.has(key)) {
      discard(overlay);
      return false;
    }
    this.#overlays.set(key, overlay);
    for (const [old, kept] of this.#overlays) {
      if (this.#overlays.size <= ROOM) break;
      if (kept === this.shown || kept === this.newest) continue;
      this.#overlays.delete(old);
      discard(kept);
    }
    return true;
  }

  of(run, seq) {
    return this.#overlays.get(keyOf({ run, seq }));
  }
}

const keyOf = ({ run, seq }) => `${run}/${seq}`;
