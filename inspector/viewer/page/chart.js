// What the charts have in common: a canvas with margins, axes in round numbers, and marks that differ in shape.

import { colour, sharp } from "./canvas.js";

/** Round numbers from 0 to `top`, about `count` of them. */
export function roundSteps(top, count) {
  if (!(top > 0)) return [0];
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((each) => each * power >= rough) * power;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
}

export const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? String(+value.toFixed(1)) : String(+value.toPrecision(2)));

/** A canvas to draw charts on. `draw(pen)` is called with a fresh pen whenever something has changed. */
export class Chart {
  constructor(canvas, draw) {
    this.canvas = canvas;
    this.redraw = () => {
      if (!canvas.width || !canvas.clientWidth) return;
      draw(new Pen(canvas));
    };
    sharp(canvas, this.redraw);
  }
}

/** Draws in CSS pixels, within margins; x and y are set by `span()`. */
class Pen {
  constructor(canvas) {
    const pixel = devicePixelRatio || 1;
    this.context = canvas.getContext("2d");
    this.context.setTransform(pixel, 0, 0, pixel, 0, 0);
    this.width = canvas.width / pixel;
    this.height = canvas.height / pixel;
    this.context.clearRect(0, 0, this.width, this.height);
    this.context.font = `12px ${colour("--sans")}`;
    this.ink = Object.fromEntries(
      ["trace", "ink", "ink-2", "ink-3", "line", "accent", "fail-mark", "pass-mark", "not-inspected-mark", "panel"].map((name) => [name, colour(`--${name}`)]),
    );
    this.box = { left: 44, top: 14, right: this.width - 12, bottom: this.height - 24 };
  }

  /** Map [x0, x1] × [floor, top] onto the box. */
  span(x0, x1, top, floor = 0) {
    const { box } = this;
    [this.from, this.to, this.top] = [x0, x1, top];
    this.x = (value) => box.left + ((value - x0) / (x1 - x0 || 1)) * (box.right - box.left);
    this.y = (value) => box.bottom - ((Math.min(value, top) - floor) / (top - floor || 1)) * (box.bottom - box.top);
  }

  /** Instead of a chart that there is not. */
  say(text) {
    const { context, ink } = this;
    context.fillStyle = ink["ink-3"];
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, this.width / 2, this.height / 2, this.width - 24);
  }

  /** Hairlines and numbers on the left. */
  yAxis(steps, text = short) {
    const { context, box, ink } = this;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.lineWidth = 1;
    for (const value of steps) {
      const y = Math.round(this.y(value)) + 0.5;
      context.strokeStyle = ink.line;
      context.beginPath();
      context.moveTo(box.left, y);
      context.lineTo(box.right, y);
      context.stroke();
      context.fillStyle = ink["ink-3"];
      context.fillText(text(value), box.left - 8, y);
    }
  }

  /** Words beneath; [[value, text], …], those that would touch are left out. */
  xAxis(ticks) {
    const { context, box, ink } = this;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillStyle = ink["ink-3"];
    let free = -Infinity;
    for (const [value, text] of ticks) {
      const half = context.measureText(text).width / 2;
      const x = Math.min(Math.max(this.x(value), half), this.width - half);
      if (x - half < free) continue;
      context.fillText(text, x, box.bottom + 8);
      free = x + half + 14;
    }
  }

  /** Text that stays readable over marks. */
  label(text, x, y) {
    const { context, ink } = this;
    context.strokeStyle = ink.panel;
    context.lineWidth = 4;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }

  line(points, style, width, dash = []) {
    const { context } = this;
    context.strokeStyle = style;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.beginPath();
    points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
    context.setLineDash([]);
  }

  diamond(x, y, radius, style) {
    this.#shape([[x, y - radius], [x + radius, y], [x, y + radius], [x - radius, y]], style);
  }

  triangle(x, y, radius, style) {
    this.#shape([[x - radius, y - radius], [x + radius, y - radius], [x, y + radius]], style);
  }

  #shape(points, style) {
    const { context } = this;
    context.fillStyle = style;
    context.beginPath();
    points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.fill();
  }
}
