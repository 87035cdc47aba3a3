import { ConfigError } from '../contract/errors.ts';
import type { ExperimentId, RunId } from '../contract/ids.ts';
import type { Database } from './database.ts';
import type { Finder } from './find.ts';

/** Tags and notes of experiments and runs. Part of `Store`, which documents them. */
export class LabelTable {
  readonly #find: Finder;
  readonly #sql;

  constructor(db: Database, find: Finder) {
    this.#find = find;
    this.#sql = {
      tag: {
        experiment: db.prepare(
          'INSERT INTO experiment_tags (experiment, tag) VALUES (?, ?) ON CONFLICT DO NOTHING',
        ),
        run: db.prepare('INSERT INTO tags (run, tag) VALUES (?, ?) ON CONFLICT DO NOTHING'),
      },
      untag: {
        experiment: db.prepare('DELETE FROM experiment_tags WHERE experiment = ? AND tag = ?'),
        run: db.prepare('DELETE FROM tags WHERE run = ? AND tag = ?'),
      },
      note: {
        experiment: db.prepare('UPDATE experiments SET note = ? WHERE number = ?'),
        run: db.prepare('UPDATE runs SET note = ? WHERE number = ?'),
      },
    };
  }

  tag(id: ExperimentId | RunId, tag: string): void {
    const word = tag.trim();
    if (word === '') throw new ConfigError('a tag cannot be empty', 'Give a word.');
    const { kind, number } = this.#place(id);
    this.#sql.tag[kind].run(number, word);
  }

  /** @param has the tags it has. */
  untag(id: ExperimentId | RunId, tag: string, has: readonly string[]): void {
    const { kind, number } = this.#place(id);
    if (this.#sql.untag[kind].run(number, tag.trim()) > 0) return;
    throw new ConfigError(
      `${id} has no tag ${tag}`,
      has.length === 0 ? 'It has none.' : `It has ${has.join(', ')}.`,
    );
  }

  note(id: ExperimentId | RunId, note: string): void {
    const { kind, number } = this.#place(id);
    this.#sql.note[kind].run(note, number);
  }

  /** Runs' ids have a slash, experiments' have none. */
  #place(id: ExperimentId | RunId): { readonly kind: 'experiment' | 'run'; readonly number: number } {
    return id.includes('/')
      ? { kind: 'run', number: this.#find.runNumber(id as RunId) }
      : { kind: 'experiment', number: this.#find.number(id as ExperimentId) };
  }
}
