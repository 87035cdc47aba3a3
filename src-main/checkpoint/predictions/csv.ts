import { csvLine } from '../../contract/csv.ts';
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

/** Rows that are encoded at a time. */
const ROWS_AT_ONCE = 1000;

/**
 * A row an image: `image`, `label` where it is known, `predicted`, and `p_<class>` of every class, or `top1`,
 * `p1`, `top2`, `p2`, … (UTF-8).
 */
export const csv: PredictionFormat = {
  kind: 'csv',
  extension: '.csv',
  write: (path, predictions) => writeAtomically(path, chunks(predictions)),
};

function* chunks(predictions: Predictions): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(csvLine(header(predictions)));
  const count = imageCount(predictions);
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    let text = '';
    for (let image = from; image < Math.min(from + ROWS_AT_ONCE, count); image++)
      text += csvLine(row(predictions, image));
    yield encoder.encode(text);
  }
}

function header({ classes, labels, top }: Predictions): string[] {
  const places = Array.from({ length: top ?? 0 }, (_, place) => place + 1);
  return [
    'image',
    ...(labels ? ['label'] : []),
    'predicted',
    ...(top === null
      ? classes.map((name) => `p_${name}`)
      : places.flatMap((place) => [`top${place}`, `p${place}`])),
  ];
}

function row(predictions: Predictions, image: number): (string | number)[] {
  const { classes, labels, top } = predictions;
  const probabilities = rowOf(predictions, image);
  const [best = 0] = ranked(probabilities, 1);
  const name = (index: number): string => classes[index] ?? '';
  const figures =
    top === null
      ? Array.from(probabilities, decimal)
      : ranked(probabilities, top).flatMap((index) => [name(index), decimal(probabilities[index] ?? 0)]);
  return [nameOf(predictions, image), ...(labels ? [name(labels[image] ?? 0)] : []), name(best), ...figures];
}
