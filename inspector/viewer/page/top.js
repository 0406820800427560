// The line at the top: which station, in what state, since when, by which recipe.

import { $, put } from "./dom.js";
import { clock } from "./words.js";

const STATES = { waiting: "ready", pass: "ready", fail: "ready", not_inspected: "ready" };
const NAMES = {
  ready: "Ready",
  starting: "Starting",
  not_ready: "Not ready",
  stopping: "Stopping",
  ended: "Run ended",
  no_signal: "Silent",
};

export function showTop(standing, model) {
  const { about, status, newest } = model;
  const state = STATES[standing.kind] ?? standing.kind;
  const name = about?.station ?? "…";
  put($("station"), name);
  put($("state").querySelector("b"), NAMES[state] ?? state);
  $("state").dataset.kind = state;
  $("state").title = status?.reasons?.join("; ") ?? "";
  $("mode").hidden = status?.mode !== "replay";
  put($("run"), status?.run ? `run ${status.run}` : "");
  put($("recipe"), newest ? `recipe ${newest.recipe.slice(0, 12)}` : "");
  put($("clock"), clock(Date.now()));
  const title = `${NAMES[state] ?? state} · ${name}`;
  if (document.title !== title) document.title = title;
}
