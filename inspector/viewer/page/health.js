// The health panel, the alarms and the events; and the alarm bar, which is there on every view.

import { $, put } from "./dom.js";
import { post, why } from "./server.js";
import { ago, clock, count } from "./words.js";

const NAMES = { station: "Station", camera: "Camera", scorer: "Scorer", plc: "PLC", store: "Store", disk: "Disk", drift: "Scores" };
const LEVELS = { ok: "OK", warning: "Warning", fault: "Fault", unknown: "Not known" };

export class Health {
  #access;
  #components = [];
  #componentsAt = 0;
  #past = { alarms: [], events: [] };
  #pastAt = 0;
  #looking = false;

  constructor(access) {
    this.#access = access;
    $("alarm-seen").addEventListener("click", () => this.acknowledge());
  }

  /** How each component is, as the server said; `now` is performance.now(). */
  show(components, now) {
    [this.#components, this.#componentsAt] = [components, now];
  }

  /** The alarms and the events, as the server said. */
  showPast(past, now) {
    [this.#past, this.#pastAt] = [past, now];
    this.tick(now);
    if (this.#looking) this.#lists();
  }

  /** Whether this view is the one looked at: else only its bar and its badge are kept. */
  look(looking, now) {
    this.#looking = looking;
    this.tick(now);
    if (looking) this.#lists();
  }

  /** Ages go on by themselves. */
  tick(now) {
    this.#bar(now - this.#pastAt);
    if (this.#looking) this.#panel(this.#components, now - this.#componentsAt);
  }

  get #waiting() {
    return this.#past.alarms.filter((alarm) => !alarm.by);
  }

  #lists() {
    const later = performance.now() - this.#pastAt;
    this.#alarms(this.#past.alarms, later);
    this.#events(this.#past.events, later);
  }

  /** Note that somebody has seen an alarm: that one, or the newest that waits. */
  async acknowledge(number = this.#waiting[0]?.number) {
    if (number === undefined) return;
    const by = await this.#access.someone("Who has seen the alarm?");
    if (!by) return;
    try {
      await post("acknowledge", { number, by });
    } catch (error) {
      put($("alarms-note"), why(error));
    }
  }

  #panel(components, later) {
    const list = $("components");
    components.forEach((component, index) => {
      const row = list.children[index] ?? list.appendChild(line());
      row.dataset.level = component.level;
      row.querySelector("use").setAttribute("href", `#shape-${component.level}`);
      put(row.querySelector(".name"), NAMES[component.name] ?? component.name);
      put(row.querySelector(".level"), LEVELS[component.level]);
      put(row.querySelector(".reading"), component.reading);
      put(row.querySelector(".since"), since(component.age_ms, later));
    });
    const bad = components.filter(({ level }) => level === "warning" || level === "fault").length;
    if (!components.length) return put($("components-note"), "nothing heard yet");
    const dark = components.filter(({ level }) => level === "unknown").length;
    const said = bad ? `${bad} of ${components.length} need a look` : dark < components.length ? "nothing needs a look" : "";
    put($("components-note"), [said, dark ? `${dark} not known` : ""].filter(Boolean).join(", "));
  }

  #bar(later) {
    const waiting = this.#waiting;
    $("badge").hidden = !waiting.length;
    put($("badge"), count(waiting.length));
    $("badge").dataset.level = waiting.some(({ level }) => level === "fault") ? "fault" : "warning";
    $("alarm").hidden = !waiting.length;
    if (!waiting.length) return;
    const alarm = waiting.find(({ level }) => level === "fault") ?? waiting[0];
    $("alarm").dataset.level = alarm.level;
    $("alarm").dataset.over = String(alarm.ended_ms !== null);
    $("alarm-shape").setAttribute("href", `#shape-${alarm.level}`);
    put($("alarm-source"), NAMES[alarm.source] ?? alarm.source);
    put($("alarm-text"), alarm.text);
    put($("alarm-when"), when(alarm, later));
    $("alarm-more").hidden = waiting.length < 2;
    put($("alarm-more"), `and ${waiting.length - 1} more`);
    $("alarm-seen").onclick = () => this.acknowledge(alarm.number);
  }

  #alarms(alarms, later) {
    put($("alarms-note"), alarms.length ? `${count(this.#waiting.length)} to be acknowledged` : "none so far");
    $("alarms-empty").hidden = alarms.length > 0;
    $("alarms").replaceChildren(...alarms.slice(0, 60).map((alarm) => {
      const row = line();
      row.dataset.level = alarm.level;
      row.dataset.standing = String(!alarm.by || alarm.ended_ms === null);
      row.querySelector("use").setAttribute("href", `#shape-${alarm.level}`);
      put(row.querySelector(".name"), NAMES[alarm.source] ?? alarm.source);
      put(row.querySelector(".level"), alarm.ended_ms === null ? LEVELS[alarm.level] : "Over");
      put(row.querySelector(".reading"), alarm.text);
      put(row.querySelector(".since"), `${when(alarm, later)}${alarm.by ? ` · seen by ${alarm.by} at ${clock(Date.now() - alarm.seen_ms - later)}` : ""}`);
      if (!alarm.by) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = "Acknowledge";
        button.addEventListener("click", () => this.acknowledge(alarm.number));
        row.append(button);
      }
      return row;
    }));
  }

  #events(events, later) {
    put($("events-note"), events.length ? `the last ${count(events.length)}` : "none yet");
    $("events-empty").hidden = events.length > 0;
    $("events").replaceChildren(...events.map((event) => {
      const row = document.createElement("li");
      for (const [name, text] of [["at", clock(Date.now() - event.age_ms - later)], ["kind", event.kind.replaceAll("_", " ")], ["said", event.seq && event.kind !== "mark" ? `#${event.seq} · ${event.detail}` : event.detail]]) {
        const span = document.createElement("span");
        span.className = name;
        span.textContent = text;
        row.append(span);
      }
      return row;
    }));
  }
}

const since = (age_ms, later) => `since ${clock(Date.now() - age_ms - later)}, for ${ago(age_ms + later)}`;

function when({ age_ms, ended_ms, times }, later) {
  const again = times > 1 ? `, ${times} times` : "";
  if (ended_ms === null) return `since ${clock(Date.now() - age_ms - later)}${again}`;
  return `${clock(Date.now() - age_ms - later)} to ${clock(Date.now() - ended_ms - later)}${again}`;
}

function line() {
  const row = document.createElement("li");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  shape.setAttribute("aria-hidden", "true");
  shape.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  row.append(shape);
  for (const name of ["name", "level", "reading", "since"]) {
    const span = document.createElement("span");
    span.className = name;
    row.append(span);
  }
  return row;
}
