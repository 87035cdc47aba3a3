import { createHash } from 'node:crypto';
import type { JobKey } from '../contract/ids.ts';
import type { JobInput, JobKind, JobSpec } from '../contract/job.ts';

/**
 * Version of each job kind's numerics. Raise one when the same spec and inputs give other bits than before:
 * results under the old number are then no longer taken, and neither is what was built on them.
 */
export const NUMERICS: Readonly<Record<JobKind, number>> = {
  'train-ticket': 1,
  'train-particle': 1,
  average: 1,
  prune: 1,
  evaluate: 1,
  'evaluate-ensemble': 1,
};

/**
 * Fields left out of a key where they have the value at which a job does what it did before the field existed.
 * A new field joins this table with that value, and no old key changes. Never remove or alter an entry: keys
 * of stored results depend on it. (A value that means "off", not whatever the schema's default happens to be:
 * defaults may change, the meaning of off does not.)
 */
const NEUTRAL: readonly (readonly [path: string, value: unknown])[] = [
  ['recipe.warmup', 0],
  ['recipe.optimizer.nesterov', false],
  ['recipe.augment.flip', false],
  ['recipe.augment.crop', 0],
];

/**
 * Fields of a spec that its result does not depend on. `task.pruneClassifier`: what it decides about masks is
 * in the key of the job that made the mask.
 */
const IRRELEVANT: readonly string[] = ['task.pruneClassifier'];

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** JSON with sorted keys and without undefined fields: one text for one value. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${value} has no place in a key`);
    return Object.is(value, -0) ? 0 : value;
  }
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, field]) => [key, sorted(field)]),
    );
  }
  throw new Error(`a ${typeof value} has no place in a key`);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The spec without what does not belong in a key. An object emptied by that goes too. */
function derivation(spec: JobSpec): Record<string, unknown> {
  const copy = structuredClone(spec) as Record<string, unknown>;
  for (const path of IRRELEVANT) drop(copy, path.split('.'), () => true);
  for (const [path, neutral] of NEUTRAL) {
    drop(copy, path.split('.'), (value) => canonical(value) === canonical(neutral));
  }
  return copy;
}

function drop(
  fields: Record<string, unknown>,
  path: readonly string[],
  when: (value: unknown) => boolean,
): void {
  const [head, ...rest] = path;
  if (head === undefined || !(head in fields)) return;
  const value = fields[head];
  if (rest.length === 0) {
    if (value === undefined || when(value)) delete fields[head];
  } else if (isFields(value)) {
    drop(value, rest, when);
    if (Object.keys(value).length === 0) delete fields[head];
  }
}

/**
 * Derivation key of a job (method.md, Seeds and stored work): SHA-256 over the numerics version of its kind,
 * its normalised spec and, in order, the keys and output names of the jobs it takes as inputs.
 */
export function jobKey(spec: JobSpec, inputs: readonly JobInput[]): JobKey {
  const text = canonical({
    numerics: NUMERICS[spec.kind],
    spec: derivation(spec),
    inputs: inputs.map(({ name, job, output }) => ({ name, key: job, output })),
  });
  return createHash('sha256').update(text).digest('hex') as JobKey;
}
