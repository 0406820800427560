// An overlay packet as on the wire (docs/wire.md): uint32 LE n, n bytes of JSON header, JPEG, uint8 score map.

import { heatmap } from "./heat.js";

/** Cut a packet into its pieces without copying them. Throws where it is shorter than it says. */
export function split(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const jpeg = new Uint8Array(buffer, 4 + length, header.jpeg_bytes);
  const map = new Uint8Array(buffer, 4 + length + header.jpeg_bytes, header.map_size[0] * header.map_size[1]);
  return { header, jpeg, map };
}

/** A packet ready to be drawn: {header, picture: ImageBitmap, heat: ImageBitmap | null, map: Uint8Array}. */
export async function decode(buffer) {
  const { header, jpeg, map } = split(buffer);
  const [picture, heat] = await Promise.all([
    createImageBitmap(new Blob([jpeg], { type: "image/jpeg" })),
    map.length ? heatmap(map, ...header.map_size) : null,
  ]);
  return { header, picture, heat, map };
}

export function discard(overlay) {
  overlay?.picture.close();
  overlay?.heat?.close();
}
