import { basename, resolve } from 'node:path';
import type { ExperimentConfig } from '../contract/experiment.ts';
import { ownOf, type OwnThing } from '../contract/own.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { Choice, Registry } from '../contract/registry.ts';
import { datasets } from '../datasets/registry.ts';
import type { ModelDefinition } from '../models/model.ts';
import { openModel } from '../models/registry.ts';
import { readOwn } from '../own/own.ts';
import { isRecord, type Problems } from './problems.ts';

/**
 * Reads a choice that may be a file of the user's own: `{ kind: "./my-model.ts", …options }`. The file is run; in its
 * place stands the kind that it defines, and as `own` where it lies and its digest.
 */
export function chooseOwnable(
  registry: Registry<Choice>,
  thing: OwnThing,
  raw: unknown,
  folder: string,
  problems: Problems,
): NamedSpec | undefined {
  const spec = typeof raw === 'string' ? { kind: raw } : raw;
  const named = isRecord(spec) && typeof spec['kind'] === 'string' ? (spec as NamedSpec) : null;
  const own = named && readOwn(thing, named, folder);
  if (!named || !own) return problems.choose(registry, thing, raw, [thing]);
  const { entry, source } = own;
  const { own: _before, ...options } = named;
  const read = problems.choose(new Map([[entry.kind, entry]]), thing, { ...options, kind: entry.kind }, [
    thing,
  ]);
  if (!read) return undefined;
  const title =
    thing === 'model' ? (entry as ModelDefinition).title(read) : String((entry as { title: unknown }).title);
  return { ...read, own: { ...source, title } };
}

/** Options of a data set that say where files are. */
export function locationOf(dataset: NamedSpec): readonly string[] {
  return ownOf(dataset)?.location ?? datasets.get(dataset.kind)?.location ?? [];
}

/** A data set with the paths of its files absolute. @param folder what relative ones start from */
export function withAbsoluteLocation(dataset: NamedSpec, folder: string): NamedSpec {
  const absolute = { ...dataset };
  for (const option of locationOf(dataset)) {
    const value = absolute[option];
    if (typeof value === 'string') absolute[option] = resolve(folder, value);
  }
  return absolute;
}

/** For people, for example `ResNet-20 (width 16)`. A stored one from a user's file is named without running it. */
export function modelTitle(model: NamedSpec): string {
  return ownOf(model)?.title ?? openModel(model).title;
}

/** Files of the user's own behind a configuration: `model my-model.ts (SHA-256 0123456789ab)`. */
export function ownText(config: Readonly<Pick<ExperimentConfig, OwnThing>>): string[] {
  return (['dataset', 'model', 'criterion'] as const).flatMap((thing) => {
    const own = ownOf(config[thing]);
    if (own === null) return [];
    const more = own.imports.length > 0 ? ` and ${own.imports.length} more` : '';
    return [`${thing} ${basename(own.file)}${more} (SHA-256 ${own.digest.slice(0, 12)})`];
  });
}
