// The shift's histogram, the hours, and the drift: what the server has counted.

import { Chart, roundSteps, short } from "./chart.js";
import { $, put } from "./dom.js";
import { clock, count, percent, reading, REASONS } from "./words.js";

export class Figures {
  #told = null;
  #threshold = null;
  #shift = new Chart($("shift"), (pen) => this.#draw(pen));

  /** `threshold`: the one in force. */
  show(told, threshold) {
    this.#told = told;
    this.#threshold = threshold;
    this.#shift.redraw();
    showHours(told.hours);
    showDrift(told.drift, told.missing);
  }

  #draw(pen) {
    const { counts, width, since_ms } = this.#told?.shift ?? { counts: [], width: 0 };
    const all = counts.reduce((sum, [, number]) => sum + number, 0);
    put($("shift-note"), all ? `${count(all)} parts inspected since ${clock(since_ms).slice(0, 5)}` : "no part inspected yet");
    if (!all) return pen.say("How many parts had which score, from the first part on");
    histogram(pen, counts.map(([bin, number]) => [bin * width, number]), width, this.#threshold);
  }
}

/** Bars of [score from, number], `width` wide; the thresholds as lines. Few parts stay visible beside many. */
export function histogram(pen, bars, width, threshold, tried = null) {
  const { context, ink, box } = pen;
  const limit = threshold ?? Infinity;
  const highest = Math.max(...bars.map(([, number]) => number));
  const right = Math.max(...bars.map(([from]) => from + width), 1.3 * (threshold ?? 0), tried ?? 0);
  const left = Math.min(...bars.map(([from]) => from), 0.7 * (threshold ?? Infinity), tried ?? Infinity);
  const room = (right - left) * 0.04;
  box.top = 26;
  pen.span(Math.max(0, left - room), right + room, Math.sqrt(highest));
  const steps = [...new Set(roundSteps(highest, 4).concat(1).filter(Number.isInteger))].filter((n) => n > 0 && n <= highest);
  pen.yAxis(steps.filter((n, i) => !steps.some((m, j) => j !== i && m > n && pen.y(Math.sqrt(n)) - pen.y(Math.sqrt(m)) < 14)).map(Math.sqrt), (root) => count(Math.round(root ** 2)));
  pen.xAxis(roundSteps(right, 10).map((value) => [value, short(value)]).filter(([value]) => value >= left - room));
  for (const [from, number] of bars) {
    const x = pen.x(from);
    const y = pen.y(Math.sqrt(number));
    const rejected = from + width / 2 > limit;
    context.fillStyle = rejected ? ink["fail-mark"] : ink.trace;
    context.fillRect(x + 0.5, y, Math.max(1, pen.x(from + width) - x - 1), box.bottom - y);
  }
  if (threshold === null) return;
  const away = tried === null || tried === threshold ? 0 : Math.sign(threshold - tried);
  mark(pen, threshold, ink["ink-2"], [6, 4], tried === null ? `threshold ${reading(threshold)}` : "in force", away);
}

/** A line at a score, named at its top: over it, or to the left (-1) or right (1) of it where another stands beside it. */
export function mark(pen, value, style, dash, text, side = 0) {
  const { context, box } = pen;
  const x = pen.x(value);
  pen.line([[x, box.top - 8], [x, box.bottom]], style, dash.length ? 1.5 : 3, dash);
  context.fillStyle = style;
  context.textBaseline = "bottom";
  const half = context.measureText(text).width / 2;
  context.textAlign = "center";
  context.fillText(text, Math.min(Math.max(x + side * (half - 1), half), pen.width - half), box.top - 9);
}

function showHours(hours) {
  put($("hours-note"), hours.length ? "newest first" : "no part yet");
  const most = Math.max(1, ...hours.map((hour) => hour.pass + hour.fail + hour.not_inspected));
  const rows = [...hours].reverse().map((hour) => {
    const parts = hour.pass + hour.fail + hour.not_inspected;
    const row = document.createElement("tr");
    const share = document.createElement("span");
    share.className = "bar3";
    for (const kind of ["pass", "fail", "not_inspected"]) {
      const piece = document.createElement("i");
      piece.className = kind;
      piece.style.flexGrow = String(hour[kind]);
      share.append(piece);
    }
    share.style.width = `${Math.max(2, (100 * parts) / most)}%`;
    const reasons = Object.entries(hour.reasons).sort((a, b) => b[1] - a[1]).map(([name, number]) => `${count(number)} × ${REASONS[name] ?? name}`);
    const when = document.createElement("th");
    when.scope = "row";
    when.textContent = `${clock(hour.start_ms).slice(0, 2)}–${clock(hour.start_ms + 3600e3).slice(0, 2)}`;
    when.title = new Date(hour.start_ms).toLocaleDateString();
    row.append(when, cell(share, "wide"), cell(count(parts)), cell(rate(hour, parts)), cell(`${percent(hour.pass / parts)} %`), cell(count(hour.fail)), cell(count(hour.not_inspected), "", reasons.join(", ")));
    return row;
  });
  $("hours").replaceChildren(...rows);
}

/** Parts a minute, over the stretch in which there were parts. */
function rate(hour, parts) {
  const minutes = (hour.last_ms - hour.first_ms) / 60e3;
  return minutes > 0.05 && parts > 1 ? count(Math.round((parts - 1) / minutes)) : "–";
}

function cell(content, name = "", title = "") {
  const made = document.createElement("td");
  made.className = name;
  made.title = title;
  made.append(content);
  return made;
}

function signed(value) {
  const text = Math.abs(value).toFixed(1);
  return text === "0.0" ? text : `${value > 0 ? "+" : "−"}${text}`;
}

function showDrift(drift, missing) {
  const level = drift ? (drift.drifts ? "warning" : "ok") : "unknown";
  const words = { ok: "Steady", warning: drift?.spreads > 0 ? "Drifting up" : "Drifting down", unknown: `${count(missing)} more parts needed` };
  $("drift-word").dataset.level = level;
  put($("drift-word"), words[level]);
  put($("drift-before"), reading(drift?.before ?? NaN));
  put($("drift-before-name"), drift ? `First ${count(drift.reference)}` : "At first");
  put($("drift-now"), reading(drift?.now ?? NaN));
  put($("drift-spreads"), drift ? signed(drift.spreads) : "–");
  const mark = $("drift-mark");
  mark.hidden = !drift;
  mark.dataset.level = level;
  mark.style.left = `${50 + (50 * Math.max(-3, Math.min(3, drift?.spreads ?? 0))) / 3}%`;
}
