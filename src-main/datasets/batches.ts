import { ConfigError } from '../contract/errors.ts';
import type { Recipe } from '../contract/recipe.ts';
import type { Dataset } from './dataset.ts';
import { shuffle, streamFor, uniformInt, type Stream } from '../random/random.ts';

/**
 * Random horizontal flip, and random crop after padding by so many pixels of the mean colour (see {@link Source}); then
 * cutout (DeVries and Taylor 2017): a square of the mean colour at a random centre.
 */
export interface Augmentation {
  readonly flip: boolean;
  /** Pixels, at most 127. */
  readonly crop: number;
  /** Side of the square in pixels; 0 or left out: none. */
  readonly cutout?: number;
}

/** What decides which images come when. Data, so that it can be handed to a thread. */
export interface BatchOrder {
  /** `ticket` and `round` draw from streams of their own. */
  readonly phase: 'ticket' | 'round';
  readonly seed: number;
  readonly member: number;
  readonly round: number;
  readonly particle: number;
  /** Training images (indices into the data set's training set) in any fixed order. */
  readonly indices: Int32Array;
  /** Images a batch. */
  readonly batch: number;
  readonly augment: Augmentation;
  /** α of mixup (mixup.ts); 0 or left out: off. */
  readonly mixup?: number;
}

/** The order of a training under a recipe. @param indices training images in any fixed order */
export function orderOf(
  place: Pick<BatchOrder, 'phase' | 'seed' | 'member' | 'round' | 'particle'>,
  indices: Int32Array,
  { batch, augment, mixup }: Recipe,
): BatchOrder {
  return { ...place, indices, batch, augment, mixup };
}

/** Everything random about one epoch; all arrays are in the epoch's order. */
interface Epoch {
  readonly number: number;
  /** Indices of images. */
  readonly order: Int32Array;
  /** 1: mirrored. */
  readonly flipped: Uint8Array | null;
  /** Corner of the crop in the padded image, 0 … 2 · crop. */
  readonly top: Uint8Array | null;
  readonly left: Uint8Array | null;
  /** Centres of cutout's squares, row and column of each image: 32 random bits each, for any size of image. */
  readonly centres: Uint32Array | null;
}

/**
 * Which images are in the batch of each iteration, and how they are augmented. Epoch e's order is a permutation
 * from the stream (seed, order, member, round, particle, e); flips and crops draw from `augment` at the same place
 * (in the ticket from `ticket` and `ticket-augment`): for each image in the epoch's order, flip, then top, then
 * left. Cutout's centres draw from `cutout` or `ticket-cutout`: row, then column. An epoch has floor(n / batch) batches; what is left over is dropped. Any iteration can be asked for, so
 * a resumed training goes on with the same batches; epochs asked for in turn are drawn once.
 */
export class BatchPlan {
  readonly iterationsPerEpoch: number;
  readonly order: BatchOrder;
  #epoch: Epoch | undefined;

  /** @throws ConfigError where there are fewer images than a batch takes. */
  constructor(order: BatchOrder) {
    const { indices, batch, augment } = order;
    if (indices.length < batch)
      throw new ConfigError(
        `recipe.batch: ${batch} is more than the ${indices.length} training images`,
        'Use a smaller batch, more data, or a smaller validation fraction.',
      );
    if (!Number.isInteger(augment.crop) || augment.crop < 0 || augment.crop > 127)
      throw new ConfigError(
        `recipe.augment.crop: ${augment.crop} is not a number of pixels from 0 to 127`,
        'CIFAR recipes pad by 4 pixels, half-size images by 2.',
      );
    this.order = order;
    this.iterationsPerEpoch = Math.floor(indices.length / batch);
  }

  /** Epoch and indices of the images of an iteration, counted from 0. The indices are a view: do not change them. */
  at(iteration: number): { readonly epoch: number; readonly indices: Int32Array } {
    const { epoch, from } = this.#locate(iteration);
    return { epoch: epoch.number, indices: epoch.order.subarray(from, from + this.order.batch) };
  }

  /**
   * Writes an iteration's batch.
   * @param images Training images, [n, height, width, channels].
   * @param labels Their labels.
   * @param outImages [batch, height, width, channels]; @param outLabels [batch].
   */
  fill(
    iteration: number,
    { images, labels, shape, background }: Source,
    outImages: Uint8Array,
    outLabels: Int32Array,
  ): void {
    const { epoch, from } = this.#locate(iteration);
    const { batch, augment } = this.order;
    const size = shape[0] * shape[1] * shape[2];
    for (let slot = 0; slot < batch; slot++) {
      const place = from + slot;
      const index = epoch.order[place] as number;
      outLabels[slot] = labels[index] as number;
      const image = images.subarray(index * size, (index + 1) * size);
      const out = outImages.subarray(slot * size, (slot + 1) * size);
      if (epoch.top === null && epoch.flipped?.[place] !== 1) out.set(image);
      else {
        // Moving the crop's corner down by d moves the image up by d; the middle, `crop`, leaves it in place.
        const down = augment.crop - (epoch.top?.[place] ?? augment.crop);
        const right = augment.crop - (epoch.left?.[place] ?? augment.crop);
        if (down !== 0 || right !== 0) fillColour(out, background);
        placeImage(image, out, shape, down, right, epoch.flipped?.[place] === 1);
      }
      if (epoch.centres !== null && augment.cutout) {
        const [row = 0, column = 0] = epoch.centres.subarray(2 * place, 2 * place + 2);
        cutOut(out, shape, background, augment.cutout, {
          row: Math.floor((row / 2 ** 32) * shape[0]),
          column: Math.floor((column / 2 ** 32) * shape[1]),
        });
      }
    }
  }

  #locate(iteration: number): { epoch: Epoch; from: number } {
    if (!Number.isInteger(iteration) || iteration < 0)
      throw new RangeError(`${iteration} is not an iteration`);
    const number = Math.floor(iteration / this.iterationsPerEpoch);
    if (this.#epoch?.number !== number) this.#epoch = this.#draw(number);
    return { epoch: this.#epoch, from: (iteration % this.iterationsPerEpoch) * this.order.batch };
  }

  #draw(number: number): Epoch {
    const { phase, seed, member, round, particle, indices, augment } = this.order;
    const place = { seed, member, round, particle, epoch: number };
    const order = indices.slice();
    shuffle(streamFor({ ...place, purpose: phase === 'ticket' ? 'ticket' : 'order' }), order);
    const stream = streamFor({ ...place, purpose: phase === 'ticket' ? 'ticket-augment' : 'augment' });
    let centres: Uint32Array | null = null;
    if ((augment.cutout ?? 0) > 0) {
      const own = streamFor({ ...place, purpose: phase === 'ticket' ? 'ticket-cutout' : 'cutout' });
      centres = new Uint32Array(2 * order.length).map(() => own.next());
    }
    return { number, order, ...drawAugmentation(stream, order.length, augment), centres };
  }
}

/** Where batches are taken from. */
export interface Source {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
  /**
   * Byte by channel of what a crop uncovers. The mean colour, which the network sees as zero: He et al. (2016)
   * pad mean-subtracted images by zeros. Black would be an edge that no un-augmented image has; batch norm
   * re-estimated on those then fits the weights badly (3 points of accuracy on `cifar10-small`).
   */
  readonly background: readonly number[];
}

/** A data set's training images, padded by their mean colour. */
export function sourceOf({ train, shape, normalisation }: Dataset): Source {
  return { ...train, shape, background: normalisation.mean.map((mean) => Math.round(255 * mean)) };
}

function drawAugmentation(
  stream: Stream,
  count: number,
  { flip, crop }: Augmentation,
): Pick<Epoch, 'flipped' | 'top' | 'left'> {
  const flipped = flip ? new Uint8Array(count) : null;
  const top = crop > 0 ? new Uint8Array(count) : null;
  const left = crop > 0 ? new Uint8Array(count) : null;
  for (let i = 0; i < count; i++) {
    if (flipped !== null) flipped[i] = uniformInt(stream, 2);
    if (top !== null) top[i] = uniformInt(stream, 2 * crop + 1);
    if (left !== null) left[i] = uniformInt(stream, 2 * crop + 1);
  }
  return { flipped, top, left };
}

/**
 * A square of one colour around a pixel, cut off at the border; an even side reaches one pixel farther up and left.
 * @param image [height, width, channels], written into
 */
export function cutOut(
  image: Uint8Array,
  [height, width, channels]: Source['shape'],
  colour: readonly number[],
  side: number,
  centre: { readonly row: number; readonly column: number },
): void {
  const before = Math.floor(side / 2);
  const [top, left] = [centre.row - before, centre.column - before];
  const [first, end] = [Math.max(0, left), Math.min(width, left + side)];
  for (let row = Math.max(0, top); row < Math.min(height, top + side); row++)
    fillColour(image.subarray((row * width + first) * channels, (row * width + end) * channels), colour);
}

/** One colour everywhere; doubles what is filled, as that is far faster than byte by byte. */
function fillColour(out: Uint8Array, colour: readonly number[]): void {
  out.set(colour);
  for (let filled = colour.length; filled < out.length; filled *= 2) out.copyWithin(filled, 0, filled);
}

/** Writes an image moved down and right (by pixels, may be negative), then mirrored; what is uncovered keeps `out`'s bytes. */
function placeImage(
  image: Uint8Array,
  out: Uint8Array,
  [height, width, channels]: Source['shape'],
  down: number,
  right: number,
  mirrored: boolean,
): void {
  const firstRow = Math.max(0, down);
  const lastRow = Math.min(height, height + down);
  const firstColumn = Math.max(0, right);
  const columns = width - Math.abs(right);
  if (columns <= 0) return;
  const bytes = columns * channels;
  for (let row = firstRow; row < lastRow; row++) {
    const from = ((row - down) * width + firstColumn - right) * channels;
    if (!mirrored) {
      out.set(image.subarray(from, from + bytes), (row * width + firstColumn) * channels);
      continue;
    }
    let to = (row * width + width - 1 - firstColumn) * channels;
    for (let at = from; at < from + bytes; at += channels, to -= channels)
      for (let channel = 0; channel < channels; channel++) out[to + channel] = image[at + channel] as number;
  }
}
