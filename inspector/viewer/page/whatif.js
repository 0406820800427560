// Another threshold tried on the last parts, and put into force once an engineer confirms it.

import { coalesced } from "./canvas.js";
import { Cards } from "./cards.js";
import { Chart } from "./chart.js";
import { $, put } from "./dom.js";
import { histogram, mark } from "./figures.js";
import { bars, comparable, flips } from "./flips.js";
import { post, why } from "./server.js";
import { ago, clock, count, percent, reading } from "./words.js";

const SHOWN = 60;

export class WhatIf {
  #access;
  #chart;
  #cards;
  #parts = [];
  #newest = null;
  #now = null; // the threshold in force
  #tried = null; // the one being tried; null: that in force
  #last = null; // change, as an event
  #lastAt = 0;
  #dragging = false;
  #pen = null;
  #redraw;

  constructor(access, look, onOpen) {
    this.#access = access;
    this.#chart = new Chart($("whatif"), (pen) => this.#draw(pen));
    this.#redraw = coalesced(() => this.#show());
    this.#cards = new Cards($("flipped"), look);
    this.#cards.onOpen = (part) => onOpen(part, this.#flipped());
    const canvas = $("whatif");
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#dragging = true;
      this.#drag(event);
    });
    canvas.addEventListener("pointermove", (event) => this.#dragging && this.#drag(event));
    for (const over of ["pointerup", "pointercancel"]) canvas.addEventListener(over, () => (this.#dragging = false));
    $("whatif-value").addEventListener("input", () => this.#try($("whatif-value").valueAsNumber));
    $("confirm").addEventListener("submit", (event) => this.#confirm(event));
    $("take-back").addEventListener("click", () => this.#takeBack());
  }

  /** The last verdicts, oldest first. */
  show(verdicts) {
    this.#newest = verdicts.at(-1) ?? null;
    this.#parts = comparable(verdicts);
    const before = this.#now;
    this.#now = this.#newest?.threshold ?? null;
    if (before !== null && before !== this.#now && this.#tried === this.#now) this.#tried = null; // it is in force now
    $("confirm-by").value ||= this.#access.name;
    this.#redraw();
  }

  /** The last change of what parts are judged by, as an event; null where none is known. */
  showChange(change) {
    [this.#last, this.#lastAt] = [change, performance.now()];
    this.#redraw();
  }

  #tellChange() {
    const change = this.#last;
    $("change").hidden = !change;
    if (!change) return;
    const age_ms = change.age_ms + performance.now() - this.#lastAt;
    const { by, why: reason, threshold, threshold_before: before } = change.facts;
    const moved = `${reading(Number(before))} → ${reading(Number(threshold))}`;
    put($("change-detail"), { threshold: `Threshold ${moved}`, recipe: "Another recipe", take_back: `Taken back: threshold ${moved}` }[change.kind]);
    const taken = change.kind === "take_back";
    put($("change-who"), `${by ? `${by}${reason && !taken ? `: «${reason}»` : ""} · ` : ""}${clock(Date.now() - age_ms)}, ${ago(age_ms)} ago`);
    $("take-back").hidden = taken;
    const first = this.#parts.find((part) => part.recipe === change.facts.recipe);
    const inForce = first ? `judges since part #${first.seq}` : "judges from the next part on";
    put($("change-force"), `Recipe ${String(change.facts.recipe).slice(0, 12)} ${inForce}`);
  }

  #flipped() {
    if (this.#tried === null) return [];
    const { toPass, toFail } = flips(this.#parts, this.#tried);
    return [...toPass, ...toFail].sort((a, b) => Math.abs(a.score - this.#tried) - Math.abs(b.score - this.#tried));
  }

  #drag(event) {
    if (!this.#pen) return;
    const { box, left, right } = this.#pen;
    const share = (event.offsetX - box.left) / (box.right - box.left);
    this.#try(left + Math.max(0.001, Math.min(1, share)) * (right - left));
  }

  #try(value) {
    this.#tried = Number(value.toPrecision(4));
    put($("confirm-told"), "");
    this.#redraw();
  }

  #show() {
    this.#tellChange();
    this.#chart.redraw();
    const tried = this.#tried ?? this.#now;
    put($("whatif-note"), this.#parts.length ? `on the last ${count(this.#parts.length)} parts inspected` : "no part inspected yet");
    put($("whatif-now"), reading(this.#now ?? NaN));
    put($("whatif-try"), reading(tried ?? NaN));
    const change = this.#now ? tried / this.#now - 1 : 0;
    put($("whatif-change"), change ? `${change > 0 ? "+" : "−"}${percent(Math.abs(change))} %` : "");
    const { toPass, toFail } = this.#tried === null ? { toPass: [], toFail: [] } : flips(this.#parts, this.#tried);
    put($("to-pass"), count(toPass.length));
    put($("to-fail"), count(toFail.length));
    const flipped = this.#flipped();
    put($("flipped-note"), flipped.length > SHOWN ? `the ${SHOWN} nearest to the threshold of ${count(flipped.length)}` : flipped.length ? "nearest to the threshold first" : "none");
    $("flipped-empty").hidden = flipped.length > 0;
    put($("flipped-empty"), this.#tried === null || this.#tried === this.#now ? "Try another threshold: the parts whose verdict would change are shown here." : "No part's verdict would change.");
    this.#cards.show(flipped.slice(0, SHOWN), (part) => `${reading(part.score)}: ${part.outcome === "fail" ? "would pass" : "would be rejected"}`);
    const ready = this.#tried !== null && this.#tried !== this.#now;
    $("confirm-go").disabled = !ready || !this.#access.changes;
    $("confirm-go").title = this.#access.changes ? "" : "viewer.engineer_token is not set in the config";
    put($("confirm-go"), ready ? `Put ${reading(this.#tried)} into force` : "Put into force");
    if (!this.#access.changes) put($("confirm-told"), "Nothing can be changed from this page: viewer.engineer_token is not set in the config.");
    if (!this.#dragging && this.#pen && tried !== null) {
      const slider = $("whatif-value");
      [slider.min, slider.max] = [String(Math.max(0, this.#pen.left)), String(this.#pen.right)];
      slider.valueAsNumber = tried;
    }
    $("whatif-value").setAttribute("aria-valuetext", `${reading(tried ?? NaN)}: ${toPass.length} rejects would pass, ${toFail.length} passes would be rejected`);
  }

  #draw(pen) {
    $("whatif-value").disabled = !this.#parts.length;
    if (!this.#parts.length) return pen.say("Once parts have been inspected, another threshold can be tried on them here");
    const made = bars(this.#parts, this.#now);
    histogram(pen, made.bars, made.width, this.#now, this.#tried ?? this.#now);
    this.#pen = { box: pen.box, left: pen.from, right: pen.to };
    const tried = this.#tried ?? this.#now;
    const [low, high] = [Math.min(tried, this.#now), Math.max(tried, this.#now)];
    pen.context.fillStyle = pen.ink.accent;
    pen.context.globalAlpha = 0.14;
    pen.context.fillRect(pen.x(low), pen.box.top, pen.x(high) - pen.x(low), pen.box.bottom - pen.box.top);
    pen.context.globalAlpha = 1;
    mark(pen, tried, pen.ink.accent, [], this.#tried === null || tried === this.#now ? "" : reading(tried), Math.sign(tried - this.#now));
    const x = pen.x(tried);
    const y = (pen.box.top + pen.box.bottom) / 2;
    pen.context.fillStyle = pen.ink.accent;
    pen.context.beginPath();
    pen.context.roundRect(x - 9, y - 20, 18, 40, 9);
    pen.context.fill();
    pen.line([[x - 2.5, y - 7], [x - 2.5, y + 7]], pen.ink.panel, 1.5);
    pen.line([[x + 2.5, y - 7], [x + 2.5, y + 7]], pen.ink.panel, 1.5);
  }

  async #confirm(event) {
    event.preventDefault();
    const [by, reason, value] = [$("confirm-by").value.trim(), $("confirm-why").value.trim(), this.#tried];
    if (!by || !reason || value === null) return put($("confirm-told"), "A name and a reason are needed: both go into the log.");
    this.#access.name = by;
    if (await this.#change("threshold", { by, why: reason, value })) $("confirm-why").value = "";
  }

  async #takeBack() {
    const by = await this.#access.someone("Take the last change back");
    if (by && (await this.#change("take-back", { by }))) this.#tried = null;
  }

  async #change(path, body) {
    if (!(await this.#access.asEngineer())) {
      put($("confirm-told"), "Not changed: this needs an engineer's token.");
      return false;
    }
    put($("confirm-told"), "Asking the station …");
    try {
      const { detail } = await post(path, body);
      put($("confirm-told"), `Done: ${detail}`);
      return true;
    } catch (error) {
      if (error.status === 401) await this.#access.refresh();
      put($("confirm-told"), `Not changed: ${why(error)}`);
      return false;
    }
  }
}
