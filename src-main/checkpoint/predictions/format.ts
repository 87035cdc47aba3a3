import type { WrittenFile } from '../files.ts';

/** What a network says about some images. */
export interface Predictions {
  /** The network's file, and what the images are, for people. */
  readonly network: string;
  readonly data: string;
  /** Names of the classes, in the order of the outputs. */
  readonly classes: readonly string[];
  /** File names of the images; `null`: they are counted from 0. */
  readonly names: readonly string[] | null;
  /** Class of each image, where it is known. */
  readonly labels: ArrayLike<number> | null;
  /** Softmax probabilities, [images, classes] in C order. */
  readonly probabilities: Float32Array;
  /** Only the so many most probable classes of each image; `null`: all, in their order. */
  readonly top: number | null;
}

/** A kind of file for predictions. A new one is a file in this folder and a line in registry.ts. */
export interface PredictionFormat {
  readonly kind: string;
  /** With its dot. */
  readonly extension: string;
  /** Writes a file that is either complete or not there. @throws LibraryError where it cannot be written. */
  write(path: string, predictions: Predictions): WrittenFile;
}

export function imageCount({ probabilities, classes }: Predictions): number {
  return probabilities.length / classes.length;
}

export function nameOf({ names }: Predictions, image: number): string | number {
  return names?.[image] ?? image;
}

/** Probabilities of an image. A view. */
export function rowOf({ probabilities, classes }: Predictions, image: number): Float32Array {
  return probabilities.subarray(image * classes.length, (image + 1) * classes.length);
}

/** The classes of an image, the most probable first, of equals the earlier; `count` of them. */
export function ranked(row: Float32Array, count: number): number[] {
  const order = Array.from(row, (_, index) => index);
  order.sort((a, b) => (row[b] as number) - (row[a] as number) || a - b);
  return order.slice(0, count);
}

/** The shortest decimal that is this float32. */
export function decimal(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
