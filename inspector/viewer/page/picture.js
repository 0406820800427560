// The picture: the newest one, or the reject on which it is frozen; composed here, so that each can look as they like.
// Where the trigger follows parts there are two: the belt as it moves, and the last part beside it.

import { composeBelt, describeBelt } from "./belt.js";
import { coalesced, sharp } from "./canvas.js";
import { compose } from "./compose.js";
import { $, put } from "./dom.js";
import { COLOURS } from "./heat.js";
import { Look } from "./look.js";
import { HOLD_MS } from "./model.js";
import { discard } from "./packet.js";
import { Recent } from "./recent.js";
import { ago, clock, OUTCOMES, reading, REASONS } from "./words.js";

const STAYS_MS = 1000; // between parts the camera's preview is shown, but not before a part has been seen

export class Picture {
  #canvas = $("picture");
  #context = this.#canvas.getContext("2d", { alpha: false }); // nothing shines through: less to blend for every part
  #partCanvas = $("part");
  #partContext = this.#partCanvas.getContext("2d", { alpha: false });
  #verdictOf;
  #live = null;
  #shownAt = -Infinity;
  #follows = false; // #live is the belt, and the last part is shown beside it
  #recent = new Recent();
  #partAt = -Infinity;
  #turn = 0;
  #frozen = null; // {reject, overlay | null}
  #redraw = coalesced(() => this.#draw());
  #redrawPart = coalesced(() => this.#drawPart());
  look = new Look(() => this.#changed());
  onLook = () => {};
  onDraw = () => {};

  /** `verdictOf(run, seq)`: what is known of a part; undefined while nothing is. */
  constructor(verdictOf) {
    this.#verdictOf = verdictOf;
    sharp(this.#canvas, () => this.#draw());
    sharp(this.#partCanvas, () => this.#drawPart());
    drawScale($("scale"));
  }

  /** The newest picture from the station. */
  show(overlay, now) {
    const { header } = overlay;
    // A line that is stopped sees no parts: its belt is shown all the same, until there is another run.
    if (header.kind === "preview") this.#follow(Boolean(header.scene) || (this.#follows && header.run === this.#live.header.run), now);
    else if (this.#follows) return this.#showPart(overlay, now);
    if (now - this.#shownAt < this.#patience(this.#live?.header, header)) {
      discard(overlay);
      return;
    }
    this.#shownAt = now;
    discard(this.#live);
    this.#live = overlay;
    this.#redraw();
  }

  /** A part's picture that was fetched: a page that was opened late lacks it on the belt. */
  offer(overlay) {
    const { run, seq } = overlay.header;
    const belt = this.#follows ? this.#live.header : null;
    if (belt?.run !== run || !belt.scene?.parts.some((part) => part.seq === seq)) return discard(overlay);
    if (this.#recent.take(overlay)) this.#redraw();
  }

  /** Verdicts have come: the frames on the belt say so. */
  judged() {
    if (!this.#follows) return;
    this.#redraw();
    this.#redrawPart();
  }

  /** From now on the large picture is the belt, or not. */
  #follow(follows, now) {
    if (follows === this.#follows) return;
    this.#follows = follows;
    const part = this.#live?.header.kind === "part" ? this.#live : null;
    if (!part) return;
    this.#live = null;
    this.#showPart(part, now);
  }

  /** The last part, at once, or when the one that is shown has had its time. */
  #showPart(overlay, now) {
    if (!this.#recent.take(overlay)) return;
    this.#recent.newest = overlay;
    this.#redraw(); // the belt has its heat and outlines at once
    const waits = this.#partAt + this.#patience(this.#recent.shown?.header, overlay.header) - now;
    clearTimeout(this.#turn);
    if (waits > 0) this.#turn = setTimeout(() => this.#turnToNewest(), waits);
    else this.#turnToNewest();
  }

  #turnToNewest() {
    this.#recent.shown = this.#recent.newest;
    this.#partAt = performance.now();
    this.#redrawPart();
  }

  /** How long the picture now shown outranks another: a reject's stays as long as the lamp speaks of it. */
  #patience(shown, other) {
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
    $("panes").classList.toggle("dimmed", Boolean(why));
  }

  #stale({ kind, age }, run, now) {
    const old = Math.max(now - this.#shownAt, kind === "no_signal" && Number.isFinite(age) ? age : 0);
    if (kind === "no_signal") return `No signal · picture is ${ago(old)} old`;
    if (run && this.#live.header.run !== run) return "Picture of an earlier run";
    return kind === "not_ready" && old > 2 * STAYS_MS ? `Not ready · picture is ${ago(old)} old` : "";
  }

  #changed() {
    this.#redraw();
    this.#redrawPart();
    this.onLook();
  }

  #draw() {
    const { width, height } = this.#canvas;
    const overlay = this.#frozen ? this.#frozen.overlay : this.#live;
    $("well").classList.toggle("bare", !overlay);
    const beside = this.#follows && !this.#frozen;
    $("last").hidden = !beside;
    $("panes").classList.toggle("both", beside);
    if (overlay) {
      shape("--aspect", overlay);
      const known = (seq) => this.#known(overlay.header.run, seq);
      if (beside) composeBelt(this.#context, overlay, known, width, height, this.look, devicePixelRatio || 1);
      else compose(this.#context, overlay, width, height, this.look, devicePixelRatio || 1);
      if (!this.#frozen) this.#drawn(overlay);
    }
    $("empty").hidden = Boolean(overlay);
    put($("empty"), !this.#frozen ? "No picture yet" : overlay === undefined ? "…" : "No picture of this part was received");
    $("frozen").hidden = !this.#frozen;
    $("well").classList.toggle("held", Boolean(this.#frozen));
    if (this.#frozen) put($("frozen-part"), describe(this.#frozen.reject));
    put($("caption"), this.#frozen ? "" : captionOf(this.#live?.header, this.#follows));
    const label = this.#frozen ? `Frozen: ${describe(this.#frozen.reject)}` : this.#labelOf(this.#live?.header);
    if (this.#canvas.getAttribute("aria-label") !== label) this.#canvas.setAttribute("aria-label", label);
  }

  #drawPart() {
    const { shown } = this.#recent;
    $("last").classList.toggle("bare", !shown);
    if (!shown || !this.#follows) return;
    shape("--part-aspect", shown);
    compose(this.#partContext, shown, this.#partCanvas.width, this.#partCanvas.height, this.look, devicePixelRatio || 1);
    const { run, seq, part } = shown.header;
    const outcome = this.#verdictOf(run, seq)?.outcome ?? shown.header.outcome; // of a late part the verdict is another
    const caption = `#${seq} · ${OUTCOMES[outcome] ?? ""}${part ? ` · ${part}` : ""}`; // the name may be cut off
    put($("last-part"), caption);
    this.#partCanvas.setAttribute("aria-label", `Last part: ${caption}`);
    this.#drawn(shown);
  }

  #known(run, seq) {
    return { verdict: this.#verdictOf(run, seq), found: this.#recent.of(run, seq) };
  }

  #labelOf(header) {
    if (!header) return "No picture yet";
    return this.#follows ? describeBelt(header.scene, (seq) => this.#known(header.run, seq)) : captionOf(header);
  }

  #drawn({ header }) {
    this.onDraw();
    document.dispatchEvent(new CustomEvent("shown", { detail: header })); // measured by tools
  }
}

const aspects = new Map();

/** A picture of another shape lays the page out anew, and only such a one. */
function shape(name, { picture }) {
  const aspect = picture.width / picture.height;
  if (aspects.get(name) === aspect) return;
  aspects.set(name, aspect);
  $("panes").style.setProperty(name, String(aspect));
}

function captionOf(header, follows = false) {
  if (!header) return "";
  if (header.kind === "preview") return follows ? "The belt" : "Camera, between parts";
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
