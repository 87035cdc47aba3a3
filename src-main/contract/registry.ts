import type { z } from 'zod';
import { ConfigError } from './errors.ts';
import type { NamedSpec } from './recipe.ts';

/** What an entry of any registry (criteria, schedules, data sets, …) has. */
export interface Registered<Options extends { kind: string } = { kind: string }> {
  readonly kind: string;
  /** For people, a few words. */
  readonly title: string;
  readonly schema: z.ZodType<Options>;
}

/** A registry: entries by kind, in the order in which they are listed. */
export function registry<Entry extends Registered>(...entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.kind, entry]));
}

/**
 * Finds a spec's entry and checks its options.
 * @param path Where the spec stands in the configuration, for example `prune.criterion`.
 * @returns The entry and the options with defaults filled in, to be given to that entry's methods only.
 * @throws ConfigError that lists the known kinds, or names each option that is wrong and its value.
 */
export function choose<Entry extends Registered>(
  entries: ReadonlyMap<string, Entry>,
  spec: NamedSpec,
  path: string,
): { readonly entry: Entry; readonly options: { kind: string } } {
  const entry = entries.get(spec.kind);
  if (entry === undefined)
    throw new ConfigError(
      `${path}.kind: there is no '${spec.kind}'`,
      `Known kinds: ${[...entries.keys()].join(', ')}.`,
    );
  const parsed = entry.schema.safeParse(spec);
  if (parsed.success) return { entry, options: parsed.data };
  const issues = parsed.error.issues.map((issue) => {
    const where = [path, ...issue.path.map(String)].join('.');
    const value = valueAt(spec, issue.path);
    return `${where}: ${issue.message}${value === undefined ? '' : ` (given: ${JSON.stringify(value)})`}`;
  });
  throw new ConfigError(issues.join('; '), `Correct the options of ${path} '${spec.kind}'.`);
}

function valueAt(spec: unknown, path: readonly PropertyKey[]): unknown {
  let value = spec;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value === spec ? undefined : value;
}
