// The picture: the newest one, or the reject on which it is frozen; composed here, so that each can look as they like.

import { coalesced, sharp } from "./canvas.js";
import { compose } from "./compose.js";
import { $, put } from "./dom.js";
import { COLOURS } from "./heat.js";
import { HOLD_MS } from "./model.js";
import { discard } from "./packet.js";
import { ago, clock, OUTCOMES, reading, REASONS } from "./words.js";

const STAYS_MS = 1000; // between parts the camera's preview is shown, but not before a part has been seen

export class Picture {
  #canvas = $("picture");
  #context = this.#canvas.getContext("2d", { alpha: false }); // nothing shines through: less to blend for every part
  #aspect = 0;
  #live = null;
  #shownAt = -Infinity;
  #frozen = null; // {reject, overlay | null}
  #look = { heat: true, outlines: true, opacity: 0.75 };
  #redraw = coalesced(() => this.#draw());
  order = 0; // of the newest picture shown
  onLook = () => {};
  onDraw = () => {};

  constructor() {
    sharp(this.#canvas, () => this.#draw());
    this.#restore();
    for (const name of ["heat", "outlines"]) $(name).addEventListener("click", () => this.toggle(name));
    $("opacity").addEventListener("input", () => {
      this.#look.opacity = $("opacity").valueAsNumber / 100;
      this.#changed();
    });
    this.#changed();
    drawScale($("scale"));
  }

  get look() {
    return this.#look;
  }

  toggle(name) {
    this.#look[name] = !this.#look[name];
    this.#changed();
  }

  /** The newest picture from the station. */
  show(overlay, now) {
    if (now - this.#shownAt < this.#patience(overlay.header)) {
      discard(overlay);
      return;
    }
    this.#shownAt = now;
    discard(this.#live);
    this.#live = overlay;
    this.#redraw();
  }

  /** How long the picture now shown outranks another: a reject's stays as long as the lamp speaks of it. */
  #patience(other) {
    const shown = this.#live?.header;
    if (!shown || shown.kind === "preview") return 0;
    const rejected = shown.outcome !== "pass";
    if (other.kind === "preview") return rejected ? 2 * STAYS_MS : STAYS_MS;
    return rejected && other.outcome === "pass" && other.run === shown.run ? HOLD_MS : 0;
  }

  /** Stay on a rejected part; `overlay` is null where no picture of it was seen, undefined while it is asked for. */
  freeze(reject, overlay) {
    discard(this.#frozen?.overlay);
    this.#frozen = { reject, overlay };
    this.#redraw();
  }

  unfreeze() {
    discard(this.#frozen?.overlay);
    this.#frozen = null;
    this.#redraw();
  }

  /** Make it plain where what is shown is not what is there now. */
  judge(standing, run, now) {
    const why = this.#live && !this.#frozen ? this.#stale(standing, run, now) : "";
    $("stale").hidden = !why;
    put($("stale"), why);
    $("well").classList.toggle("dimmed", !$("stale").hidden);
  }

  #stale({ kind, age }, run, now) {
    const old = Math.max(now - this.#shownAt, kind === "no_signal" && Number.isFinite(age) ? age : 0);
    if (kind === "no_signal") return `No signal · picture is ${ago(old)} old`;
    if (run && this.#live.header.run !== run) return "Picture of an earlier run";
    return kind === "not_ready" && old > 2 * STAYS_MS ? `Not ready · picture is ${ago(old)} old` : "";
  }

  #changed() {
    $("heat").setAttribute("aria-pressed", String(this.#look.heat));
    $("outlines").setAttribute("aria-pressed", String(this.#look.outlines));
    $("opacity").valueAsNumber = Math.round(this.#look.opacity * 100);
    $("opacity").disabled = !this.#look.heat;
    try {
      localStorage.setItem("look", JSON.stringify(this.#look));
    } catch {
      // storage may be forbidden
    }
    this.#redraw();
    this.onLook();
  }

  #restore() {
    try {
      const { heat, outlines, opacity } = JSON.parse(localStorage.getItem("look") ?? "{}");
      if (typeof heat === "boolean") this.#look.heat = heat;
      if (typeof outlines === "boolean") this.#look.outlines = outlines;
      if (opacity >= 0.1 && opacity <= 1) this.#look.opacity = opacity;
    } catch {
      // as above, or not ours
    }
  }

  /** A picture of another shape lays the page out anew, and only such a one. */
  #shape(aspect) {
    if (aspect === this.#aspect) return;
    this.#aspect = aspect;
    $("well").style.setProperty("--aspect", String(aspect));
  }

  #draw() {
    const { width, height } = this.#canvas;
    const overlay = this.#frozen ? this.#frozen.overlay : this.#live;
    $("well").classList.toggle("bare", !overlay);
    if (overlay) {
      this.#shape(overlay.picture.width / overlay.picture.height);
      compose(this.#context, overlay, width, height, this.#look, devicePixelRatio || 1);
      if (!this.#frozen) {
        this.onDraw();
        document.dispatchEvent(new CustomEvent("shown", { detail: overlay.header })); // measured by tools
      }
    }
    $("empty").hidden = Boolean(overlay);
    put($("empty"), !this.#frozen ? "No picture yet" : overlay === undefined ? "…" : "No picture of this part was received");
    $("frozen").hidden = !this.#frozen;
    $("well").classList.toggle("held", Boolean(this.#frozen));
    if (this.#frozen) put($("frozen-part"), describe(this.#frozen.reject));
    const caption = this.#frozen ? "" : captionOf(this.#live?.header);
    put($("caption"), caption);
    this.#canvas.setAttribute("aria-label", this.#frozen ? `Frozen: ${describe(this.#frozen.reject)}` : caption || "No picture yet");
  }
}

function captionOf(header) {
  if (!header) return "";
  if (header.kind === "preview") return "Camera, between parts";
  const name = header.part ? ` · ${header.part}` : "";
  return `#${header.seq}${name} · ${OUTCOMES[header.outcome] ?? ""}`;
}

/** A reject in one line. */
export function describe(reject) {
  const name = reject.part ? ` · ${reject.part}` : "";
  const why =
    reject.outcome === "fail"
      ? `score ${reading(reject.score)}, threshold ${reading(reject.threshold)}`
      : `not inspected: ${REASONS[reject.reason] ?? reject.reason}`;
  const more = reject.parts > 1 ? ` (${reject.parts} in a row)` : "";
  return `#${reject.seq}${name} · ${why}${more} · ${clock(reject.exposed_ms)}`;
}

function drawScale(canvas) {
  const context = canvas.getContext("2d");
  for (let x = 0; x < canvas.width; x++) {
    const at = 4 * Math.round(77 + (x / canvas.width) * (255 - 77));
    context.fillStyle = `rgb(${COLOURS[at]} ${COLOURS[at + 1]} ${COLOURS[at + 2]} / ${COLOURS[at + 3] / 255})`;
    context.fillRect(x, 0, 1, canvas.height);
  }
}
