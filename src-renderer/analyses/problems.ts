import type { DraftProblem } from '../../src-main/contract/api/plans.ts';
import { told } from '../lib/errors.ts';

/** What is wrong with a request: beside the options it is about, and what is about none. */
export interface RequestProblems {
  readonly fields: readonly DraftProblem[];
  readonly rest: unknown;
}

/** `analysis.points: Too big (given: 9000)` */
const ABOUT = /^(analysis(?:\.[A-Za-z0-9_-]+)+): (.+)$/;

/** A refusal by its parts: what names an option goes beside it. */
export function problemsOf(error: unknown): RequestProblems {
  if (error === null) return { fields: [], rest: null };
  const { message } = told(error);
  const fields = message.split('; ').map((part): DraftProblem | null => {
    const [, path = '', words = ''] = ABOUT.exec(part) ?? [];
    if (path === '') return null;
    const keys = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    return { path: keys, message: words, hint: '' };
  });
  const known = fields.filter((each) => each !== null);
  return known.length === fields.length ? { fields: known, rest: null } : { fields: [], rest: error };
}
