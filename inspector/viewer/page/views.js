// Which view is shown: the address's hash (`#/trend`; with the slash it is no element's name, to which a browser would
// scroll), so that a view can be linked, opened in a tab of its own, and gone back to.

const NAMES = ["live", "trend", "whatif", "rejects", "health"];

export class Views {
  #listeners = [];

  constructor() {
    addEventListener("hashchange", () => this.#apply());
    this.#apply();
  }

  get now() {
    const asked = location.hash.slice(2);
    return NAMES.includes(asked) ? asked : "live";
  }

  go(number) {
    if (NAMES[number - 1]) location.hash = `/${NAMES[number - 1]}`;
  }

  /** `listener(name)` is called now and at every change. */
  onChange(listener) {
    this.#listeners.push(listener);
    listener(this.now);
  }

  #apply() {
    const { now } = this;
    document.body.dataset.view = now;
    for (const main of document.querySelectorAll("main")) main.hidden = main.dataset.view !== now;
    for (const link of document.querySelectorAll(".views a")) {
      if (link.getAttribute("href") === `#/${now}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    scrollTo(0, 0);
    for (const listener of this.#listeners) listener(now);
  }
}
