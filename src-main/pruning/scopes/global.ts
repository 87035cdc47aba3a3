import { z } from 'zod';
import { pruneGlobally } from '../global.ts';
import type { Scope } from './scope.ts';

const Global = z.strictObject({ kind: z.literal('global') });

/** Scores of all layers are compared with each other (method.md, round r of SWAMP, step 6). */
export const global: Scope<z.infer<typeof Global>> = {
  kind: 'global',
  title: 'Global: the weakest weights of the whole network go',
  schema: Global,
  choose: (_options, { scores, mask, layout, alive }) => pruneGlobally(scores, mask, layout, alive),
};
