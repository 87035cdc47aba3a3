import { writeNpz } from '../npz.ts';
import type { Tensor } from '../tensor.ts';
import { imageCount, ranked, rowOf, type PredictionFormat, type Predictions } from './format.ts';

/**
 * NumPy arrays: `predicted` int32 [images], `probabilities` float32 [images, classes] or `top` int32 and `p` float32
 * [images, K], `labels` int32 where they are known; names of classes and of images in `__metadata__`.
 */
export const npz: PredictionFormat = {
  kind: 'npz',
  extension: '.npz',
  write(path, predictions) {
    const { network, data, classes, names } = predictions;
    return writeNpz(path, new Map(arrays(predictions)), {
      network,
      data,
      classes: JSON.stringify(classes),
      ...(names ? { images: JSON.stringify(names) } : {}),
    });
  },
};

function arrays(predictions: Predictions): [string, Tensor][] {
  const { classes, labels, probabilities, top } = predictions;
  const count = imageCount(predictions);
  const places = top ?? 1;
  const best = new Int32Array(count * places);
  for (let image = 0; image < count; image++) {
    best.set(ranked(rowOf(predictions, image), places), image * places);
  }
  const predicted = best.filter((_, index) => index % places === 0);
  const made: [string, Tensor][] = [['predicted', { dtype: 'I32', shape: [count], data: predicted }]];
  if (labels) made.push(['labels', { dtype: 'I32', shape: [count], data: Int32Array.from(labels) }]);
  if (top === null) {
    made.push(['probabilities', { dtype: 'F32', shape: [count, classes.length], data: probabilities }]);
    return made;
  }
  const p = Float32Array.from(
    best,
    (index, at) => probabilities[Math.floor(at / top) * classes.length + index] ?? 0,
  );
  made.push(
    ['top', { dtype: 'I32', shape: [count, top], data: best }],
    ['p', { dtype: 'F32', shape: [count, top], data: p }],
  );
  return made;
}
