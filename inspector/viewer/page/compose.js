// A picture, its heat map and its outlines, drawn into a box. Affines are six numbers, row by row, onto source pixels.

const transform = (context, [a, c, e, b, d, f]) => context.transform(a, b, c, d, e, f);

/** The affine that undoes another. */
export function inverse([a, c, e, b, d, f]) {
  const det = a * d - b * c;
  return [d / det, -c / det, (c * f - d * e) / det, -b / det, a / det, (b * e - a * f) / det];
}

export const apply = ([a, c, e, b, d, f], [x, y]) => [a * x + c * y + e, b * x + d * y + f];

/**
 * Draw an overlay as large as fits into width × height canvas pixels, upright as the camera's picture is.
 * `look`: {heat, outlines: boolean, opacity: 0…1}; `pixel`: canvas pixels per CSS pixel, for the width of lines.
 */
export function compose(context, overlay, width, height, look, pixel = 1) {
  const onCanvas = drawPicture(context, overlay, width, height);
  drawFound(context, overlay, onCanvas, [0, 0], look, pixel);
  context.restore();
}

/**
 * The picture alone, as compose() draws it; returns the affine from source pixels onto the canvas. What is drawn next is
 * cut off at the picture's edge, until the caller restores the context.
 */
export function drawPicture(context, { header, picture }, width, height) {
  const scale = Math.min(width / picture.width, height / picture.height);
  const left = (width - picture.width * scale) / 2;
  const top = (height - picture.height * scale) / 2;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingQuality = scale < 0.7 ? "medium" : "low"; // what is hardly made smaller needs no pyramid
  context.drawImage(picture, left, top, picture.width * scale, picture.height * scale);
  context.save();
  context.beginPath();
  context.rect(left, top, picture.width * scale, picture.height * scale);
  context.clip();
  const [a, b, c, d, e, f] = inverse(header.picture_to_source).map((each) => each * scale);
  return [a, b, c + left, d, e, f + top];
}

/** A part's heat and outlines on a canvas, moved by so many source pixels [x, y] from where it was judged. */
export function drawFound(context, { header, heat }, onCanvas, [dx, dy], look, pixel) {
  const [a, b, c, d, e, f] = onCanvas;
  const moved = [a, b, a * dx + b * dy + c, d, e, d * dx + e * dy + f];
  if (heat && look.heat) {
    const [w, h] = header.map_size;
    context.save();
    transform(context, moved);
    transform(context, header.map_to_source);
    context.globalAlpha = look.opacity;
    context.drawImage(heat, 0, 0, w, h);
    context.restore();
  }
  if (look.outlines) outline(context, header.outlines, (point) => apply(moved, point), pixel);
}

/** Draw what of the picture lies in a box [x, y, width, height] of source pixels, filling the canvas; no heat over it. */
export function composeBox(context, overlay, [x, y, w, h], width, height, pixel = 1) {
  const { header, picture } = overlay;
  const scale = Math.min(width / w, height / h);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  const left = (width - w * scale) / 2 - x * scale;
  const top = (height - h * scale) / 2 - y * scale;
  context.save();
  context.beginPath();
  context.rect((width - w * scale) / 2, (height - h * scale) / 2, w * scale, h * scale);
  context.clip();
  context.setTransform(scale, 0, 0, scale, left, top);
  transform(context, header.picture_to_source);
  context.drawImage(picture, 0, 0);
  context.restore();
  outline(context, header.outlines, ([a, b]) => [left + a * scale, top + b * scale], pixel);
}

/** The surroundings of the worst place of the score map, as a box of source pixels; null without a map. */
export function worstBox({ header, map }) {
  if (!map.length) return null;
  const [w] = header.map_size;
  const at = map.reduce((best, value, index) => (value > map[best] ? index : best), 0);
  const [x, y] = apply(header.map_to_source, [(at % w) + 0.5, Math.floor(at / w) + 0.5]);
  const [a, b, , d, e] = header.map_to_source;
  const half = 4 * Math.max(Math.hypot(a, d), Math.hypot(b, e));
  return [x - half, y - half, 2 * half, 2 * half];
}

function outline(context, outlines, place, pixel) {
  if (!outlines.length) return;
  context.save();
  context.lineJoin = "round";
  context.beginPath();
  for (const polygon of outlines) {
    polygon.forEach((point, index) => {
      const [x, y] = place(point);
      if (index) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
    context.closePath();
  }
  // A dark casing under a light line is seen on any part, light or dark, whatever the heat map does beneath it.
  for (const [colour, breadth] of [["rgb(0 0 0 / 0.7)", 4.5], ["#7df9ff", 2]]) {
    context.strokeStyle = colour;
    context.lineWidth = breadth * pixel;
    context.stroke();
  }
  context.restore();
}
