import { layOut, type Layout } from '../contract/parameters.ts';
import type { Prunable } from '../contract/prunable.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { choose, registry } from '../contract/registry.ts';
import { Describer, type Layers, type ModelDescription } from './layers.ts';
import { lenet } from './lenet.ts';
import type { ModelDefinition } from './model.ts';
import { resnet } from './resnet.ts';

/** Every model by kind: a new one is a file in this folder and an entry here. */
export const models = registry<ModelDefinition>(lenet, resnet);

/** A model with its options. */
export interface Model {
  readonly title: string;
  /** Logits [batch, classes] of normalised images [batch, height, width, channels]. */
  forward<T>(net: Layers<T>, images: T, classes: number): T;
}

/**
 * A model with its options.
 * @throws ConfigError on an unknown kind or wrong options.
 */
export function openModel(spec: NamedSpec): Model {
  const { entry, options } = choose(models, spec, 'model');
  return {
    title: entry.title(options),
    forward: (net, images, classes) => entry.forward(net, images, options, classes),
  };
}

/**
 * Parameters, statistics and FLOPs of a model, without running it.
 * @param shape height, width and channels of the images
 */
export function describeModel(spec: NamedSpec, shape: readonly number[], classes: number): ModelDescription {
  const describer = new Describer();
  openModel(spec).forward<readonly number[]>(describer, shape, classes);
  return describer.description();
}

/** The flat layout of a model's parameters. */
export function modelLayout(
  spec: NamedSpec,
  shape: readonly number[],
  classes: number,
  pruneClassifier: boolean,
  prunable?: Prunable,
): Layout {
  return layOut(describeModel(spec, shape, classes).parameters, pruneClassifier, prunable);
}
