import { createHash } from 'node:crypto';
import type { JobKey } from '../contract/ids.ts';
import type { JobInput, JobKind, JobSpec } from '../contract/job.ts';

/**
 * Version of each job kind's numerics. Raise one when the same spec and inputs give other bits than before:
 * results under the old number are then no longer taken, and neither is what was built on them.
 */
export const NUMERICS: Readonly<Record<JobKind, number>> = {
  import: 1,
  'train-ticket': 1,
  'train-particle': 1,
  'train-group': 1,
  average: 1,
  prune: 1,
  score: 1,
  evaluate: 1,
  'evaluate-ensemble': 1,
  soup: 1,
  pool: 1,
  measure: 1,
  connectivity: 1,
  surface: 1,
  'hessian-trace': 1,
  'hessian-eigenvalues': 1,
  overlap: 1,
  size: 1,
  // 2: with no job beside it, and short predictions several times a repetition.
  latency: 2,
  robustness: 1,
  calibration: 1,
};

/**
 * Fields left out of a key where they have the value at which a job does what it did before the field existed.
 * A new field joins this table with that value, and no old key changes. Never remove or alter an entry: keys
 * of stored results depend on it. (A value that means "off", not whatever the schema's default happens to be:
 * defaults may change, the meaning of off does not.)
 */
const NEUTRAL: readonly (readonly [path: readonly string[], value: boolean | number | string | null])[] = [
  [['recipe', 'warmup'], 0],
  [['recipe', 'optimizer', 'nesterov'], false],
  [['recipe', 'augment', 'flip'], false],
  [['recipe', 'augment', 'crop'], 0],
  [['recipe', 'augment', 'cutout'], 0],
  [['recipe', 'labelSmoothing'], 0],
  [['recipe', 'mixup'], 0],
  [['recipe', 'accumulate'], 1],
  [['recipe', 'optimizer', 'sharpness'], 0],
  [['prunable', 'convolutions'], true],
  [['prunable', 'dense'], true],
  [['prunable', 'embeddings'], false],
];

/** Where a spec may name a definition from a user's file, and what of that tells no results apart: all but the digest. */
const OWN: readonly (readonly string[])[] = [
  ['task', 'model'],
  ['task', 'dataset'],
  ['model'],
  ['criterion'],
];
const OWN_PLACE = ['file', 'imports', 'title', 'location'];

/**
 * Fields of a spec that its result does not depend on. `task.pruneClassifier`, `task.prunable`: what they decide about
 * masks is in the key of the job that made the mask.
 */
const IRRELEVANT: readonly (readonly string[])[] = [
  ['task', 'pruneClassifier'],
  ['task', 'prunable'],
  ...OWN.flatMap((choice) => OWN_PLACE.map((field) => [...choice, 'own', field])),
];

/**
 * JSON with sorted keys and without undefined fields: one text for one value.
 * @throws Error on what JSON has no text for, NaN and infinities included
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${value} has no place in a key`);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (isFields(value)) {
    const known = texts.get(value);
    if (known !== undefined) return known;
    const fields = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
    return `{${fields.join()}}`;
  }
  throw new Error(`a ${typeof value} has no place in a key`);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const IN_TASK = IRRELEVANT.filter(([head]) => head === 'task');
const ELSEWHERE = IRRELEVANT.filter(([head]) => head !== 'task');

/** Tasks without what does not belong in a key, and their JSON: all jobs of a run have the same one. */
const tasks = new WeakMap<object, Record<string, unknown>>();
const texts = new WeakMap<object, string>();

function strippedTask(task: Record<string, unknown>): Record<string, unknown> {
  const known = tasks.get(task);
  if (known) return known;
  let fields: Record<string, unknown> = { task };
  for (const path of IN_TASK) fields = without(fields, path, () => true);
  const stripped = fields['task'] as Record<string, unknown>;
  tasks.set(task, stripped);
  texts.set(stripped, canonical(stripped));
  return stripped;
}

/** The spec without what does not belong in a key. */
function derivation(spec: JobSpec): Record<string, unknown> {
  const task = 'task' in spec ? { task: strippedTask(spec.task) } : {};
  let fields: Record<string, unknown> = { ...spec, ...task };
  for (const path of ELSEWHERE) fields = without(fields, path, () => true);
  for (const [path, neutral] of NEUTRAL) fields = without(fields, path, (value) => value === neutral);
  return fields;
}

/** The same fields but for the one at a path, where it is to go. An object emptied by that goes too. */
function without(
  fields: Record<string, unknown>,
  path: readonly string[],
  when: (value: unknown) => boolean,
): Record<string, unknown> {
  const [head = '', ...rest] = path;
  // Most paths lead nowhere in most specs: only then is anything copied.
  const value = fields[head];
  if (value === undefined || (rest.length === 0 && !when(value))) return fields;
  const { [head]: _gone, ...others } = fields;
  if (rest.length === 0) return others;
  if (!isFields(value)) return fields;
  const inner = without(value, rest, when);
  if (inner === value) return fields;
  return Object.keys(inner).length > 0 ? { ...fields, [head]: inner } : others;
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
