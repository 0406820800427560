// The page by keyboard: one place that says which key does what (the help dialog lists them).

import { $ } from "./dom.js";

export function keys({ views, picture, rejects, health }) {
  $("help-close").addEventListener("click", () => $("help").close());
  $("newer").addEventListener("click", () => rejects.step(-1));
  $("older").addEventListener("click", () => rejects.step(1));
  $("details").addEventListener("click", () => rejects.open());
  $("unfreeze").addEventListener("click", () => rejects.unfreeze());
  $("freeze").addEventListener("click", () => rejects.freezeLast());
  const everywhere = { "?": () => $("help").showModal(), a: () => health.acknowledge() };
  const live = {
    Escape: () => rejects.unfreeze(),
    f: () => rejects.freezeLast(),
    h: () => picture.look.toggle("heat"),
    o: () => picture.look.toggle("outlines"),
    ArrowLeft: () => rejects.step(-1),
    ArrowRight: () => rejects.step(1),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || typing || document.querySelector("dialog[open]")) return;
    if (event.key >= "1" && event.key <= "5") return views.go(Number(event.key));
    if (event.key === "Enter" && rejects.frozen && views.now === "live" && !event.target.matches?.("button, a")) {
      event.preventDefault();
      return rejects.open();
    }
    const act = everywhere[event.key] ?? (views.now === "live" ? live[event.key] : undefined);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
