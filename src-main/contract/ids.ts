declare const brand: unique symbol;

/** SHA-256 of some bytes, 64 lower-case hex digits. Names an object in the library. */
export type Digest = string & { readonly [brand]: 'Digest' };

/** Derivation key of a job: SHA-256 of how its result is derived, 64 hex digits. */
export type JobKey = string & { readonly [brand]: 'JobKey' };

/** Experiment id, `<name>-<4..8 hex>`, unique in a library. */
export type ExperimentId = string & { readonly [brand]: 'ExperimentId' };

/** Run id, `<experiment>/<arm slug>/<seed>`, for example `demo-3f9a/swamp-4/1`. */
export type RunId = string & { readonly [brand]: 'RunId' };
