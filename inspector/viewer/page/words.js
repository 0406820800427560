// How things are said: numbers, times, and the reasons for which a part is not inspected.

const plain = new Intl.NumberFormat("en", { useGrouping: true });

export const REASONS = {
  late: "verdict too late",
  overrun: "line too fast",
  missed: "no picture of it",
  camera: "camera failed",
  stale: "picture too old",
  size: "wrong picture size",
  health: "picture unfit",
  unlocated: "part not found",
  error: "scoring failed",
  stopped: "station stopped",
};

export const OUTCOMES = { pass: "pass", fail: "fail", not_inspected: "not inspected" };

export const count = (value) => (Number.isFinite(value) ? plain.format(value).replaceAll(",", "\u202f") : "–");

/** Three significant digits or so, and no jumping between numbers of digits from part to part. */
export function reading(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : 2);
}

export const milliseconds = (value) => (Number.isFinite(value) ? value.toFixed(value < 100 ? 1 : 0) : "–");

export const clock = (unixMs) => new Date(unixMs).toTimeString().slice(0, 8);

export function ago(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, "0")} min`;
}

export const percent = (value, digits = 1) => (Number.isFinite(value) ? (100 * value).toFixed(digits) : "–");

/** A verdict in one line. */
export function explain(verdict) {
  const name = verdict.part ? ` · ${verdict.part}` : "";
  if (verdict.outcome === "not_inspected") return `#${verdict.seq}${name} · not inspected: ${REASONS[verdict.reason] ?? verdict.reason}`;
  return `#${verdict.seq}${name} · ${reading(verdict.score)} of ${reading(verdict.threshold)} · ${OUTCOMES[verdict.outcome]}`;
}
