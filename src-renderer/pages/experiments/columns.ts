import type { Figure, SortKey, TableRow } from '../../../src-main/contract/api/table.ts';
import { fixed, missing, sparsityDigits } from '../../../src-main/report/format.ts';

/** A column of the run table. */
export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  /** What it means, where the title does not say it all. */
  readonly about?: string;
  /** Pixels. */
  readonly width: number;
  /** How wide it becomes where there is room; absent: no wider. */
  readonly roomy?: number;
  readonly right?: boolean;
  readonly sort?: SortKey;
  /** Of a figure: high ones are looked for first. */
  readonly highFirst?: boolean;
  readonly shown: boolean;
  /** Of columns that are only text. */
  readonly text?: (row: TableRow) => string;
}

export type ColumnId =
  | 'experiment'
  | 'arm'
  | 'seeds'
  | 'state'
  | 'dataset'
  | 'model'
  | 'rounds'
  | 'bestAccuracy'
  | 'bestSparsity'
  | 'bestValidationAccuracy'
  | 'finalAccuracy'
  | 'finalSparsity'
  | 'created'
  | 'tags'
  | 'note';

const accuracy = { width: 112, right: true, highFirst: true } as const;
const sparsity = { width: 92, right: true, highFirst: true } as const;

export const columns: readonly Column[] = [
  { id: 'experiment', title: 'Experiment', width: 182, roomy: 320, sort: 'experiment', shown: true },
  { id: 'arm', title: 'Arm', width: 142, roomy: 220, sort: 'arm', shown: true },
  { id: 'seeds', title: 'Seeds', width: 58, right: true, sort: 'seed', shown: true, text: seeds },
  { id: 'state', title: 'State', width: 104, sort: 'state', shown: true },
  {
    id: 'dataset',
    title: 'Data',
    width: 106,
    roomy: 220,
    sort: 'dataset',
    shown: true,
    text: (row) => row.dataset,
  },
  {
    id: 'model',
    title: 'Model',
    width: 86,
    roomy: 180,
    sort: 'model',
    shown: true,
    text: (row) => row.model,
  },
  {
    id: 'rounds',
    title: 'Rounds',
    about: 'Rounds that are done, of those planned. Of several seeds: their mean.',
    width: 64,
    right: true,
    sort: 'rounds',
    shown: true,
    text: rounds,
  },
  {
    ...accuracy,
    id: 'bestAccuracy',
    title: 'Accuracy, %',
    about: 'Test accuracy of the round that is best on validation. Of several seeds: mean ± deviation.',
    sort: 'bestAccuracy',
    shown: true,
    text: (row) => figure(row.bestAccuracy),
  },
  {
    ...sparsity,
    id: 'bestSparsity',
    title: 'at sparsity, %',
    about: 'Sparsity of the round that is best on validation.',
    width: 100,
    sort: 'bestSparsity',
    shown: true,
    text: (row) => sparse(row.bestSparsity),
  },
  {
    ...accuracy,
    id: 'bestValidationAccuracy',
    title: 'Validation, %',
    about: 'Validation accuracy of its best round.',
    sort: 'bestValidationAccuracy',
    shown: false,
    text: (row) => figure(row.bestValidationAccuracy),
  },
  {
    ...accuracy,
    id: 'finalAccuracy',
    title: 'Last round, %',
    about: 'Test accuracy of the last round that is done: the sparsest network.',
    sort: 'finalAccuracy',
    shown: false,
    text: (row) => figure(row.finalAccuracy),
  },
  {
    ...sparsity,
    id: 'finalSparsity',
    title: 'Sparsity, %',
    about: 'Sparsity of the last round that is done.',
    sort: 'finalSparsity',
    shown: false,
    text: (row) => sparse(row.finalSparsity),
  },
  {
    id: 'created',
    title: 'Created',
    width: 96,
    sort: 'created',
    highFirst: true,
    shown: true,
    text: (row) => when(row.created),
  },
  { id: 'tags', title: 'Tags', width: 140, roomy: 320, shown: true },
  { id: 'note', title: 'Note', width: 220, roomy: 700, shown: false },
];

const byId = new Map(columns.map((column) => [column.id, column]));

export const isColumn = (id: unknown): id is ColumnId => byId.has(id as ColumnId);

export function columnOf(id: ColumnId): Column {
  const column = byId.get(id);
  if (!column) throw new Error(`There is no column ${id}`);
  return column;
}

/** A column as this user has it. */
export interface Shown {
  readonly id: ColumnId;
  readonly width: number;
  /** Made so wide by hand: it does not grow with the window. */
  readonly fixed?: boolean;
}

export const defaultColumns: readonly Shown[] = columns
  .filter(({ shown }) => shown)
  .map(({ id, width }) => ({ id, width }));

export const NARROWEST = 48;
export const WIDEST = 900;

/** As it was remembered, without what there is no longer. */
export function readColumns(value: unknown): readonly Shown[] {
  if (!Array.isArray(value)) return defaultColumns;
  const shown = (value as readonly unknown[]).flatMap((entry): Shown[] => {
    const { id, width, fixed } = (entry ?? {}) as { id?: unknown; width?: unknown; fixed?: unknown };
    if (!isColumn(id)) return [];
    if (typeof width !== 'number' || fixed !== true) return [{ id, width: columnOf(id).width }];
    return [{ id, width: bounded(width), fixed }];
  });
  const distinct = [...new Map(shown.map((each) => [each.id, each])).values()];
  return distinct.length > 0 ? distinct : defaultColumns;
}

/** Columns as wide as the room lets them be. @param room pixels for all of them */
export function spread(shown: readonly Shown[], room: number): Shown[] {
  const wish = ({ id, width, fixed }: Shown): number =>
    fixed ? 0 : Math.max(0, (columnOf(id).roomy ?? width) - width);
  const wishes = shown.reduce((sum, column) => sum + wish(column), 0);
  const extra = Math.max(0, room - shown.reduce((sum, { width }) => sum + width, 0));
  const share = wishes === 0 ? 0 : Math.min(1, extra / wishes);
  return shown.map((column) => ({ ...column, width: column.width + Math.floor(share * wish(column)) }));
}

export function bounded(width: number): number {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
}

/** `3`, `1–3`, `1–3, 7`. */
function seeds({ runs }: TableRow): string {
  const sorted = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const seed of sorted) {
    const last = ranges[ranges.length - 1];
    if (last && seed === last[1] + 1) last[1] = seed;
    else ranges.push([seed, seed]);
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}–${to}`)).join(', ');
}

function rounds({ rounds: planned, roundsDone: done }: TableRow): string {
  return `${Number.isInteger(done) ? done : fixed(done, 1)} / ${planned}`;
}

/** Percent with two decimals: differences between arms are tenths of a point. */
function figure(value: Figure | null): string {
  if (!value) return missing;
  const mean = fixed(100 * value.mean, 2);
  return value.deviation === null ? mean : `${mean} ± ${fixed(100 * value.deviation, 2)}`;
}

function sparse(value: number | null): string {
  return value === null ? missing : fixed(100 * value, sparsityDigits(value));
}

/** Today the time, else the day. */
export function when(time: number, now = Date.now()): string {
  const [date, today] = [new Date(time), new Date(now)];
  const day = (one: Date): string => `${one.getFullYear()}-${two(one.getMonth() + 1)}-${two(one.getDate())}`;
  return day(date) === day(today) ? `${two(date.getHours())}:${two(date.getMinutes())}` : day(date);
}

const two = (value: number): string => String(value).padStart(2, '0');
