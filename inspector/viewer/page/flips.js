// What another threshold would have changed. Exact: a part's score does not depend on the threshold, and a part passes
// when its score is at or below it; so the verdicts of the last parts can be given anew.

export const LAST = 1000;

/** The last parts that have a score, oldest first. */
export function comparable(verdicts, last = LAST) {
  return verdicts.filter((verdict) => verdict.score !== null).slice(-last);
}

/** The parts whose outcome another threshold would change: {toPass, toFail}, each nearest to that threshold first. */
export function flips(verdicts, threshold) {
  const toPass = verdicts.filter((verdict) => verdict.outcome === "fail" && verdict.score <= threshold);
  const toFail = verdicts.filter((verdict) => verdict.outcome === "pass" && verdict.score > threshold);
  const near = (a, b) => Math.abs(a.score - threshold) - Math.abs(b.score - threshold);
  return { toPass: toPass.sort(near), toFail: toFail.sort(near) };
}

/** Bars [score from, number] of about `bins` bins, and their width; one edge lies on the threshold, so none straddles it. */
export function bars(verdicts, threshold, bins = 60) {
  const scores = verdicts.map((verdict) => verdict.score);
  const low = Math.min(...scores, threshold);
  const high = Math.max(...scores, threshold);
  const width = (high - low || threshold || 1) / bins;
  const counts = new Map();
  for (const score of scores) {
    // Scores at the threshold pass: they belong to the bar below it.
    const bin = Math.ceil((score - threshold) / width) - 1;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return { width, bars: [...counts].sort((a, b) => a[0] - b[0]).map(([bin, number]) => [threshold + bin * width, number]) };
}
