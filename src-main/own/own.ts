import { isAbsolute, resolve } from 'node:path';
import { ConfigError } from '../contract/errors.ts';
import { ownOf, type OwnSource, type OwnThing } from '../contract/own.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import type { DatasetDefinition } from '../datasets/dataset.ts';
import { datasets } from '../datasets/registry.ts';
import type { ModelDefinition } from '../models/model.ts';
import { models } from '../models/registry.ts';
import type { Criterion } from '../pruning/criteria/criterion.ts';
import { criteria } from '../pruning/criteria/registry.ts';
import { ownCriterion } from './criteria.ts';
import { ownDataset } from './datasets.ts';
import { loadCode, type LoadedCode } from './load.ts';
import { ownModel } from './models.ts';
import { checkName, digestNow, isOwnPath, verifyCode } from './source.ts';

/** The definitions that users' files gave, by digest of the code: an edited file makes another. */
class OwnDefinitions<Entry> {
  readonly #thing: OwnThing;
  readonly #make: (code: LoadedCode) => Entry;
  readonly #byDigest = new Map<string, Entry>();
  readonly #byFile = new Map<string, Pick<OwnSource, 'file' | 'digest' | 'imports'>>();

  constructor(thing: OwnThing, make: (code: LoadedCode) => Entry) {
    this.#thing = thing;
    this.#make = make;
  }

  /** A file as it is now. */
  load(file: string): { entry: Entry; source: Pick<OwnSource, 'file' | 'digest' | 'imports'> } {
    const known = this.#byFile.get(file);
    const same = known && this.#byDigest.get(known.digest);
    if (known && same && digestNow(this.#thing, known) === known.digest)
      return { entry: same, source: known };
    checkName(this.#thing, file);
    const code = loadCode(this.#thing, file);
    const entry = this.#make(code);
    const source = { file, digest: code.digest, imports: [...code.imports] };
    this.#byDigest.set(code.digest, entry);
    this.#byFile.set(file, source);
    return { entry, source };
  }

  /**
   * What an experiment was planned with.
   * @throws ConfigError where the file is not what it was; nothing of it runs then.
   */
  open(own: OwnSource): Entry {
    const found = this.#byDigest.get(own.digest);
    if (found !== undefined) return found;
    verifyCode(this.#thing, own);
    const { entry, source } = this.load(own.file);
    if (source.digest === own.digest) return entry;
    // Other files are imported than were written down.
    throw new ConfigError(
      `${this.#thing}: ${own.file} changed while it was read`,
      'Try again when nothing writes to it.',
    );
  }
}

const own = {
  model: new OwnDefinitions<ModelDefinition>('model', ownModel),
  dataset: new OwnDefinitions<DatasetDefinition>('dataset', ownDataset),
  criterion: new OwnDefinitions<Criterion>('criterion', ownCriterion),
};

// Wherever this module is loaded, the registries know what users' files define.
models.openOwnWith((source) => own.model.open(source));
datasets.openOwnWith((source) => own.dataset.open(source));
criteria.openOwnWith((source) => own.criterion.open(source));

/** A user's definition that a choice names, and where it comes from. */
export interface OwnChoice {
  readonly entry: ModelDefinition | DatasetDefinition | Criterion;
  readonly source: Omit<OwnSource, 'title'>;
}

/**
 * Loads the file that a choice names: by its path as `kind`, or as a stored choice does, by `own`.
 * @param folder what a relative path starts from
 * @returns `null` where the choice names a definition of the program's
 * @throws ConfigError pointing into the file
 */
export function readOwn(thing: OwnThing, spec: NamedSpec, folder: string): OwnChoice | null {
  if (isOwnPath(spec.kind)) return ownChoice(thing, resolve(folder, spec.kind));
  const source = ownOf(spec);
  if (source === null) return null;
  verifyCode(thing, source);
  const choice = ownChoice(thing, source.file);
  if (choice.entry.kind === spec.kind) return choice;
  throw new ConfigError(
    `${thing}.kind: ${spec.kind} is not what ${source.file} defines, which is ${choice.entry.kind}`,
    `To take another ${thing}, give it whole: --set '${thing}={"kind":"${spec.kind}"}'.`,
  );
}

function ownChoice(thing: OwnThing, file: string): OwnChoice {
  const { entry, source } = own[thing].load(file);
  const { location } = entry as Partial<DatasetDefinition>;
  return { entry, source: { ...source, ...(location ? { location: [...location] } : {}) } };
}

const THINGS: readonly OwnThing[] = ['model', 'dataset', 'criterion'];

/**
 * Whether the code that an experiment was planned with is still there, unchanged; runs nothing.
 * @throws ConfigError
 */
export function verifyOwn(config: Readonly<Record<OwnThing, NamedSpec>>): void {
  for (const thing of THINGS) {
    const source = ownOf(config[thing]);
    if (source !== null) verifyCode(thing, source);
  }
}

/** Files of the user's own that a configuration runs. */
export function ownFiles(config: Readonly<Record<OwnThing, NamedSpec>>): string[] {
  return [...new Set(THINGS.flatMap((thing) => ownOf(config[thing])?.file ?? []))];
}

/** The configuration as written, with paths of users' files absolute; lists are choices of a sweep. */
export function absoluteOwn(raw: unknown, folder: string): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const fields: Record<string, unknown> = { ...raw };
  const absolute = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(absolute);
    if (typeof value === 'string') {
      return isOwnPath(value) && !isAbsolute(value) ? resolve(folder, value) : value;
    }
    const named = typeof value === 'object' && value !== null && 'kind' in value;
    return named ? { ...value, kind: absolute(value.kind) } : value;
  };
  for (const thing of THINGS) if (thing in fields) fields[thing] = absolute(fields[thing]);
  return fields;
}
