import type { Digest, ExperimentId } from '../../contract/ids.ts';

// Names of the entries of a run file.

export const documentEntry = (id: ExperimentId): string => `experiments/${id}.json`;
export const seriesEntry = (id: ExperimentId): string => `experiments/${id}.series`;
export const objectEntry = (digest: Digest): string => `objects/${digest}.safetensors`;
/** Its first group is the digest. */
export const OBJECT_ENTRY = /^objects\/([0-9a-f]{64})\.safetensors$/;
