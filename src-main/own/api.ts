import type { z } from 'zod';
import type { Dataset, DatasetDefinition, ImageSet, LoadWatch } from '../datasets/dataset.ts';
import type { ModelDefaults } from '../models/model.ts';
import type { Layers } from '../models/layers.ts';
import type { ScoreInputs } from '../pruning/criteria/criterion.ts';

/**
 * What `swamp-studio` is to a user's own file (docs/extending.md): the types of what it exports, and functions that
 * give a definition those types. A file that imports nothing from here works as well.
 */

export { DataError } from '../contract/errors.ts';
export { sharedBytes } from '../datasets/assemble.ts';
export type { Layers, ImageSet, ModelDefaults, ScoreInputs };
export type { Layout, PlacedParameter } from '../contract/parameters.ts';

/** Options by their defaults, or by a schema with `kind: z.literal(…)`; one of them, or neither. */
interface OptionsOf<Options> {
  /** The default of each option: numbers, text, true, false, or lists of these. */
  readonly options?: Options;
  /** For ranges and refinements. */
  readonly schema?: z.ZodType<Options & { kind: string }>;
}

/** Default export of a model file. */
export interface OwnModel<Options extends object = object> extends OptionsOf<Options> {
  /** Its name in tables and files; not one of the program's. */
  readonly kind: string;
  /** For people; by default the kind. */
  readonly title?: string | ((options: Options) => string);
  /** Recipe, ticket and SWA phase; what is left out the experiment file must give. */
  readonly defaults?: Partial<Omit<ModelDefaults, 'recipe'>> & {
    readonly recipe?: Partial<ModelDefaults['recipe']>;
  };
  /** Logits [batch, classes] of normalised images [batch, height, width, channels]. */
  forward<T>(net: Layers<T>, images: T, options: Options, classes: number): T;
}

/** What a data set file loads: everything a data set is but its digest, and its normalisation where it has its own. */
export type OwnImages = Pick<Dataset, 'shape' | 'classes' | 'train' | 'test'> &
  Partial<Pick<Dataset, 'title' | 'division' | 'normalisation'>>;

/** Default export of a data set file. */
export interface OwnDataset<Options extends object = object> extends OptionsOf<Options> {
  readonly kind: string;
  /** For people; by default the kind. */
  readonly title?: string;
  /** Options that say where files are: made absolute, and part of no key. */
  readonly location?: DatasetDefinition['location'];
  load(options: Options, watch: LoadWatch): OwnImages | Promise<OwnImages>;
}

/** Default export of a criterion file. */
export interface OwnCriterion<Options extends object = object> extends OptionsOf<Options> {
  readonly kind: string;
  /** For people; by default the kind. */
  readonly title?: string;
  /** One score for each element of the layout, no NaN: the weights with the largest stay. */
  score(options: Options, inputs: ScoreInputs): Float32Array;
}

/** Gives a model its types. */
export const defineModel = <Options extends object>(model: OwnModel<Options>): OwnModel<Options> => model;

/** Gives a data set its types. */
export const defineDataset = <Options extends object>(dataset: OwnDataset<Options>): OwnDataset<Options> =>
  dataset;

/** Gives a criterion its types. */
export const defineCriterion = <Options extends object>(
  criterion: OwnCriterion<Options>,
): OwnCriterion<Options> => criterion;
