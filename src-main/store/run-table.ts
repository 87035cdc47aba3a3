import type { z } from 'zod';
import type { Output } from '../contract/api/index.ts';
import type { SortKey, TableFilter, tableMethods, TableRow } from '../contract/api/table.ts';
import { ARCHIVED } from '../contract/names.ts';
import { UNMADE } from './find.ts';
import type { Database, Statement, Value } from './database.ts';
import { stateSql } from './states.ts';
import { rowOf, STATES_BY_NEED, type TableRecord } from './table-rows.ts';

/** As `table.rows` takes it, every default filled in. */
export type TableQuery = z.output<(typeof tableMethods)['table.rows']['input']>;
export type TablePage = Output<'table.rows'>;
export type FacetQuery = z.output<(typeof tableMethods)['table.facets']['input']>;
export type Facets = Output<'table.facets'>;

/** A condition with its parameters. */
interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

const state = stateSql('run', 'r', 'e');
const from = 'FROM experiments AS e JOIN runs AS r ON r.experiment = e.number';
/** For queries that read every run: in the order in which they lie, not in that of their groups. */
const fromAll = 'FROM experiments AS e JOIN runs AS r NOT INDEXED ON r.experiment = e.number';
const dataset = `COALESCE(e.dataset, json_extract(e.resolved, '$.dataset.title'), '')`;
const model = `COALESCE(e.model, json_extract(e.config, '$.model.kind'), '')`;
/** One list for the whole query, not a search for each run. */
const archived = `e.number IN (SELECT experiment FROM experiment_tags WHERE tag = '${ARCHIVED}')`;

/** What runs are sorted by. `of`: how the values of a group's seeds become one; `newest` takes that of its newest run. */
const sorts: Readonly<
  Record<SortKey, { readonly sql: string; readonly of: 'AVG' | 'MIN' | 'newest'; readonly text?: true }>
> = {
  created: { sql: 'e.created', of: 'newest' },
  experiment: { sql: 'e.id', of: 'newest', text: true },
  arm: { sql: 'r.arm', of: 'newest', text: true },
  seed: { sql: 'r.seed', of: 'MIN' },
  state: {
    sql: `CASE ${state} ${STATES_BY_NEED.map((each, at) => `WHEN '${each}' THEN ${at}`).join(' ')} END`,
    of: 'MIN',
  },
  dataset: { sql: dataset, of: 'newest', text: true },
  model: { sql: model, of: 'newest', text: true },
  rounds: { sql: 'r.rounds_done', of: 'AVG' },
  finalSparsity: { sql: 'r.final_sparsity', of: 'AVG' },
  finalAccuracy: { sql: 'r.final_accuracy', of: 'AVG' },
  bestAccuracy: { sql: 'r.best_accuracy', of: 'AVG' },
  bestValidationAccuracy: { sql: 'r.best_validation_accuracy', of: 'AVG' },
  bestSparsity: { sql: 'r.best_sparsity', of: 'AVG' },
};

/** Newest experiment first, within one in the order of its plan. */
const NEWEST = '((e.number << 20) - r.position)';

/** The run table: filtered, grouped, sorted and cut in SQL. Part of `Store`. */
export class RunTable {
  readonly #db: Database;
  /** By their SQL: there are few. */
  readonly #statements = new Map<string, Statement<unknown>>();

  constructor(db: Database) {
    this.#db = db;
  }

  page(query: TableQuery): TablePage {
    const { group, filter, offset } = query;
    const where = conditionsOf(filter);
    const found = this.#keys(query, where);
    // Behind the last row nothing tells how many there are.
    const total =
      found[0]?.total ??
      (offset === 0 ? 0 : (this.#keys({ ...query, offset: 0, limit: 1 }, where)[0]?.total ?? 0));
    const keys = found.map(({ key }) => key);
    const by = Map.groupBy(this.#records(group, keys, where), (record) =>
      group === 'seeds' ? record.grp : record.id,
    );
    const rows = keys.flatMap((key): TableRow[] => {
      const [first, ...others] = by.get(key) ?? [];
      return first ? [rowOf(key, [first, ...others])] : [];
    });
    return { total, runs: this.#runs(), rows };
  }

  facets({ trash, archived: shelf }: FacetQuery): Facets {
    const where = conditionsOf({ search: '', trash, archived: shelf });
    const count = (sql: string): Record<string, number> =>
      Object.fromEntries(
        this.#all<{ value: string; runs: number }>(
          `SELECT ${sql} AS value, COUNT(*) AS runs ${from} ${where.sql} GROUP BY value ORDER BY runs DESC, value`,
          where.values,
        ).map(({ value, runs }) => [value, runs]),
      );
    const tags = this.#all<{ tag: string; runs: number }>(
      `SELECT tag, COUNT(*) AS runs FROM (
         SELECT t.tag, t.run ${from} JOIN tags AS t ON t.run = r.number ${where.sql}
         UNION SELECT t.tag, r.number ${from} JOIN experiment_tags AS t ON t.experiment = e.number ${where.sql})
       GROUP BY tag ORDER BY runs DESC, tag`,
      [...where.values, ...where.values],
    );
    const [sums] = this.#all<{ trash: number; archived: number }>(
      `SELECT COALESCE(SUM(e.removed > ${UNMADE}), 0) AS trash,
         COALESCE(SUM(e.removed IS NULL AND ${archived}), 0) AS archived ${from}`,
      [],
    );
    return {
      states: count(state),
      kinds: count('r.kind'),
      datasets: count(dataset),
      models: count(model),
      tags: Object.fromEntries(tags.map(({ tag, runs }) => [tag, runs])),
      trash: sums?.trash ?? 0,
      archived: sums?.archived ?? 0,
    };
  }

  /** Runs that are not in the trash. */
  #runs(): number {
    return (
      this.#all<{ runs: number }>(`SELECT COUNT(*) AS runs ${from} WHERE e.removed IS NULL`, [])[0]?.runs ?? 0
    );
  }

  /** Keys of a page's rows in their order, each with the number of all rows. */
  #keys(
    { group, filter, sort, offset, limit }: TableQuery,
    where: Condition,
  ): { readonly key: string; readonly total: number }[] {
    const { sql, text } = sorts[sort.by];
    const direction = sort.descending ? 'DESC' : 'ASC';
    // Rows without a value are last, whichever way.
    const order = `ORDER BY value IS NULL, value ${text ? 'COLLATE NOCASE ' : ''}${direction}, newest DESC LIMIT ? OFFSET ?`;
    const few = filter.experiment !== undefined || filter.sweep !== undefined || filter.runs !== undefined;
    const runs = `SELECT r.id, r.grp, r.seed, r.rounds_done AS done, ${sql} AS value, ${NEWEST} AS newest
      ${few ? from : fromAll} ${where.sql}`;
    const body =
      group === 'none'
        ? `SELECT id AS key, COUNT(*) OVER () AS total FROM (${runs}) ${order}`
        : `SELECT grp AS key, COUNT(*) OVER () AS total FROM (${grouped(runs, sorts[sort.by].of)}) ${order}`;
    return this.#all(body, [...where.values, limit, offset]);
  }

  /** The runs of a page's rows, by seed. */
  #records(group: 'seeds' | 'none', keys: readonly string[], where: Condition): TableRecord[] {
    const column = group === 'seeds' ? 'r.grp' : 'r.id';
    return this.#all<TableRecord>(
      `SELECT r.id, r.grp, r.seed, r.arm, r.kind, r.rounds, r.rounds_done, r.final_sparsity, r.final_accuracy,
         r.best_accuracy, r.best_validation_accuracy, r.best_sparsity, r.best_round, r.note AS own_note,
         e.id AS experiment, e.name, e.created, e.note, e.sweep, e.origin, e.removed,
         ${state} AS state, ${dataset} AS dataset, ${model} AS model, ${NEWEST} AS newest,
         (SELECT json_group_array(tag) FROM experiment_tags WHERE experiment = e.number) AS tags,
         (SELECT json_group_array(tag) FROM tags WHERE run = r.number) AS own_tags,
         (SELECT json_group_array(json_object('arm', arm, 'kind', kind)) FROM (SELECT arm, kind FROM runs
           WHERE experiment = e.number GROUP BY arm ORDER BY MIN(position))) AS arms
       ${from} ${where.sql} AND ${column} IN (SELECT value FROM json_each(?)) ORDER BY r.seed, newest DESC`,
      [...where.values, JSON.stringify(keys)],
    );
  }

  #all<Row>(sql: string, values: readonly Value[]): Row[] {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare<unknown>(sql)));
    return statement.all(...values) as Row[];
  }
}

/**
 * One row a group. A seed that stands in it several times (the same work in two experiments) counts once: as the run
 * that has got furthest, the newest of them; SQLite takes the other columns from the row of the one MAX.
 */
function grouped(runs: string, of: 'AVG' | 'MIN' | 'newest'): string {
  const seeds = `SELECT grp, value, newest, MAX((done << 52) + newest) FROM (${runs}) GROUP BY grp, seed`;
  const value = of === 'newest' ? 'value' : `${of}(value) AS value`;
  return `SELECT grp, ${value}, MAX(newest) AS newest FROM (${seeds}) GROUP BY grp`;
}

/** Never empty, so that more can follow. */
function conditionsOf(filter: TableFilter): Condition {
  const parts: Condition[] = [];
  const add = (sql: string, ...values: readonly Value[]): number => parts.push({ sql, values });
  const among = (sql: string, values: readonly string[] | undefined): void => {
    if (values) add(`${sql} IN (SELECT value FROM json_each(?))`, JSON.stringify(values));
  };
  add(filter.trash === 'only' ? `e.removed > ${UNMADE}` : 'e.removed IS NULL');
  // What was put aside before it went to the trash is in the trash all the same.
  const anyShelf = filter.archived === 'with' || (filter.trash === 'only' && filter.archived === 'without');
  if (!anyShelf) add(filter.archived === 'only' ? archived : `NOT ${archived}`);
  if (filter.experiment !== undefined) add('e.id = ?', filter.experiment);
  if (filter.sweep !== undefined) add('e.sweep = ?', filter.sweep);
  among('r.id', filter.runs);
  among('r.kind', filter.kinds);
  among(dataset, filter.datasets);
  among(model, filter.models);
  for (const tag of filter.tags ?? [])
    add(
      `(EXISTS (SELECT 1 FROM tags WHERE run = r.number AND tag = ?)
        OR EXISTS (SELECT 1 FROM experiment_tags WHERE experiment = e.number AND tag = ?))`,
      tag,
      tag,
    );
  for (const word of filter.search.toLowerCase().split(/\s+/))
    if (word !== '') add('instr(r.search, ?) > 0', word);
  // Last: it is the dearest.
  among(state, filter.states);
  return {
    sql: `WHERE ${parts.map(({ sql }) => sql).join(' AND ')}`,
    values: parts.flatMap(({ values }) => values),
  };
}
