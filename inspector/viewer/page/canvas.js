// Canvases that are as sharp as the screen, and colours that follow the theme.

/** Keep a canvas's pixels equal to the screen's; `redraw` is called, once per shown frame at most, when that changes. */
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

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
