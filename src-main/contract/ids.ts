import { z } from 'zod';

declare const brand: unique symbol;

/** SHA-256 of some bytes, 64 lower-case hex digits. Names an object in the library. */
export type Digest = string & { readonly [brand]: 'Digest' };
export const Digest = named<Digest>();

/** Derivation key of a job: SHA-256 of how its result is derived, 64 hex digits. */
export type JobKey = string & { readonly [brand]: 'JobKey' };
export const JobKey = named<JobKey>();

/** Experiment id, `<name>-<4..8 hex>`, unique in a library. */
export type ExperimentId = string & { readonly [brand]: 'ExperimentId' };
export const ExperimentId = named<ExperimentId>();

/** Run id, `<experiment>/<arm slug>/<seed>`, for example `demo-3f9a/swamp-4/1`. */
export type RunId = string & { readonly [brand]: 'RunId' };
export const RunId = named<RunId>();

/** The schema of a name: a text like any other, for our types alone one of its own. */
function named<Name extends string>(): z.ZodType<Name, Name> {
  return z.string().min(1).max(300) as unknown as z.ZodType<Name, Name>;
}
