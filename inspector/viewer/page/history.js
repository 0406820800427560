// The score of each part over time, with the threshold as it was; a part is picked with the pointer or the arrow keys.

import { Chart, roundSteps } from "./chart.js";
import { coalesced } from "./canvas.js";
import { $, put } from "./dom.js";
import { clock, count, explain, reading } from "./words.js";

const MEDIAN_OF = 25;
const MANY = 600; // parts from which on a pass is a smaller dot
const REACH = 24; // CSS pixels from a part within which the pointer picks it

export class History {
  #canvas = $("history");
  #chart;
  #verdicts = [];
  #minutes = 15;
  #picked = null;
  #placed = []; // [x, y, verdict] as drawn last
  #redraw;
  onOpen = () => {};

  constructor() {
    this.#chart = new Chart(this.#canvas, (pen) => this.#draw(pen));
    this.#redraw = coalesced(this.#chart.redraw);
    for (const button of $("history-span").children) button.addEventListener("click", () => this.#span(button));
    this.#canvas.addEventListener("pointermove", (event) => this.#pick(this.#at(event)));
    this.#canvas.addEventListener("pointerleave", () => this.#pick(null));
    this.#canvas.addEventListener("click", (event) => {
      const verdict = this.#at(event);
      if (verdict) this.onOpen(verdict, this.#shown());
    });
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  show(verdicts) {
    this.#verdicts = verdicts;
    this.#redraw();
  }

  #span(button) {
    this.#minutes = Number(button.dataset.minutes);
    for (const each of $("history-span").children) each.setAttribute("aria-pressed", String(each === button));
    this.#redraw();
  }

  #shown() {
    const newest = this.#verdicts.at(-1)?.exposed_ms ?? 0;
    const from = this.#minutes ? newest - this.#minutes * 60_000 : -Infinity;
    return this.#verdicts.filter((verdict) => verdict.exposed_ms >= from);
  }

  #at({ offsetX, offsetY }) {
    let best = null;
    let least = REACH ** 2;
    for (const [x, y, verdict] of this.#placed) {
      const far = (x - offsetX) ** 2 + ((y - offsetY) / 2) ** 2;
      if (far < least) [least, best] = [far, verdict];
    }
    return best;
  }

  #pick(verdict) {
    if (verdict === this.#picked) return;
    this.#picked = verdict;
    this.#canvas.style.cursor = verdict ? "pointer" : "";
    this.#redraw();
  }

  #key(event) {
    const shown = this.#shown();
    const at = this.#picked ? shown.indexOf(this.#picked) : shown.length;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
    if (step && shown.length) this.#pick(shown[Math.max(0, Math.min(shown.length - 1, at + step))]);
    else if (event.key === "Enter" && this.#picked) this.onOpen(this.#picked, shown);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #draw(pen) {
    const shown = this.#shown();
    this.#placed = [];
    if (!shown.length) {
      put($("history-note"), "no part yet");
      return pen.say("The score of each part, against the threshold, from the first part on");
    }
    const scores = shown.map((verdict) => verdict.score ?? 0);
    const threshold = shown.at(-1).threshold;
    const top = Math.max(1.25 * threshold, Math.min(2 * threshold, 1.08 * scores.reduce((a, b) => Math.max(a, b), 0)));
    const first = shown[0].exposed_ms;
    const last = shown.at(-1).exposed_ms;
    // No zero: what matters are the differences, and how far the good parts stay from the threshold.
    const least = shown.reduce((low, verdict) => Math.min(low, verdict.score ?? low), threshold);
    pen.span(first, Math.max(last, first + 1000), top, 0.8 * least);
    pen.yAxis(roundSteps(top, 8).filter((value) => value >= 0.8 * least));
    pen.xAxis(times(first, last));
    this.#runs(pen, shown);
    const size = shown.length < MANY ? 4 : 2.5;
    for (const verdict of shown) this.#place(pen, verdict, size);
    this.#median(pen, shown);
    this.#threshold(pen, shown);
    if (this.#picked) this.#mark(pen);
    const rejects = shown.filter((verdict) => verdict.outcome !== "pass").length;
    const said = `${count(shown.length)} parts, ${count(rejects)} rejected · press one to see it`;
    put($("history-note"), this.#picked ? `${explain(this.#picked)} · ${clock(this.#picked.exposed_ms)}` : said);
  }

  #place(pen, verdict, size) {
    const { context, ink, box } = pen;
    const x = pen.x(verdict.exposed_ms);
    const y = verdict.score === null ? box.top : pen.y(verdict.score);
    this.#placed.push([x, y, verdict]);
    if (verdict.outcome === "pass") {
      context.fillStyle = ink.trace;
      context.fillRect(x - size / 2, y - size / 2, size, size);
    } else if (verdict.outcome === "fail") pen.diamond(x, y, 4.5, ink["fail-mark"]);
    else {
      context.fillStyle = ink["not-inspected-mark"];
      context.globalAlpha = 0.3;
      context.fillRect(x - 0.75, box.top, 1.5, box.bottom - box.top);
      context.globalAlpha = 1;
      pen.triangle(x, y, 4.5, ink["not-inspected-mark"]);
    }
  }

  /** Where a run begins, a hairline: what is left of it was another start of the station. */
  #runs(pen, shown) {
    for (let i = 1; i < shown.length; i++) {
      if (shown[i].run === shown[i - 1].run) continue;
      const x = Math.round(pen.x(shown[i].exposed_ms)) - 2.5;
      pen.line([[x, pen.box.top], [x, pen.box.bottom]], pen.ink["ink-3"], 1, [2, 3]);
    }
  }

  #median(pen, shown) {
    let points = [];
    let window = [];
    let run = null;
    const draw = () => points.length > 1 && pen.line(points, pen.ink.accent, 2);
    for (const verdict of shown) {
      if (verdict.run !== run) {
        draw(); // what was between two runs, nobody knows
        [points, window, run] = [[], [], verdict.run];
      }
      if (verdict.score === null) continue;
      window.push(verdict.score);
      if (window.length > MEDIAN_OF) window.shift();
      if (window.length < MEDIAN_OF) continue;
      const middle = [...window].sort((a, b) => a - b)[MEDIAN_OF >> 1];
      points.push([pen.x(verdict.exposed_ms), pen.y(middle)]);
    }
    draw();
  }

  #threshold(pen, shown) {
    const points = [];
    for (const verdict of shown) {
      const y = pen.y(verdict.threshold);
      const x = pen.x(verdict.exposed_ms);
      if (points.length && points.at(-1)[1] !== y) points.push([x, points.at(-1)[1]]);
      points.push([x, y]);
    }
    if (!points.length) return;
    points[0][0] = pen.box.left;
    points.push([pen.box.right, points.at(-1)[1]]);
    pen.line(points, pen.ink["ink-2"], 1.5, [6, 4]);
    pen.context.fillStyle = pen.ink["ink-2"];
    pen.context.textAlign = "right";
    pen.context.textBaseline = "bottom";
    pen.label(reading(shown.at(-1).threshold), pen.box.right, points.at(-1)[1] - 4);
  }

  #mark(pen) {
    const found = this.#placed.find(([, , verdict]) => verdict === this.#picked);
    if (!found) return;
    const [x, y] = found;
    pen.line([[x, pen.box.top], [x, pen.box.bottom]], pen.ink["ink-3"], 1);
    pen.context.strokeStyle = pen.ink.ink;
    pen.context.lineWidth = 2;
    pen.context.beginPath();
    pen.context.arc(x, y, 7, 0, 7);
    pen.context.stroke();
  }
}

/** Moments to name beneath, at round times. */
function times(first, last) {
  const steps = [5e3, 15e3, 30e3, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 72e5, 216e5, 864e5];
  const step = steps.find((each) => (last - first) / each <= 8) ?? steps.at(-1);
  const zone = new Date(first).getTimezoneOffset() * 60_000;
  const out = [];
  for (let at = Math.ceil((first - zone) / step) * step + zone; at <= last; at += step) {
    out.push([at, step < 6e4 ? clock(at) : clock(at).slice(0, 5)]);
  }
  return out;
}
