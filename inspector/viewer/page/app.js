// The live page: what comes over the link goes into the model, and from there into the instruments.

import { coalesced } from "./canvas.js";
import { showLamp } from "./lamp.js";
import { link } from "./link.js";
import { Model } from "./model.js";
import { decode, discard } from "./packet.js";
import { Picture } from "./picture.js";
import { showCounters, showPart } from "./readings.js";
import { Rejects } from "./rejects.js";
import { showTop } from "./top.js";
import { Trend } from "./trend.js";

const TICK_MS = 200; // silence must show without anything arriving

const model = new Model();
const picture = new Picture();
const trend = new Trend();
const rejects = new Rejects(picture.look);

picture.onLook = () => rejects.redraw();
rejects.onFreeze = (reject, overlay) => picture.freeze(reject, overlay);
rejects.onReturn = () => picture.unfreeze();
trend.onPick = (verdict) => rejects.freeze(verdict);

const refresh = coalesced(show);
let decoded = 0;

link("live", {
  onUpdate(update) {
    if (update.about && model.about && update.about.version !== model.about.version) location.reload();
    model.take(update, performance.now());
    if (update.trend || update.verdicts) trend.show(model.trend);
    if (update.rejects) rejects.show(model.rejects);
    if (update.status) showCounters(model.status);
    refresh();
  },
  async onPacket(buffer) {
    const order = ++decoded;
    const overlay = await decode(buffer);
    // Decoders run side by side; one that finishes late must not bring an older picture back.
    if (order < picture.order) discard(overlay);
    else {
      picture.order = order;
      picture.show(overlay, performance.now());
    }
  },
  onLost() {
    model.linked = false;
    refresh();
  },
});

function show() {
  const now = performance.now();
  const standing = model.standing(now);
  showTop(standing, model);
  showLamp(standing, model, now);
  showPart(standing.verdict ?? model.newest, Boolean(standing.verdict), model);
  picture.judge(standing, model.status?.run, now);
}

document.getElementById("unfreeze").addEventListener("click", () => rejects.unfreeze());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input")) return;
  const act = {
    Escape: () => rejects.unfreeze(),
    h: () => picture.toggle("heat"),
    o: () => picture.toggle("outlines"),
    ArrowLeft: () => rejects.step(-1),
    ArrowRight: () => rejects.step(1),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// Not coalesced into a shown frame alone: a page in the background must not keep an old word for when it is looked at.
setInterval(show, TICK_MS);
show();
