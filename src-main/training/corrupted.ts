import { totalmem } from 'node:os';
import { DataError } from '../contract/errors.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { corruptImages } from '../datasets/corruptions/corrupt.ts';
import type { Severity } from '../datasets/corruptions/corruption.ts';
import type { Dataset, Originals } from '../datasets/dataset.ts';
import { loadOriginals } from '../datasets/registry.ts';

/** Bytes of corrupted images that a worker keeps: those that other networks are to see too. */
const MOST_BYTES = Math.min(2 ** 30, totalmem() / 16);

interface Asked {
  readonly kind: string;
  readonly severity: Severity;
  /** The first so many images. */
  readonly count: number;
}

/** Corrupted test images of a data set, made once as long as memory allows. */
export class CorruptedImages {
  readonly #source: NamedSpec;
  readonly #dataset: Dataset;
  #originals: Promise<Originals | null> | null = null;
  /** What was used last is last. */
  readonly #kept = new Map<string, Uint8Array>();

  constructor(source: NamedSpec, dataset: Dataset) {
    this.#source = source;
    this.#dataset = dataset;
  }

  /**
   * Images of the data set's own shape: corrupted as published, then made as small as the data set's.
   * @param breathe awaited now and then while they are made; what it throws ends that
   */
  async get({ kind, severity, count }: Asked, breathe: () => Promise<void>): Promise<Uint8Array> {
    const key = `${kind} ${severity} ${count}`;
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const images = known ?? (await this.#make({ kind, severity, count }, breathe));
    this.#kept.set(key, images);
    let bytes = 0;
    for (const each of this.#kept.values()) bytes += each.length;
    for (const [oldest, { length }] of this.#kept) {
      if (bytes <= MOST_BYTES || oldest === key) break;
      this.#kept.delete(oldest);
      bytes -= length;
    }
    return images;
  }

  async #make(asked: Asked, breathe: () => Promise<void>): Promise<Uint8Array> {
    this.#originals ??= loadOriginals(this.#source).then((found) => this.#checked(found));
    const originals = await this.#originals;
    if (!originals) return corruptImages(this.#dataset.test.images, this.#dataset.shape, asked, breathe);
    return originals.reduce(await corruptImages(originals.images, originals.shape, asked, breathe));
  }

  /** @throws DataError where the files are not those that the data set was loaded from */
  #checked(originals: Originals | null): Originals | null {
    const { test, title } = this.#dataset;
    if (originals && Buffer.compare(originals.reduce(originals.images), test.images) !== 0)
      throw new DataError(
        `The test images of ${title} changed while they were used.`,
        'Put the old files back.',
      );
    return originals;
  }
}
