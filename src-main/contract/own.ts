import { z } from 'zod';
import type { NamedSpec } from './recipe.ts';

/** What of an experiment can come from a file of the user's own. */
export type OwnThing = 'model' | 'dataset' | 'criterion';

/**
 * Stands as `own` in the spec of a choice that is defined in a file of the user's own. Keys hold the digest alone:
 * a file that is moved or renamed keeps its results, one that is edited gets new ones.
 */
export const OwnSource = z.strictObject({
  /** Absolute path. */
  file: z.string(),
  /** Digest of the file and of those it imports by relative path (own/source.ts). */
  digest: z.string(),
  /** Files it imports by relative path, and those in turn: relative to its folder, with `/`, sorted. */
  imports: z.array(z.string()),
  /** For people: the definition's title with its options. */
  title: z.string(),
  /** Data sets: options that say where files are. */
  location: z.array(z.string()).optional(),
});
export type OwnSource = z.infer<typeof OwnSource>;

/** Where a spec's definition comes from; `null`: it comes with the program. */
export function ownOf(spec: NamedSpec): OwnSource | null {
  const { own } = spec;
  return own === undefined ? null : OwnSource.parse(own);
}
