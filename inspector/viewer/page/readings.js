// The last part's numbers and the run's counters.

import { $, put } from "./dom.js";
import { count, milliseconds, percent, reading } from "./words.js";

const SORT_MS = 500; // three hundred latencies are not sorted anew for every part

/** The part that the lamp speaks of; or, not `current`, the newest part there was. */
export function showPart(verdict, current, { trend, about }, now) {
  const ratio = verdict?.score === null || verdict?.score === undefined ? null : verdict.score / verdict.threshold;
  put($("score"), reading(verdict?.score ?? NaN));
  put($("of-threshold"), verdict ? `${ratio === null ? "" : `${(100 * ratio).toFixed(0)} % `}of ${reading(verdict.threshold)}` : "");
  const gauge = $("gauge");
  gauge.dataset.kind = current ? verdict.outcome : "";
  put($("score-name"), verdict && !current ? `Score of the last part, #${verdict.seq}` : "Score");
  gauge.firstElementChild.style.transform = `scaleX(${Math.min(1, Math.max(0, (ratio ?? 0) / 2)).toFixed(3)})`;
  gauge.setAttribute("aria-valuenow", String(Math.round(Math.min(200, 100 * (ratio ?? 0)))));
  put($("latency"), milliseconds(verdict?.latency_ms ?? NaN));
  if (now - sortedAt > SORT_MS || sortedOf !== trend) showUsual(trend, now);
  $("deadline-box").hidden = !about?.deadline_ms;
  put($("deadline"), milliseconds(about?.deadline_ms ?? NaN));
}

let sortedAt = -Infinity;
let sortedOf = null;

function showUsual(trend, now) {
  [sortedAt, sortedOf] = [now, trend];
  const sorted = trend.map((each) => each.latency_ms).sort((a, b) => a - b);
  put($("p95"), milliseconds(sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] : NaN));
  $("p95-name").title = `of the last ${trend.length} parts`;
}

/** The counters, from the station's own heartbeat. */
export function showCounters(status) {
  const counts = status?.counts;
  if (!counts) {
    for (const id of ["parts", "passed", "failed", "uninspected", "yield", "rate"]) put($(id), "–");
    showReasons([]);
    return;
  }
  const reasons = Object.entries(counts)
    .filter(([name, number]) => name.startsWith("not_inspected.") && number)
    .map(([name, number]) => [name.slice("not_inspected.".length), number])
    .sort((a, b) => b[1] - a[1]);
  const passed = counts.pass ?? 0;
  const failed = counts.fail ?? 0;
  const uninspected = counts.not_inspected ?? reasons.reduce((sum, [, number]) => sum + number, 0);
  const all = passed + failed + uninspected;
  put($("parts"), count(all));
  put($("passed"), count(passed));
  put($("failed"), count(failed));
  put($("uninspected"), count(uninspected));
  put($("yield"), all ? percent(passed / all) : "–");
  const rate = status.parts_per_minute;
  put($("rate"), rate === null ? "–" : rate < 10 ? rate.toFixed(1) : count(Math.round(rate)));
  const share = $("share");
  for (const [name, number] of [["pass", passed], ["fail", failed], ["not_inspected", uninspected]]) {
    share.querySelector(`.${name}`).style.flexGrow = String(number);
  }
  showReasons(reasons);
  const faults = [];
  if (status.contradictions) faults.push(`${count(status.contradictions)} contradicting verdicts`);
  if (status.lost) faults.push(`${count(status.lost)} verdicts never reached this page`);
  $("fault").hidden = !faults.length;
  put($("fault"), faults.join(" · "));
}

function showReasons(reasons) {
  const text = reasons.map(([name, number]) => `${name} ${count(number)}`);
  const list = $("reasons");
  if (list.dataset.text === text.join()) return;
  list.dataset.text = text.join();
  list.replaceChildren(
    ...text.map((each) => {
      const item = document.createElement("li");
      item.textContent = each;
      return item;
    }),
  );
}
