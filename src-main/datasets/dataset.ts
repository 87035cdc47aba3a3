import type { Digest } from '../contract/ids.ts';
import type { Registered } from '../contract/registry.ts';

/** Images as bytes, [count, height, width, channels] in C order, and their labels (0 … classes − 1). */
export interface ImageSet {
  readonly count: number;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** A data set in memory. The training set still contains what a run holds out for validation. */
export interface Dataset {
  /** For people, for example `CIFAR-10 (10,000 training images, 16×16)`. */
  readonly title: string;
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** Per channel, on the scale 0 … 1: the graph computes (x / 255 − mean) / deviation. */
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  /** SHA-256 over images and labels as loaded. */
  readonly digest: Digest;
  /** Where the test set is from, for people: `in files of its own`. */
  readonly division: string;
  /** What became of single files, where images are files of their own. */
  readonly files?: FileReport;
}

/** Files of a data set that are not in it. */
export interface FileReport {
  /** Files that are no images, or lie where no class is: how many of what. */
  readonly ignored: readonly { readonly what: string; readonly count: number }[];
  /** Images that cannot be read and were left out on request. */
  readonly broken: readonly { readonly file: string; readonly reason: string }[];
  /** Whether decoded pixels were there from an earlier time. */
  readonly cached: boolean;
}

/** Who waits for a data set. */
export interface LoadWatch {
  /** Called now and then while loading takes long. */
  readonly onProgress?: (progress: { readonly message: string; readonly share: number }) => void;
  readonly signal?: AbortSignal | undefined;
  /** For somebody who looks at what is there: broken files are told of, where a run would refuse them. */
  readonly tellBroken?: boolean;
}

/** Test images larger than those that are trained on. */
export interface Originals {
  /** Height, width, channels. */
  readonly shape: Dataset['shape'];
  /** [count, height, width, channels] in C order, in the order of the test set. */
  readonly images: Uint8Array;
  /** Makes images of this shape as small as those of the data set. */
  reduce(images: Uint8Array): Uint8Array;
}

/** What a file in this folder exports; registered by one line in registry.ts. */
export interface DatasetDefinition<
  Options extends { kind: string } = { kind: string },
> extends Registered<Options> {
  /** Options that say where the files are: not part of any key. */
  readonly location: readonly string[];
  /** Whether a folder of files of these names is one of it, for those who name only the folder. */
  recognises?(names: readonly string[]): boolean;
  /** Options that give images of a shape, for a network that takes them. */
  sized?(shape: readonly number[]): Readonly<Record<string, unknown>>;
  /** @throws DataError naming the file, what is wrong with it and what to do. */
  load(options: Options, watch: LoadWatch): Promise<Dataset>;
  /**
   * The test images before options made them smaller; `null` where they did not. Corruptions, whose constants are for images as published,
   * come before that.
   */
  originals?(options: Options): Promise<Originals | null>;
}
