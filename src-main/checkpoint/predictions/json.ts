import { writeAtomically } from '../files.ts';
import {
  decimal,
  imageCount,
  nameOf,
  ranked,
  rowOf,
  type PredictionFormat,
  type Predictions,
} from './format.ts';

/** One object: `network`, `data`, `classes`, and `images` with `image`, `label`, `predicted` and `probabilities` or `top`. */
export const json: PredictionFormat = {
  kind: 'json',
  extension: '.json',
  write: (path, predictions) => writeAtomically(path, chunks(predictions)),
};

/** An image a line, so that large ones can be looked at. */
function* chunks(predictions: Predictions): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const { network, data, classes } = predictions;
  const head = JSON.stringify({ network, data, classes });
  yield encoder.encode(`${head.slice(0, -1)},"images":[`);
  const count = imageCount(predictions);
  for (let image = 0; image < count; image++) {
    yield encoder.encode(`${image > 0 ? ',' : ''}\n${JSON.stringify(imageJson(predictions, image))}`);
  }
  yield encoder.encode('\n]}\n');
}

function imageJson(predictions: Predictions, image: number): Record<string, unknown> {
  const { classes, labels, top } = predictions;
  const row = rowOf(predictions, image);
  const [best = 0] = ranked(row, 1);
  return {
    image: nameOf(predictions, image),
    ...(labels ? { label: classes[labels[image] ?? 0] } : {}),
    predicted: classes[best],
    ...(top === null
      ? { probabilities: Array.from(row, decimal) }
      : {
          top: ranked(row, top).map((index) => ({
            class: classes[index],
            probability: decimal(row[index] ?? 0),
          })),
        }),
  };
}
