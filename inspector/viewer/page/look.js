// How pictures are looked at: heat and outlines, on or off; remembered by this browser.

import { $ } from "./dom.js";

export class Look {
  heat = true;
  outlines = true;
  opacity = 0.75;
  #onChange;

  /** `onChange` is called at each change, and not for what is restored. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#restore();
    for (const name of ["heat", "outlines"]) $(name).addEventListener("click", () => this.toggle(name));
    $("opacity").addEventListener("input", () => {
      this.opacity = $("opacity").valueAsNumber / 100;
      this.#changed();
    });
    this.#show();
  }

  toggle(name) {
    this[name] = !this[name];
    this.#changed();
  }

  #changed() {
    this.#show();
    const { heat, outlines, opacity } = this;
    try {
      localStorage.setItem("look", JSON.stringify({ heat, outlines, opacity }));
    } catch {
      // storage may be forbidden
    }
    this.#onChange();
  }

  #show() {
    $("heat").setAttribute("aria-pressed", String(this.heat));
    $("outlines").setAttribute("aria-pressed", String(this.outlines));
    $("opacity").valueAsNumber = Math.round(this.opacity * 100);
    $("opacity").disabled = !this.heat;
  }

  #restore() {
    try {
      const { heat, outlines, opacity } = JSON.parse(localStorage.getItem("look") ?? "{}");
      if (typeof heat === "boolean") this.heat = heat;
      if (typeof outlines === "boolean") this.outlines = outlines;
      if (opacity >= 0.1 && opacity <= 1) this.opacity = opacity;
    } catch {
      // as above, or not ours
    }
  }
}
