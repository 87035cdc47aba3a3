import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { Database } from './database.ts';
import type { Trash } from './rows.ts';

/** In the place of the time when it went to the trash: an experiment that is being written, and not to be seen yet. */
export const UNMADE = 0;

/** How many candidates an error names. */
const mostCandidates = 10;

interface Found {
  readonly id: string;
  readonly removed: number | null;
  /** Kind of analysis; of an experiment `null`. */
  readonly analysis?: string | null;
}

/** Experiments, runs and sweeps by their ids and the beginnings of them. Part of `Store`. */
export class Finder {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = statements(db);
  }

  number(id: ExperimentId): number {
    const number = this.#sql.number.get(id)?.number;
    if (number === undefined) throw this.none('experiment', id);
    return number;
  }

  runNumber(id: RunId): number {
    const number = this.#sql.runNumber.get(id)?.number;
    if (number === undefined) throw this.none('run', id);
    return number;
  }

  experiment(text: string, trash: Trash, analyses: 'without' | 'with'): ExperimentId {
    return this.#only('experiment', text, trash, analyses) as ExperimentId;
  }

  run(text: string, trash: Trash): RunId {
    return this.#only('run', text, trash, 'without') as RunId;
  }

  sweep(text: string): string | null {
    if (text === '') return null;
    const found = this.#sql.sweepsFrom.all(...range(text));
    const [first, ...others] = found;
    if (first === undefined || first.id === text) return first?.id ?? null;
    // The beginning of an experiment's id is that one's.
    if (this.#sql.experimentsFrom.all(...range(text)).some(({ removed }) => removed === null)) return null;
    if (others.length > 0) throw ambiguous('sweep', text, found);
    return first.id;
  }

  isTaken(id: string): boolean {
    return this.#sql.taken.get(id, id) !== undefined;
  }

  none(what: 'experiment' | 'run', text: string): ConfigError {
    const newest = (what === 'run' ? this.#sql.newestRuns : this.#sql.newest).all(mostCandidates);
    const hint =
      newest.length === 0
        ? `The library has no ${what}s yet.`
        : `The newest are ${newest.map(({ id }) => id).join(', ')}; \`swamp list\` shows all.`;
    return new ConfigError(`no ${what} is called "${text}" or begins with it`, hint);
  }

  #only(what: 'experiment' | 'run', text: string, trash: Trash, analyses: 'without' | 'with'): string {
    const from = what === 'run' ? this.#sql.runsFrom : this.#sql.experimentsFrom;
    const all = from.all(...range(text));
    const meant = all.filter(
      ({ removed, analysis }) =>
        (trash === 'with' || (removed !== null) === (trash === 'only')) &&
        (analyses === 'with' || analysis == null),
    );
    const [found, ...others] = meant;
    // The whole id comes first; one that is meant goes before one that is not.
    if (found !== undefined && (found.id === text || others.length === 0)) return found.id;
    if (found !== undefined) throw ambiguous(what, text, meant);
    const [elsewhere] = all;
    if (elsewhere === undefined) throw this.none(what, text);
    if (elsewhere.analysis != null && analyses === 'without')
      throw new ConfigError(
        `${elsewhere.id} is an analysis, not an experiment`,
        `\`swamp analyze ${elsewhere.id}\` shows what it found.`,
      );
    const [experiment = ''] = elsewhere.id.split('/');
    throw trash === 'only'
      ? new ConfigError(`${elsewhere.id} is not in the trash`, '`swamp trash` lists what is.')
      : new ConfigError(
          `${elsewhere.id} is in the trash`,
          `\`swamp restore ${experiment}\` takes it out again.`,
        );
  }
}

/** The text, and what comes behind all that begin with it. */
function range(text: string): [string, string] {
  return [text, `${text}\u{10FFFF}`];
}

function ambiguous(what: string, text: string, found: readonly { readonly id: string }[]): ConfigError {
  const names = found.slice(0, mostCandidates).map(({ id }) => id);
  const more = found.length > mostCandidates ? ', …' : '';
  return new ConfigError(
    `more than one ${what} begins with "${text}"`,
    `Give more of it: ${names.join(', ')}${more}.`,
  );
}

function statements(db: Database) {
  return {
    number: db.prepare<{ number: number }>('SELECT number FROM experiments WHERE id = ?'),
    runNumber: db.prepare<{ number: number }>('SELECT number FROM runs WHERE id = ?'),
    // Between the ends of a range.
    experimentsFrom: db.prepare<Found>(
      `SELECT id, removed, analysis FROM experiments
       WHERE id >= ? AND id < ? AND removed IS NOT ${UNMADE} ORDER BY id`,
    ),
    runsFrom: db.prepare<Found>(
      `SELECT runs.id, removed FROM runs JOIN experiments ON experiments.number = experiment
       WHERE runs.id >= ? AND runs.id < ? AND removed IS NOT ${UNMADE} ORDER BY runs.id`,
    ),
    sweepsFrom: db.prepare<{ id: string }>(
      `SELECT DISTINCT sweep AS id FROM experiments
       WHERE sweep >= ? AND sweep < ? AND removed IS NULL ORDER BY sweep`,
    ),
    taken: db.prepare<{ number: number }>('SELECT number FROM experiments WHERE id = ? OR sweep = ?'),
    newest: db.prepare<{ id: string }>(
      'SELECT id FROM experiments WHERE removed IS NULL AND analysis IS NULL ORDER BY number DESC LIMIT ?',
    ),
    newestRuns: db.prepare<{ id: string }>(
      `SELECT runs.id FROM runs JOIN experiments ON experiments.number = experiment WHERE removed IS NULL
       ORDER BY experiment DESC, position LIMIT ?`,
    ),
  };
}
