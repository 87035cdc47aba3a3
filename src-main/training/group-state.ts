import { RunningAverage } from '../averaging/average.ts';
import type { Tensor } from '../checkpoint/tensor.ts';
import type { Series } from '../contract/job.ts';
import { applyMask, type Mask } from '../pruning/mask.ts';
import type { Partial } from './context.ts';
import { newPosition, vector, type Position, type SavedPosition } from './loop.ts';

/** A particle between its turns. */
export interface Particle {
  readonly position: Position;
  /** Flat. */
  weights: Float32Array;
  velocity: Float32Array;
}

/** Where the training of a group stands: everything that its next step depends on. */
export interface GroupState {
  /** Updates of the mask behind it. */
  updates: number;
  /** The particle whose turn it is. */
  turn: number;
  mask: Mask;
  readonly particles: readonly Particle[];
}

/** What is written beside the tensors. */
interface Saved {
  readonly updates: number;
  readonly turn: number;
  readonly positions: readonly SavedPosition[];
}

/** Every particle at the same weights, without momentum. */
export function beginGroup(weights: Float32Array, mask: Mask, particles: number): GroupState {
  return {
    updates: 0,
    turn: 0,
    mask,
    particles: Array.from({ length: particles }, () => ({
      position: newPosition(),
      weights: weights.slice(),
      velocity: new Float32Array(weights.length),
    })),
  };
}

/** The state that {@link saveGroup} wrote; `null` where there is none. */
export function restoreGroup(partial: Partial): GroupState | null {
  const saved = partial.load();
  if (!saved) return null;
  const { tensors, metadata } = saved;
  const { updates, turn, positions } = JSON.parse(metadata['group'] ?? '{}') as Saved;
  const mask = tensors.get('mask');
  if (mask?.dtype !== 'U8') throw new Error('the checkpoint of this job is not one of a group');
  return {
    updates,
    turn,
    mask: mask.data,
    particles: positions.map(({ count, ...rest }, index) => {
      const sum = tensors.get(`${index}/sum`);
      return {
        position: { ...rest, average: sum ? new RunningAverage({ sums: vector(sum, 'F64'), count }) : null },
        weights: vector(tensors.get(`${index}/weights`), 'F32'),
        velocity: vector(tensors.get(`${index}/velocity`), 'F32'),
      };
    }),
  };
}

export function saveGroup({ updates, turn, mask, particles }: GroupState, partial: Partial): void {
  const tensors = new Map<string, Tensor>([['mask', { dtype: 'U8', shape: [mask.length], data: mask }]]);
  const positions = particles.map(({ position, weights, velocity }, index): SavedPosition => {
    const { average, ...rest } = position;
    for (const [name, data] of Object.entries({ weights, velocity }))
      tensors.set(`${index}/${name}`, { dtype: 'F32', shape: [data.length], data });
    if (average)
      tensors.set(`${index}/sum`, { dtype: 'F64', shape: [average.sums.length], data: average.sums });
    return { ...rest, count: average?.count ?? 0 };
  });
  const saved: Saved = { updates, turn, positions };
  partial.save(tensors, { group: JSON.stringify(saved) });
}

/** Weights that are zero where the mask prunes; the given ones stay as they are. */
export function masked(weights: Float32Array, mask: Mask): Float32Array {
  const copy = weights.slice();
  applyMask(copy, mask);
  return copy;
}

/** How each epoch went, as the mean over the particles. */
export function meanSeries(particles: readonly Particle[]): Series {
  const all = particles.map(({ position }) => position.series);
  const [first] = all;
  if (!first) throw new Error('a group has a particle');
  const mean = (of: (series: Position['series']) => readonly number[]): number[] =>
    first.iteration.map(
      (_, epoch) => all.reduce((sum, each) => sum + (of(each)[epoch] ?? NaN), 0) / all.length,
    );
  return {
    iteration: first.iteration,
    loss: mean(({ loss }) => loss),
    accuracy: mean(({ accuracy }) => accuracy),
    learningRate: first.learningRate,
  };
}
