// The lamp: one shape, one word, one colour, read from five metres away.

import { $, put } from "./dom.js";
import { ago, clock, REASONS } from "./words.js";

const WORDS = {
  pass: "Pass",
  fail: "Fail",
  not_inspected: "Not inspected",
  waiting: "Ready",
  starting: "Starting",
  not_ready: "Not ready",
  stopping: "Stopping",
  ended: "Run ended",
  no_signal: "No signal",
};
const SHAPES = { starting: "not_ready", stopping: "ended" };
const SPOKEN_MS = 2000; // a screen reader cannot follow thirty parts a second

let spokenAt = -Infinity;

/** Show what `model.standing()` returned. */
export function showLamp(standing, model, now) {
  const { kind } = standing;
  const word = WORDS[kind] ?? kind;
  const lamp = $("lamp");
  if (lamp.dataset.kind !== kind) {
    lamp.dataset.kind = kind;
    $("shape").setAttribute("href", `#shape-${SHAPES[kind] ?? kind}`);
    put($("word"), word);
    $("word").dataset.long = String(word.length > 5);
  }
  const verdict = standing.verdict;
  put($("lamp-part"), verdict ? `#${verdict.seq}` : "");
  const name = verdict?.part ?? "";
  put($("lamp-name"), name);
  if ($("lamp-name").title !== name) $("lamp-name").title = name; // a long one is cut off after three lines
  const detail = explain(standing, model);
  put($("detail"), detail);
  $("detail").title = detail;
  speak(verdict ? (kind === "pass" ? "" : `${word}, part ${verdict.seq}`) : word, now);
}

/** The small lamp at the top of the other views. */
export function showMini({ kind, verdict }) {
  const mini = $("mini");
  if (mini.dataset.kind !== kind) {
    mini.dataset.kind = kind;
    $("mini-shape").setAttribute("href", `#shape-${SHAPES[kind] ?? kind}`);
    put($("mini-word"), WORDS[kind] ?? kind);
  }
  put($("mini-part"), verdict ? `#${verdict.seq}` : "");
}

function explain({ kind, verdict, why, age }, model) {
  const { status } = model;
  if (kind === "no_signal") {
    if (why === "viewer") return Number.isFinite(age) ? `The viewer does not answer since ${clock(Date.now() - age)}; trying again` : "Connecting";
    if (!Number.isFinite(age)) return `Waiting for station ${model.about?.station ?? ""} at ${model.about?.endpoint ?? ""}`;
    return `Silent since ${clock(Date.now() - age)}, for ${ago(age)}`;
  }
  if (kind === "ended") return `${clock(Date.now() - age)}, after ${status.published} parts`;
  if (kind === "waiting") return Number.isFinite(age) ? `Last part ${ago(age)} ago` : "Waiting for the first part";
  if (kind === "not_inspected") return REASONS[verdict.reason] ?? verdict.reason;
  if (verdict) return "";
  const reasons = status.reasons.join("; ");
  return `${reasons}${reasons ? " " : ""}(since ${clock(Date.now() - age)})`;
}

function speak(text, now) {
  if (!text || text === $("spoken").textContent || now - spokenAt < SPOKEN_MS) return;
  spokenAt = now;
  put($("spoken"), text);
}
