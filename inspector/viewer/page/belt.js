// The belt with what is known of each part on it: a frame that carries its verdict, its heat and outlines as it travels on.

import { apply, drawFound, drawPicture } from "./compose.js";
import { OUTCOMES } from "./words.js";

const AROUND = 5; // CSS pixels between a part and its frame
const CASING = "rgb(0 0 0 / 0.55)"; // beneath light lines, as beneath outlines: seen on any part
// On a photograph, so the same in both themes. Beside its colour each has a sign, a word and a stroke of its own.
const KINDS = {
  pass: { line: "#35c795", breadth: 2, dash: [], fill: "#0a7d57", ink: "#fff", sign: new Path2D("M2 7.5l3.5 3.5L12 3") },
  fail: { line: "#ff6a3d", breadth: 3, dash: [], fill: "#d23c14", ink: "#fff", sign: new Path2D("M3 3l8 8M11 3l-8 8") },
  not_inspected: { line: "#efb83a", breadth: 2, dash: [7, 5], fill: "#e6a91d", ink: "#211700", sign: new Path2D("M7 2v6.5M7 11v1") },
  judging: { line: "#fff", breadth: 1.5, dash: [], fill: "rgb(20 24 27 / 0.85)", ink: "#fff", sign: new Path2D("M2.5 8h.1M7 8h.1M11.5 8h.1") },
};
const TAG = 24; // CSS pixels high
const SIGN = 14;

/**
 * Draw a preview that has a scene, and its parts. `known(seq)`: {verdict, found}: a part's verdict, and the overlay of
 * its picture, each undefined where there is none (yet). `look`, `pixel`: as for compose().
 */
export function composeBelt(context, overlay, known, width, height, look, pixel = 1) {
  const onCanvas = drawPicture(context, overlay, width, height);
  const { scene, picture_to_source: toSource } = overlay.header;
  if (scene) {
    const [right, bottom] = apply(toSource, overlay.header.picture_size);
    line(context, scene, onCanvas, [right, bottom], pixel);
    const parts = scene.parts.map((part) => ({ part, ...(part.seq === null ? {} : known(part.seq)) }));
    for (const { part, found } of parts) if (found) drawFound(context, found, onCanvas, part.moved, look, pixel);
    // Rejects last: where two frames touch, theirs is whole.
    parts.sort((a, b) => weight(a.verdict) - weight(b.verdict));
    for (const { part, verdict } of parts) frame(context, part, verdict, onCanvas, pixel);
  }
  context.restore();
}

/** What there is to see on the belt, in words. */
export function describeBelt(scene, known) {
  const said = (scene?.parts ?? []).map(({ seq }) => {
    const outcome = seq === null ? null : known(seq).verdict?.outcome;
    return seq === null ? "a part before the line" : `#${seq} ${OUTCOMES[outcome] ?? "being judged"}`;
  });
  return `The belt: ${said.join(", ") || "no part on it"}`;
}

const weight = (verdict) => (!verdict ? 0 : verdict.outcome === "pass" ? 1 : 2);

function line(context, { line: at, travel }, onCanvas, [right, bottom], pixel) {
  const ends = travel === "vertical" ? [[0, at], [right, at]] : [[at, 0], [at, bottom]];
  const [from, to] = ends.map((end) => apply(onCanvas, end).map((each) => Math.round(each) + 0.5));
  for (const [style, breadth] of [["rgb(0 0 0 / 0.3)", 3], ["rgb(255 255 255 / 0.7)", 1]]) {
    context.strokeStyle = style;
    context.lineWidth = breadth * pixel;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }
}

function frame(context, part, verdict, onCanvas, pixel) {
  const kind = KINDS[verdict?.outcome] ?? KINDS.judging;
  const around = AROUND * pixel;
  const [x0, y0] = apply(onCanvas, [part.x, part.y]);
  const [x1, y1] = apply(onCanvas, [part.x + part.width, part.y + part.height]);
  const [x, y, w, h] = [Math.min(x0, x1) - around, Math.min(y0, y1) - around, Math.abs(x1 - x0) + 2 * around, Math.abs(y1 - y0) + 2 * around];
  context.beginPath();
  if (part.seq === null) corners(context, x, y, w, h, 6 * pixel);
  else context.roundRect(x, y, w, h, 6 * pixel);
  context.lineCap = "round";
  context.setLineDash(kind.dash.map((each) => each * pixel));
  for (const [style, breadth] of [[CASING, kind.breadth + 2.5], [kind.line, kind.breadth]]) {
    context.strokeStyle = style;
    context.lineWidth = breadth * pixel;
    context.stroke();
  }
  context.setLineDash([]);
  if (part.seq !== null) tag(context, kind, `#${part.seq}`, OUTCOMES[verdict?.outcome] ?? "", x, Math.max(apply(onCanvas, [0, 0])[1], y - TAG * pixel + pixel), w, pixel);
}

/** Only the corners: nothing has been said of this part yet. */
function corners(context, x, y, w, h, r) {
  const arm = Math.min(w, h) / 5;
  for (const [cx, cy, sx, sy] of [[x, y, 1, 1], [x + w, y, -1, 1], [x + w, y + h, -1, -1], [x, y + h, 1, -1]]) {
    context.moveTo(cx, cy + sy * arm);
    context.arcTo(cx, cy, cx + sx * arm, cy, r);
    context.lineTo(cx + sx * arm, cy);
  }
}

/** Sign, number and, where there is room in a frame `w` wide, word. */
function tag(context, kind, number, word, x, top, w, pixel) {
  context.font = `650 ${13 * pixel}px "Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif`;
  const room = w - (SIGN + 20) * pixel;
  const long = word ? `${number} ${word}` : number;
  const text = context.measureText(long).width <= room ? long : number;
  const high = TAG * pixel;
  context.fillStyle = kind.fill;
  context.beginPath();
  context.roundRect(x - pixel, top, context.measureText(text).width + (SIGN + 20) * pixel, high, 6 * pixel);
  context.fill();
  context.fillStyle = context.strokeStyle = kind.ink;
  context.textBaseline = "middle";
  context.fillText(text, x + (SIGN + 12) * pixel, top + high / 2 + pixel);
  context.save();
  context.translate(x + 7 * pixel, top + (high - SIGN * pixel) / 2);
  context.scale(pixel, pixel);
  context.lineWidth = 2.2;
  context.stroke(kind.sign);
  context.restore();
}
