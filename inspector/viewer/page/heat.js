// The score map made visible: interpolated as scores first and coloured after, so that contours are those of the scores.

const STARTS = 77; // 60 % of the threshold, which is 128: less is not worth looking at
const FULL = 140;
const LONG_SIDE = 112; // the browser smooths what is left

// Plasma (Smith and van der Walt, CC0): equal steps in score look like equal steps, also without colour vision.
const STOPS = [
  [13, 8, 135], [84, 2, 163], [139, 10, 165], [185, 50, 137],
  [219, 92, 104], [244, 136, 73], [254, 188, 43], [240, 249, 33],
];

/** 256 colours of 4 bytes. */
export const COLOURS = (() => {
  const table = new Uint8ClampedArray(256 * 4);
  for (let value = STARTS; value < 256; value++) {
    const place = ((value - STARTS) / (255 - STARTS)) * (STOPS.length - 1);
    const low = Math.min(Math.floor(place), STOPS.length - 2);
    for (let band = 0; band < 3; band++) {
      table[value * 4 + band] = STOPS[low][band] + (STOPS[low + 1][band] - STOPS[low][band]) * (place - low);
    }
    const rise = Math.min(1, (value - STARTS) / (FULL - STARTS));
    table[value * 4 + 3] = 255 * rise * rise * (3 - 2 * rise);
  }
  return table;
})();

/** ImageBitmap of a score map, as much larger as is needed to look smooth; null where nothing of it would be seen. */
export function heatmap(map, width, height) {
  if (!map.some((value) => value > STARTS)) return null;
  const factor = Math.max(1, Math.floor(LONG_SIDE / Math.max(width, height)));
  const wide = stretch(map, width, height, factor);
  const values = transpose(stretch(transpose(wide, width * factor, height), height, width * factor, factor), height * factor, width * factor);
  const image = new ImageData(width * factor, height * factor);
  const colours = new Uint32Array(COLOURS.buffer);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colours[Math.min(255, Math.max(0, values[i])) | 0];
  return createImageBitmap(image);
}

/** Each row `factor` times as long, by Catmull-Rom: it passes through the scores themselves. */
function stretch(values, width, height, factor) {
  const out = new Float32Array(width * factor * height);
  const weights = Array.from({ length: factor }, (_, phase) => {
    const t = (((phase + 0.5) / factor - 0.5) % 1 + 1) % 1;
    return [((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2, ((4 - 3 * t) * t + 1) * t / 2, (t - 1) * t * t / 2];
  });
  const last = width - 1;
  for (let y = 0, at = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      for (let phase = 0; phase < factor; phase++, at++) {
        const from = x - (phase + 0.5 < factor / 2 ? 1 : 0);
        const [a, b, c, d] = weights[phase];
        out[at] =
          a * values[row + Math.max(0, Math.min(last, from - 1))] + b * values[row + Math.max(0, from)] +
          c * values[row + Math.min(last, from + 1)] + d * values[row + Math.min(last, from + 2)];
      }
    }
  }
  return out;
}

function transpose(values, width, height) {
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = values[y * width + x];
  return out;
}
