// The strip of the last scores: a bar per part against the threshold; rejects stand out by colour and by a mark.

import { coalesced, colour, sharp } from "./canvas.js";
import { $, put } from "./dom.js";
import { explain, reading } from "./words.js";

const ROOM = 300;
const CEILING = 2; // times the threshold; higher scores are cut off, with an arrow
const REST_MS = 120; // the strip is read at leisure; the lamp and the picture follow each part
const NARROWEST = 3.5; // CSS pixels per part; a narrow screen shows fewer parts

export class Trend {
  #canvas = $("trend");
  #verdicts = [];
  #pointed = null;
  #redraw = coalesced(() => this.#draw());
  #drawnAt = -Infinity;
  #behind = false;
  onPick = () => {};

  constructor() {
    sharp(this.#canvas, () => this.#draw());
    this.#canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.#canvas.addEventListener("pointerleave", () => this.#point(null));
    this.#canvas.addEventListener("click", (event) => {
      const verdict = this.#at(event);
      if (verdict) this.onPick(verdict);
    });
  }

  show(verdicts) {
    this.#verdicts = verdicts;
    this.#behind = true;
  }

  /** Draw what was shown last, in the frame that is being made, unless that was done a moment ago. */
  tick(now) {
    if (!this.#behind || now - this.#drawnAt < REST_MS) return;
    this.#drawnAt = now;
    this.#draw();
  }

  /** How many parts fit. Of the canvas's own pixels: asking for its CSS width would lay the page out anew. */
  get #slots() {
    return Math.min(ROOM, Math.max(1, Math.floor(this.#canvas.width / (devicePixelRatio || 1) / NARROWEST)));
  }

  get #shown() {
    return this.#verdicts.slice(-this.#slots);
  }

  #at(event) {
    const slots = this.#slots;
    const place = Math.floor((event.offsetX / this.#canvas.clientWidth) * slots) - (slots - this.#shown.length);
    return this.#shown[place] ?? null;
  }

  #point(event) {
    this.#pointed = event ? this.#at(event) : null;
    this.#canvas.style.cursor = this.#pointed ? "pointer" : "";
    this.#redraw();
  }

  #draw() {
    this.#behind = false;
    const { width, height } = this.#canvas;
    const pixel = devicePixelRatio || 1;
    const context = this.#canvas.getContext("2d");
    const slots = this.#slots;
    const shown = this.#shown;
    const step = width / slots;
    const ceiling = Math.max(1.25, Math.min(CEILING, Math.max(0, ...shown.map((v) => (v.score ?? 0) / v.threshold)) * 1.12));
    const room = height - 8 * pixel; // above the ceiling: the arrows, and the marks of parts not inspected
    const y = (ratio) => height - Math.min(ratio, ceiling) * (room / ceiling);
    const ink = { pass: colour("--trace"), fail: colour("--fail-mark"), not_inspected: colour("--not-inspected-mark"), line: colour("--ink-2") };
    context.clearRect(0, 0, width, height);
    shown.forEach((verdict, index) => {
      const x = (slots - shown.length + index) * step;
      const bar = Math.max(pixel, step * 0.62);
      const middle = x + step / 2;
      context.globalAlpha = this.#pointed && this.#pointed !== verdict ? 0.45 : 1;
      context.fillStyle = ink[verdict.outcome];
      if (verdict.outcome === "not_inspected") {
        context.globalAlpha *= 0.35;
        context.fillRect(middle - bar / 2, y(ceiling), bar, room);
        context.globalAlpha /= 0.35;
        triangle(context, middle, 1, Math.max(7 * pixel, bar), 7 * pixel);
        return;
      }
      const top = y(verdict.score / verdict.threshold);
      context.fillRect(middle - bar / 2, top, bar, height - top);
      if (verdict.outcome === "fail") diamond(context, middle, top, Math.max(4 * pixel, bar * 0.7));
    });
    context.globalAlpha = 1;
    put($("trend-note"), this.#pointed ? explain(this.#pointed) : shown.length ? `${shown.length === 1 ? "1 part" : `last ${shown.length} parts`} · dashed: threshold ${reading(shown.at(-1).threshold)}` : "no part yet");
    if (!shown.length) return;
    const line = Math.round(y(1)) + 0.5 * (pixel % 2);
    context.strokeStyle = ink.line;
    context.lineWidth = Math.max(1, Math.round(1.25 * pixel));
    context.setLineDash([6 * pixel, 4 * pixel]);
    context.beginPath();
    context.moveTo(0, line);
    context.lineTo(width, line);
    context.stroke();
    context.setLineDash([]);
  }
}

function diamond(context, x, y, radius) {
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + radius, y);
  context.lineTo(x, y + radius);
  context.lineTo(x - radius, y);
  context.fill();
}

function triangle(context, x, top, width, height) {
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x + width / 2, top + height);
  context.lineTo(x - width / 2, top + height);
  context.fill();
}
