import type { Tensor, TensorMetadata, Tensors } from '../checkpoint/tensor.ts';
import type { Layout } from '../contract/parameters.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Images } from './evaluation.ts';
import type { Partial } from './context.ts';
import type { TrainingContext } from './loop.ts';
import type { NetworkTask } from './programs.ts';
import { describeModel, modelLayout, openModel } from '../models/registry.ts';

// Small networks on small images for tests.

/** Numbers in [0, 1) that look random and are the same everywhere (xorshift32). */
export function pseudoRandom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function randomImages(count: number, shape: Images['shape'], classes: number, seed = 1) {
  const random = pseudoRandom(seed);
  const images = new Uint8Array(count * shape[0] * shape[1] * shape[2]).map(() => Math.floor(random() * 256));
  const labels = new Uint8Array(count).map(() => Math.floor(random() * classes));
  return { images, labels, shape };
}

export function networkTask(spec: NamedSpec, shape: Images['shape'], classes: number): NetworkTask {
  const channels = Array.from({ length: shape[2] }, (_, channel) => channel);
  return {
    model: openModel(spec),
    description: describeModel(spec, shape, classes),
    layout: modelLayout(spec, shape, classes, false),
    classes,
    normalisation: {
      mean: channels.map((channel) => 0.4 + 0.1 * channel),
      deviation: channels.map((channel) => 0.25 + 0.05 * channel),
    },
  };
}

/** Weights of any size for every parameter; scales lie around 1. */
export function randomWeights({ parameters, total }: Layout, seed = 1): Float32Array {
  const random = pseudoRandom(seed);
  const weights = new Float32Array(total);
  for (const { role, offset, size } of parameters)
    for (let at = offset; at < offset + size; at++)
      weights[at] = (random() - 0.5) * 0.8 + (role === 'scale' ? 1 : 0);
  return weights;
}

/** About half of the prunable weights. */
export function randomMask({ parameters, total }: Layout, seed = 1): Uint8Array {
  const random = pseudoRandom(seed);
  const mask = new Uint8Array(total).fill(1);
  for (const { prunable, offset, size } of parameters)
    for (let at = offset; at < offset + size; at++) if (prunable && random() < 0.5) mask[at] = 0;
  return mask;
}

/** A checkpoint in memory, copied as a file is. */
export class MemoryPartial implements Partial {
  saves = 0;
  #saved: { readonly tensors: Map<string, Tensor>; readonly metadata: TensorMetadata } | null = null;

  load() {
    return this.#saved;
  }

  save(tensors: Tensors, metadata: TensorMetadata): void {
    this.saves++;
    const copies = [...tensors].map(([name, tensor]) => [name, structuredClone(tensor)] as const);
    this.#saved = { tensors: new Map(copies), metadata: { ...metadata } };
  }

  remove(): void {
    this.#saved = null;
  }
}

/** A context in which nobody asks to stop. */
export function undisturbed(): TrainingContext {
  return { partial: new MemoryPartial(), progress: () => undefined, stopRequested: () => false };
}

/** The bits of floats, so that −0 is not +0. */
export function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
