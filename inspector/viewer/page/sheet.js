// One part at length: the picture, its worst place beside the nearest good one, and what people say of it.

import { sharp } from "./canvas.js";
import { compose, composeBox, worstBox } from "./compose.js";
import { $, put } from "./dom.js";
import { decode, discard } from "./packet.js";
import { bytes, get, partQuery, post, why } from "./server.js";
import { clock, explain, milliseconds } from "./words.js";

const MARKS = { confirmed: "Defect confirmed", false_reject: "False reject" };
const AGAIN_MS = [700, 2000]; // evidence is written a moment after its verdict

export class Sheet {
  #access;
  #look;
  #part = null;
  #beside = [];
  #facts = null;
  #overlay = null;
  #turn = 0;
  onMark = () => {};

  constructor(access, look) {
    this.#access = access;
    this.#look = look;
    sharp($("sheet-picture"), () => this.#draw());
    $("sheet-close").addEventListener("click", () => $("sheet").close());
    $("sheet-newer").addEventListener("click", () => this.step(-1));
    $("sheet-older").addEventListener("click", () => this.step(1));
    $("sheet-confirm").addEventListener("click", () => this.#mark("confirmed"));
    $("sheet-false").addEventListener("click", () => this.#mark("false_reject"));
    $("sheet").addEventListener("close", () => this.#show(null));
    $("sheet").addEventListener("click", (event) => event.target === $("sheet") && $("sheet").close());
    $("sheet").addEventListener("keydown", (event) => this.#key(event));
  }

  /** `beside`: the parts to step through, newest first. */
  open(part, beside = [part]) {
    this.#beside = beside;
    $("sheet-by").value = this.#access.name;
    if (!$("sheet").open) $("sheet").showModal();
    $("sheet-close").focus();
    this.#show(part);
  }

  /** To the next older (1) or newer (-1) part. */
  step(by) {
    const at = this.#beside.findIndex((each) => each.run === this.#part?.run && each.seq === this.#part?.seq);
    const next = this.#beside[at + by];
    if (next) this.#show(next);
  }

  redraw() {
    this.#draw();
  }

  async #show(part) {
    const turn = ++this.#turn;
    discard(this.#overlay);
    this.#part = part;
    this.#overlay = this.#facts = null;
    $("sheet-nearest").removeAttribute("src");
    this.#tell();
    this.#draw();
    if (!part) return;
    for (const wait of [...AGAIN_MS, null]) {
      const found = await this.#fetch(part).catch(() => null);
      if (turn !== this.#turn) return discard(found?.overlay);
      discard(this.#overlay);
      this.#overlay = found?.overlay ?? null;
      this.#facts = found?.facts ?? null;
      this.#tell(wait === null || Boolean(found?.overlay && found.facts.nearest));
      this.#draw();
      if (wait === null || (found?.overlay && (found.facts.nearest || part.outcome === "pass"))) break;
      await new Promise((done) => setTimeout(done, wait));
      if (turn !== this.#turn) return;
    }
    this.#tell(true);
  }

  async #fetch(part) {
    const query = partQuery(part);
    const [facts, packet] = await Promise.all([get("part", query), bytes("overlay", query)]);
    return { facts, overlay: packet && (await decode(packet)) };
  }

  #tell(settled = false) {
    const part = this.#part;
    if (!part) return;
    put($("sheet-title"), explain(part));
    put($("sheet-facts"), `${new Date(part.exposed_ms).toLocaleDateString()} ${clock(part.exposed_ms)} · recipe ${part.recipe.slice(0, 12)} · run ${part.run}${part.latency_ms ? ` · ${milliseconds(part.latency_ms)} ms` : ""}`);
    const at = this.#beside.findIndex((each) => each.run === part.run && each.seq === part.seq);
    $("sheet-newer").disabled = at <= 0;
    $("sheet-older").disabled = at < 0 || at === this.#beside.length - 1;
    const nearest = this.#facts?.nearest;
    $("sheet-nearest").hidden = !nearest;
    if (nearest) {
      const source = `nearest?${new URLSearchParams(partQuery(part))}`;
      if ($("sheet-nearest").getAttribute("src") !== source) $("sheet-nearest").src = source;
      $("sheet-nearest").alt = `The nearest good patch, from ${nearest.picture}`;
    }
    $("sheet-no-nearest").hidden = Boolean(nearest);
    put($("sheet-no-nearest"), settled ? "No good patch was kept with this part" : "…");
    $("sheet-empty").hidden = Boolean(this.#overlay);
    put($("sheet-empty"), settled ? "No picture of this part was kept" : "…");
    $("sheet-marks").hidden = part.outcome === "pass";
    const mark = this.#facts?.mark;
    put($("sheet-mark"), mark ? `${MARKS[mark.mark]}${mark.by ? `, says ${mark.by}` : ""}` : "Is it really defective?");
    $("sheet-confirm").setAttribute("aria-pressed", String(mark?.mark === "confirmed"));
    $("sheet-false").setAttribute("aria-pressed", String(mark?.mark === "false_reject"));
  }

  #draw() {
    const whole = $("sheet-picture");
    const crop = $("sheet-crop");
    const overlay = this.#overlay;
    for (const canvas of [whole, crop]) {
      const context = canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
    }
    if (!overlay) return;
    compose(whole.getContext("2d"), overlay, whole.width, whole.height, this.#look, devicePixelRatio || 1);
    const box = this.#facts?.nearest?.box ?? worstBox(overlay);
    if (box) composeBox(crop.getContext("2d"), overlay, box, crop.width, crop.height, 1.5);
  }

  async #mark(mark) {
    const part = this.#part;
    const by = $("sheet-by").value.trim();
    if (!by) {
      put($("sheet-mark"), "Your name, please: it goes into the log");
      $("sheet-by").focus();
      return;
    }
    this.#access.name = by;
    try {
      await post("mark", { run: part.run, seq: part.seq, mark, by });
      if (part === this.#part) this.#facts = { ...this.#facts, mark: { mark, by } };
      this.onMark(part, { mark, by });
      this.#tell(true);
    } catch (error) {
      put($("sheet-mark"), `Not marked: ${why(error)}`);
    }
  }

  #key(event) {
    event.stopPropagation(); // the live page's keys are not meant
    if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      c: () => this.#part.outcome !== "pass" && this.#mark("confirmed"),
      x: () => this.#part.outcome !== "pass" && this.#mark("false_reject"),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
