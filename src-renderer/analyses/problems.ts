import type { DraftProblem } from '../../src-main/contract/api/plans.ts';
import { told } from '../lib/errors.ts';

/** What is wrong with a request: beside the options it is about, and what is about none. */
export interface RequestProblems {
  readonly fields: readonly DraftProblem[];
  readonly rest: unknown;
}

/** `analysis.points: Too big (given: 9000)`, `points: must be odd` */
const ABOUT = /^((?:analysis\.)?[A-Za-z][\w-]*(?:\.[\w-]+)*): (.+)$/;

/** A refusal by its parts: what names an option goes beside it. @param options keys of the kind's options */
export function problemsOf(error: unknown, options: readonly string[]): RequestProblems {
  if (error === null) return { fields: [], rest: null };
  const { message, hint } = told(error);
  const parts = message.split('; ');
  const fields = parts.map((part): DraftProblem | null => {
    const [, path = '', words = ''] = ABOUT.exec(part) ?? [];
    if (path === '') return null;
    const keys = path.replace(/^analysis\./, '').split('.');
    if (!options.includes(keys[0] ?? '')) return null;
    return {
      path: ['analysis', ...keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key))],
      // What the schema refuses says enough by itself.
      message: [words, path.startsWith('analysis.') ? '' : hint].filter((text) => text !== '').join('. '),
      hint: '',
    };
  });
  const known = fields.filter((each) => each !== null);
  return known.length === fields.length ? { fields: known, rest: null } : { fields: [], rest: error };
}
