import type { z } from 'zod';
import { ConfigError } from './errors.ts';
import { ownOf, type OwnSource } from './own.ts';
import type { NamedSpec } from './recipe.ts';

/** What an entry of any registry (models, criteria, schedules, data sets, …) has. */
export interface Choice<Options extends { kind: string } = { kind: string }> {
  readonly kind: string;
  readonly schema: z.ZodType<Options>;
}

/** An entry whose title does not depend on its options. */
export interface Registered<Options extends { kind: string } = { kind: string }> extends Choice<Options> {
  /** For people, a few words. */
  readonly title: string;
}

/** Entries by kind, in the order in which they are listed, and what users' own files define beside them. */
export class Registry<Entry extends Choice> extends Map<string, Entry> {
  #openOwn: ((own: OwnSource) => Entry) | null = null;

  /** Says how an entry is had from a user's file; the room own/ does. */
  openOwnWith(open: (own: OwnSource) => Entry): void {
    this.#openOwn = open;
  }

  /**
   * The entry that a spec names; `undefined` where there is none of its kind.
   * @throws ConfigError where a file of the user's own is gone or is not what it was.
   */
  find(spec: NamedSpec): Entry | undefined {
    const own = ownOf(spec);
    if (own === null) return this.get(spec.kind);
    if (this.#openOwn === null) throw new Error(`${own.file}: this registry takes no files`);
    return this.#openOwn(own);
  }
}

/** A registry of these entries. */
export function registry<Entry extends Choice>(...entries: readonly Entry[]): Registry<Entry> {
  return new Registry(entries.map((entry) => [entry.kind, entry]));
}

/**
 * Finds a spec's entry and checks its options.
 * @param path Where the spec stands in the configuration, for example `prune.criterion`.
 * @returns The entry and the options with defaults filled in, to be given to that entry's methods only.
 * @throws ConfigError that lists the known kinds, or names each option that is wrong and its value.
 */
export function choose<Entry extends Choice>(
  entries: Registry<Entry>,
  spec: NamedSpec,
  path: string,
): { readonly entry: Entry; readonly options: { kind: string } } {
  const entry = entries.find(spec);
  if (entry === undefined)
    throw new ConfigError(
      `${path}.kind: there is no '${spec.kind}'`,
      `Known kinds: ${[...entries.keys()].join(', ')}.`,
    );
  const { own: _own, ...options } = spec;
  const parsed = entry.schema.safeParse(options);
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
