import { ConfigError, ExitCode, SwampError } from '../contract/errors.ts';
import type { Layout } from '../contract/parameters.ts';
import { aliveCount, checkLength, prunableOf, type Mask } from './mask.ts';

const HALF = 16;
const BUCKETS = 1 << HALF;
const LOW = BUCKETS - 1;

/**
 * The next mask: exactly `alive` weights with the largest scores among those alive in `mask`, compared globally.
 * Among equal scores the earlier weight, in layout order, stays (method.md, round r of SWAMP, step 6).
 *
 * Selection by two histograms over the scores' float32 bits: three passes, O(n) time, no sorted copy, exact.
 * @param scores One for each element of the layout; those of pruned and of unprunable elements are not read.
 * @returns A new mask; what was pruned stays pruned.
 * @throws SwampError on a NaN score, naming its layer; ConfigError where fewer than `alive` weights are left.
 */
export function pruneGlobally(scores: Float32Array, mask: Mask, layout: Layout, alive: number): Mask {
  checkLength(scores.length, layout, 'score vector');
  const current = aliveCount(mask, layout);
  if (!Number.isInteger(alive) || alive < 0)
    throw new ConfigError(
      `${alive} is not a number of weights to keep`,
      'Give an integer of 0 or more weights to keep.',
    );
  if (alive > current)
    throw new ConfigError(
      `${alive} weights are to stay, but only ${current} of ${layout.prunable} prunable weights are alive`,
      'A pruned weight stays pruned: give a schedule whose sparsity rises from round to round.',
    );

  const next = mask.slice();
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const layers = prunableOf(layout);

  // First pass: how many scores fall into each of 65,536 ranges (the key's upper half).
  const upper = new Uint32Array(BUCKETS);
  for (const { name, offset, size } of layers)
    for (let i = offset; i < offset + size; i++) {
      if (mask[i] === 0) continue;
      if (Number.isNaN(scores[i])) throw notANumber(name, i - offset);
      const bucket = rankKey(bits[i] as number) >>> HALF;
      upper[bucket] = (upper[bucket] as number) + 1;
    }
  const range = findFromAbove(upper, alive);

  // Second pass: the same for the lower half of the keys in the range where the last kept score lies.
  const lower = new Uint32Array(BUCKETS);
  for (const { offset, size } of layers)
    for (let i = offset; i < offset + size; i++) {
      if (mask[i] === 0) continue;
      const key = rankKey(bits[i] as number);
      if (key >>> HALF === range.bucket) lower[key & LOW] = (lower[key & LOW] as number) + 1;
    }
  const last = findFromAbove(lower, alive - range.above);
  const threshold = range.bucket * BUCKETS + last.bucket;

  // Third pass, in layout order: all above the threshold stay, and of those equal to it the first few.
  let equal = alive - range.above - last.above;
  for (const { offset, size } of layers)
    for (let i = offset; i < offset + size; i++) {
      if (mask[i] === 0) continue;
      const key = rankKey(bits[i] as number);
      if (key > threshold) continue;
      if (key === threshold && equal > 0) equal--;
      else next[i] = 0;
    }
  return next;
}

/** Unsigned integer that orders float32 bits as their values: negative ones below, −0 equal to +0. */
function rankKey(bits: number): number {
  if (bits === 0x80000000) return 0x80000000;
  return bits >= 0x80000000 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

/** The bucket that holds the `count`-th largest, and how many lie in the buckets above it. */
function findFromAbove(histogram: Uint32Array, count: number): { bucket: number; above: number } {
  let above = 0;
  for (let bucket = histogram.length - 1; bucket > 0; bucket--) {
    const here = histogram[bucket] as number;
    if (above + here >= count) return { bucket, above };
    above += here;
  }
  return { bucket: 0, above };
}

/** What a score that is NaN is refused with, whatever chooses by it. */
export function notANumber(layer: string, element: number): SwampError {
  return new SwampError(
    `The score of weight ${element} of ${layer} is not a number: the training diverged`,
    'Lower the learning rate (--set recipe.learningRate=…) or add warm-up, then resume.',
    ExitCode.job,
  );
}
