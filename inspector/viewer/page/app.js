// The page: what comes over the link goes into the model, and from there into the view that is shown.

import { Access } from "./access.js";
import { coalesced } from "./canvas.js";
import { Figures } from "./figures.js";
import { Gallery } from "./gallery.js";
import { Health } from "./health.js";
import { History } from "./history.js";
import { keys } from "./keys.js";
import { showLamp, showMini } from "./lamp.js";
import { link } from "./link.js";
import { Model } from "./model.js";
import { decode, discard, split } from "./packet.js";
import { Picture } from "./picture.js";
import { showCounters, showPart } from "./readings.js";
import { Rejects } from "./rejects.js";
import { Rows } from "./rows.js";
import { get, poll } from "./server.js";
import { Sheet } from "./sheet.js";
import { showTop } from "./top.js";
import { Trend } from "./trend.js";
import { Views } from "./views.js";
import { WhatIf } from "./whatif.js";

const TICK_MS = 200; // silence must show without anything arriving
const POLL_MS = 1000;
const TOGETHER_MS = 25; // a verdict waits so long for its picture: one frame for both costs half of two

const access = new Access();
const model = new Model();
const views = new Views();
const picture = new Picture((run, seq) => model.verdictOf(run, seq));
const trend = new Trend();
const rejects = new Rejects(picture.look);
const sheet = new Sheet(access, picture.look);
const health = new Health(access);
const rows = new Rows();
const past = new History();
const figures = new Figures();
const whatIf = new WhatIf(access, picture.look, (part, beside) => sheet.open(part, beside));
const gallery = new Gallery(picture.look, (part, beside) => sheet.open(part, beside));

picture.onDraw = show;
picture.onLook = () => {
  rejects.redraw();
  sheet.redraw();
};
rejects.onFreeze = (reject, overlay) => picture.freeze(reject, overlay);
rejects.onReturn = () => picture.unfreeze();
rejects.onSeen = (overlay) => picture.offer(overlay);
rejects.onOpen = (reject, all) => sheet.open(reject, all);
trend.onPick = (verdict) => rejects.freeze(verdict) || sheet.open(verdict);
past.onOpen = (verdict, shown) => sheet.open(verdict, [...shown].reverse());
sheet.onMark = () => views.now === "rejects" && gallery.update();
keys({ views, picture, rejects, health });

const followRows = poll(
  async () => {
    if (await rows.update()) showRows();
    if (views.now === "trend") figures.show(await get("figures"), model.newest?.threshold ?? null);
  },
  POLL_MS,
  () => (views.now === "trend" || views.now === "whatif") && !document.hidden,
);
const followGallery = poll(() => gallery.update(), 3 * POLL_MS, () => views.now === "rejects" && !document.hidden);

function showRows() {
  past.show(rows.all);
  whatIf.show(rows.comparable);
}

/** Another view, or the page is looked at again: what was left out meanwhile. */
function look() {
  followRows();
  followGallery();
  health.look(views.now === "health", performance.now());
  if (!watched()) return;
  trend.show(model.trend);
  for (const buffer of unseen.values()) decodeInto(buffer).catch((error) => console.warn(error.message));
  unseen.clear();
}

const watched = () => views.now === "live" && !document.hidden;
const atNextFrame = coalesced(show);
let waits = 0;
const unseen = new Map(); // by kind, the newest packet that came while nobody looked at the picture
let decoded = 0;
const newest = { part: 0, preview: 0 };

async function decodeInto(buffer) {
  const order = ++decoded;
  const overlay = await decode(buffer);
  const { kind } = overlay.header;
  // Decoders run side by side; one that finishes late must not bring an older picture back.
  if (order < newest[kind]) return discard(overlay);
  newest[kind] = order;
  picture.show(overlay, performance.now());
}

/** Show what is known, soon: with the picture that is on its way, if it is. */
function refresh() {
  waits ||= setTimeout(atNextFrame, watched() ? TOGETHER_MS : 0);
}

function show() {
  clearTimeout(waits);
  waits = 0;
  const now = performance.now();
  const standing = model.standing(now);
  showTop(standing, model);
  showLamp(standing, model, now);
  showMini(standing);
  showPart(standing.verdict ?? model.newest, Boolean(standing.verdict), model, now);
  picture.judge(standing, model.status?.run, now);
  if (watched()) trend.tick(now);
}

// Not coalesced into a shown frame alone: a page in the background must not keep an old word for when it is looked at.
setInterval(() => {
  show();
  health.tick(performance.now());
}, TICK_MS);
show();

await access.enter();
views.onChange(look);
document.addEventListener("visibilitychange", look);
link("live", {
  onUpdate(update) {
    if (update.about && model.about && update.about.version !== model.about.version) location.reload();
    model.take(update, performance.now());
    if ((update.trend || update.verdicts) && watched()) trend.show(model.trend);
    if (update.trend || update.verdicts) picture.judged();
    if (update.rejects) rejects.show(model.rejects);
    if (update.status) showCounters(model.status);
    if (update.components) health.show(update.components, performance.now());
    if (update.past) {
      health.showPast(update.past, performance.now());
      whatIf.showChange(update.past.change);
    }
    refresh();
  },
  async onPacket(buffer) {
    if (watched()) await decodeInto(buffer);
    else unseen.set(split(buffer).header.kind, buffer);
  },
  onLost() {
    model.linked = false;
    refresh();
  },
});
