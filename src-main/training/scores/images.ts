import { setImmediate } from 'node:timers/promises';
import { crashPoint } from '../../checkpoint/crash.ts';
import type { FeedValues, Program } from '../../engine/program.ts';
import { shuffle, streamFor } from '../../random/random.ts';
import { Stopped } from '../context.ts';
import { gather } from '../evaluation.ts';
import type { ImageOptions } from './options.ts';
import type { ScoreInputs } from './score.ts';

/**
 * Images in an order in which the classes take turns, so that a part of them is about as balanced as the whole.
 * @param order images in the order of a draw
 * @returns of each class the first `perClass`, or as many as there are
 */
export function takeTurns(
  order: Int32Array,
  labels: Uint8Array,
  classes: number,
  perClass: number,
): Int32Array {
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (const image of order) {
    const own = byClass[labels[image] as number];
    if (own && own.length < perClass) own.push(image);
  }
  const turns = Array.from({ length: perClass }, (_, turn) =>
    byClass.flatMap((own) => (turn < own.length ? [own[turn] as number] : [])),
  );
  return Int32Array.from(turns.flat());
}

/**
 * Divides into as few equal parts as there may be of `most` each. What is left over, one or two for each part, is left
 * out: a program takes every part in one shape, and of an even number (flow.ts says why).
 */
export function equalParts(images: Int32Array, most: number): Int32Array[] {
  const parts = Math.ceil(images.length / most);
  const share = Math.floor(images.length / parts);
  const size = share > 1 ? share - (share % 2) : share;
  return Array.from({ length: parts }, (_, part) => images.subarray(part * size, (part + 1) * size));
}

/** Images of the stream `seed/score/member`, as they are fed to programs step by step. */
export function scoringFeeds(
  { spec, prepared }: ScoreInputs,
  { perClass, batch }: ImageOptions,
): FeedValues[] {
  const { dataset, split, network } = prepared;
  const { images, labels } = dataset.train;
  const order = split.train.slice();
  shuffle(streamFor({ seed: spec.seed, purpose: 'score', member: spec.member }), order);
  const pixels = dataset.shape.reduce((product, side) => product * side, 1);
  return equalParts(takeTurns(order, labels, network.classes, perClass), batch).map((indices) => {
    const data = new Uint8Array(indices.length * pixels);
    gather(images, pixels, indices, data);
    return {
      images: { shape: [indices.length, ...dataset.shape], data },
      labels: { shape: [indices.length], data: Int32Array.from(indices, (index) => labels[index] as number) },
    };
  });
}

/** Tells how far a score is, and lets the worker listen. @throws Stopped where the user asked to stop. */
export async function pause({ context }: ScoreInputs, iteration: number, iterations: number): Promise<void> {
  context.progress({ iteration, iterations });
  crashPoint('score');
  await setImmediate();
  if (context.stopRequested()) throw new Stopped();
}

/** Mean over the feeds of what a program adds to one of its states. */
export async function meanOver(
  inputs: ScoreInputs,
  program: Program,
  state: string,
  feeds: readonly FeedValues[],
  done: number,
  total: number,
): Promise<Float32Array> {
  program.write(state, new Float32Array(inputs.weights.length));
  for (const [index, feed] of feeds.entries()) {
    program.run(feed);
    await pause(inputs, done + index + 1, total);
  }
  return program.read(state).map((sum) => sum / feeds.length);
}
