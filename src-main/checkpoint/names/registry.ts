import type { Naming } from './naming.ts';
import { pytorch } from './pytorch.ts';
import { swamp } from './swamp.ts';

/** Every naming by kind: a new one is a file in this folder and an entry here. */
export const namings: ReadonlyMap<string, Naming> = new Map(
  [swamp, pytorch].map((naming) => [naming.kind, naming]),
);

/** In place of a kind: the one whose names are in the file. */
export const AUTO = 'auto';
