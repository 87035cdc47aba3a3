import { defineDataset, sharedBytes, type ImageSet } from 'swamp-studio';

/**
 * Bars: grey images with one bright bar, and noise. The class is the bar's direction: `{ "kind": "./my-dataset.ts",
 * "images": 2000 }`. A data set from files would read them here; an option that names a file or folder is listed in
 * `location`.
 */
export default defineDataset({
  kind: 'my-dataset',
  title: 'Bars (horizontal, vertical, falling, rising)',
  options: { images: 2000, side: 12, noise: 60 },
  load({ images, side, noise }) {
    const random = generator(1);
    return {
      // Height, width, channels.
      shape: [side, side, 1],
      classes: ['horizontal', 'vertical', 'falling', 'rising'],
      train: draw(images, side, noise, random),
      test: draw(Math.ceil(images / 4), side, noise, random),
    };
  },
});

function draw(count: number, side: number, noise: number, random: () => number): ImageSet {
  // Bytes, one image after the other, row by row; sharedBytes spares a copy.
  const images = sharedBytes(count * side * side);
  const labels = sharedBytes(count);
  for (let image = 0; image < count; image++) {
    const label = image % 4;
    const at = Math.floor(random() * side);
    labels[image] = label;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const distance = [y - at, x - at, (y - x + at) % side, (y + x - at) % side][label];
        const bright = distance === 0 ? 110 : 0;
        images[(image * side + y) * side + x] = 60 + bright + Math.floor(random() * noise);
      }
    }
  }
  return { count, images, labels };
}

/** Numbers from 0 to 1, the same on every machine (mulberry32): Math.random would give other data each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
