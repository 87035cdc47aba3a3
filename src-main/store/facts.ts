import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { Database } from './database.ts';
import type { Titles } from './rows.ts';

/** A run with its group. */
interface Grouped {
  readonly id: RunId;
  readonly group?: string;
}

/** An experiment whose titles and groups are not stored. */
export interface Untold {
  readonly id: ExperimentId;
  /** JSON. */
  readonly config: string;
  readonly resolved: string;
  readonly runs: readonly { readonly id: RunId; readonly spec: string }[];
}

/** What the run table filters, groups and searches by. Part of `Store`. */
export class FactTable {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = statements(db);
  }

  /** Stores titles and groups, and makes ready what is searched. */
  put(id: ExperimentId, { dataset, model }: Titles, runs: readonly Grouped[]): void {
    this.#sql.title.run(dataset, model, id);
    for (const { id: run, group } of runs) this.#sql.group.run(group ?? run, run);
    this.refresh(id);
  }

  /** The words of an experiment's runs, after any of them changed. */
  refresh(id: ExperimentId): void {
    for (const { number, words } of this.#sql.words.all(id))
      this.#sql.search.run(words.toLowerCase(), number);
  }

  /** Some of the experiments that nobody told the titles of yet. */
  untold(limit: number): Untold[] {
    return this.#sql.untold.all(limit).map((row) => ({ ...row, runs: this.#sql.runs.all(row.id) }));
  }
}

function statements(db: Database) {
  return {
    title: db.prepare('UPDATE experiments SET dataset = ?, model = ? WHERE id = ?'),
    group: db.prepare('UPDATE runs SET grp = ? WHERE id = ?'),
    search: db.prepare('UPDATE runs SET search = ? WHERE number = ?'),
    words: db.prepare<{ number: number; words: string }>(
      `SELECT r.number, concat_ws(char(10), r.id, r.arm, e.dataset, e.model, e.sweep,
         (SELECT group_concat(tag, char(10)) FROM experiment_tags WHERE experiment = e.number),
         (SELECT group_concat(tag, char(10)) FROM tags WHERE run = r.number), e.note, r.note) AS words
       FROM experiments AS e JOIN runs AS r ON r.experiment = e.number WHERE e.id = ?`,
    ),
    untold: db.prepare<Omit<Untold, 'runs'>>(
      'SELECT id, config, resolved FROM experiments WHERE model IS NULL ORDER BY number DESC LIMIT ?',
    ),
    runs: db.prepare<{ id: RunId; spec: string }>(
      `SELECT r.id, r.spec FROM runs AS r JOIN experiments AS e ON e.number = r.experiment
       WHERE e.id = ? ORDER BY r.position`,
    ),
  };
}
