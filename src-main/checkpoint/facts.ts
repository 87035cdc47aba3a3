import { CheckpointFacts } from '../contract/checkpoint.ts';
import { DataError } from '../contract/errors.ts';
import type { TensorMetadata } from './tensor.ts';

/** Where the facts stand in a file's metadata, as JSON. */
const KEY = 'swamp';

/** Metadata that says what the network is. */
export function factsMetadata(facts: CheckpointFacts): TensorMetadata {
  return { [KEY]: JSON.stringify(facts) };
}

/**
 * What a file says about its network; `null` where it says nothing: it is from elsewhere, or was exported before
 * files said it.
 * @param path For messages.
 * @throws DataError where what it says cannot be read.
 */
export function readFacts(metadata: TensorMetadata, path: string): CheckpointFacts | null {
  const text = metadata[KEY];
  if (text === undefined) return null;
  const damaged = (what: string): DataError =>
    new DataError(`the metadata of ${path} is damaged: ${what}`, 'Export the network again.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(`${KEY} is not JSON`);
  }
  const facts = CheckpointFacts.safeParse(value);
  if (facts.success) return facts.data;
  const [issue] = facts.error.issues;
  throw damaged(`${[KEY, ...(issue?.path.map(String) ?? [])].join('.')}: ${issue?.message ?? ''}`);
}
