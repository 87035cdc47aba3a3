import { ConfigError } from '../contract/errors.ts';
import { layOut, type Layout } from '../contract/parameters.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { Describer, type Layers, type ModelDescription } from './layers.ts';
import { lenet } from './lenet.ts';
import type { ModelDefaults, ModelDefinition } from './model.ts';
import { resnet } from './resnet.ts';

/** A definition with its options' type closed over, so that models of different options fit one table. */
interface Entry {
  readonly kind: string;
  readonly schema: ModelDefinition['schema'];
  readonly defaults: ModelDefaults;
  open(spec: NamedSpec): Model;
}

/** A model with its options. */
export interface Model {
  readonly title: string;
  forward<T>(net: Layers<T>, images: T, classes: number): T;
}

function entry<Options extends { kind: string }>(definition: ModelDefinition<Options>): Entry {
  return {
    kind: definition.kind,
    schema: definition.schema,
    defaults: definition.defaults,
    open(spec) {
      const options = definition.schema.parse(spec);
      return {
        title: definition.title(options),
        forward: (net, images, classes) => definition.forward(net, images, options, classes),
      };
    },
  };
}

/** Every model by kind: a new one is a file in this folder and a line here. */
export const models: ReadonlyMap<string, Entry> = new Map(
  [entry(lenet), entry(resnet)].map((model) => [model.kind, model]),
);

/** @throws ConfigError where the kind is unknown. */
export function findModel(kind: string): Entry {
  const found = models.get(kind);
  if (found) return found;
  throw new ConfigError(
    `model.kind: there is no model "${kind}"`,
    `Known models: ${[...models.keys()].join(', ')}.`,
  );
}

/** A model with its options; `spec` is validated. */
export function openModel(spec: NamedSpec): Model {
  return findModel(spec.kind).open(spec);
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
): Layout {
  return layOut(describeModel(spec, shape, classes).parameters, pruneClassifier);
}
