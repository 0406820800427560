// Elements by their id, and text into them: what runs for every part is cheap where nothing has changed.

const found = new Map();

/** The element of that id; ids stay as the page was written. */
export function $(id) {
  if (!found.has(id)) found.set(id, document.getElementById(id));
  return found.get(id);
}

const said = new WeakMap();

/** Text into an element, and only where it differs; never HTML, so nothing from the wire can be more than text. */
export function put(element, text) {
  if (said.get(element) === text) return;
  said.set(element, text);
  const { firstChild } = element;
  // A text that takes another's place in the same node is laid out for less.
  if (text && firstChild?.nodeType === Node.TEXT_NODE && !firstChild.nextSibling) firstChild.data = text;
  else element.textContent = text;
}
