import type { DraftProblem } from '../contract/api/plans.ts';
import { SwampError } from '../contract/errors.ts';
import { ExperimentConfig } from '../contract/experiment.ts';

const KEYS = Object.keys(ExperimentConfig.shape);

/** `recipe.batch: …`, `arms[1].particles: …`, `dataset.path /data: …`: how messages about a setting begin. */
const PLACE = /^([A-Za-z]+)((?:\.[A-Za-z]\w*|\[\d+\])*)(:)? /;

/**
 * An error as a problem beside the field it is about, which its message names first.
 * @param field what it is about where the message names nothing.
 * @throws the error where it is no refusal but a fault.
 */
export function problemOf(error: unknown, field: DraftProblem['path'] = []): DraftProblem {
  if (!(error instanceof SwampError)) throw error;
  const { message, hint } = error;
  const [whole = '', key = '', rest = '', colon] = PLACE.exec(message) ?? [];
  if (!KEYS.includes(key) || (rest === '' && colon === undefined)) return { path: field, message, hint };
  return { path: [key, ...partsOf(rest)], message: message.slice(whole.length), hint };
}

function partsOf(rest: string): (string | number)[] {
  return [...rest.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
}

/** The place of a problem as it crosses to a window. */
export function plainPath(path: readonly PropertyKey[]): DraftProblem['path'] {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}
