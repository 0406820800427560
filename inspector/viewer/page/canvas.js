// Canvases that are as sharp as the screen, and colours that follow the theme.

/** Keep a canvas's pixels equal to the screen's. `redraw` is called when that changes, in the frame in which it does: a canvas
 *  of a new size is empty, and shall not be seen so. */
export function sharp(canvas, redraw) {
  new ResizeObserver(() => {
    const pixel = devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * pixel));
    const height = Math.max(1, Math.round(canvas.clientHeight * pixel));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    redraw();
  }).observe(canvas);
  document.addEventListener("themechange", redraw);
}

/** A function that runs `draw` at the next shown frame, once, however often it is called before. */
export function coalesced(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

const colours = new Map();
document.addEventListener("themechange", () => colours.clear());

/** A colour of the theme. Remembered, since asking for it in the middle of a drawing has the page's style worked out anew. */
export function colour(name) {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return colours.get(name);
}
