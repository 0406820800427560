// The pictures of the last parts: the last one large, and of each its heat and outlines while it travels on.

import { discard } from "./packet.js";

const ROOM = 16; // parts that may be on the belt between the line and the picture's edge

export class Recent {
  #overlays = new Map(); // run and seq -> overlay, oldest first
  last = null;

  /** Take a part's overlay, and say whether it is shown as the last one. */
  take(overlay, isLast) {
    const key = keyOf(overlay.header);
    if (this.#overlays.has(key)) return discard(overlay);
    this.#overlays.set(key, overlay);
    if (isLast || !this.last) this.last = overlay;
    for (const [old, kept] of this.#overlays) {
      if (this.#overlays.size <= ROOM) return;
      if (kept === this.last) continue;
      this.#overlays.delete(old);
      discard(kept);
    }
  }

  of(run, seq) {
    return this.#overlays.get(keyOf({ run, seq }));
  }
}

const keyOf = ({ run, seq }) => `${run}/${seq}`;
