import type { ExperimentConfig } from '../contract/experiment.ts';
import type { NamedSpec } from '../contract/recipe.ts';
import { openArm } from './arms/registry.ts';
import { isRecord, show } from './problems.ts';

/** A setting that is not the same in all of some experiments. */
export interface DifferingSetting {
  /** Dotted, for example `recipe.optimizer.weightDecay`. */
  readonly path: string;
  /** One for each configuration, in their order; `undefined` where it has no such setting. */
  readonly values: readonly unknown[];
}

/**
 * What tells configurations apart, in the order of the experiment file. A list (arms, seeds, hidden layers, …) is one
 * value. Names are left out: they always differ and set nothing.
 */
export function settingsThatDiffer(configs: readonly ExperimentConfig[]): DifferingSetting[] {
  return differing(
    [],
    configs.map(({ name: _name, ...settings }) => settings),
  );
}

function differing(path: readonly string[], values: readonly unknown[]): DifferingSetting[] {
  if (values.every((value) => same(value, values[0]))) return [];
  const objects = values.filter((value) => value !== undefined);
  if (!objects.every(isRecord)) return [{ path: path.join('.'), values }];
  const keys = new Set(objects.flatMap((object) => Object.keys(object)));
  return [...keys].flatMap((key) =>
    differing(
      [...path, key],
      values.map((value) => (isRecord(value) ? value[key] : undefined)),
    ),
  );
}

/** Equal as JSON, whatever the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => same(each, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}

/** A value of such a setting for people: `0.05`, `resnet`, `imp, swamp(4)`; `–` where there is none. */
export function settingText(path: string, value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (path === 'arms') return (value as NamedSpec[]).map((arm) => openArm(arm).label).join(', ');
  return show(value);
}
