import { useThrottleFn } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, markRaw, ref, shallowRef, watch } from 'vue';
import type { Output } from '../../../src-main/contract/api/index.ts';
import type { TableRow } from '../../../src-main/contract/api/table.ts';
import { host } from '../../host.ts';
import { isAbort } from '../../lib/errors.ts';
import { recall, remember } from '../../lib/remembered.ts';
import { columnOf, bounded, readColumns, type ColumnId, type Shown } from './columns.ts';
import type { OpenGroup } from './lines.ts';
import { RowWindow } from './row-window.ts';
import { firstView, questionOf, type View } from './view.ts';

/** At most one reading of what changed in so many milliseconds. */
const REFRESH_MS = 400;

export type Facets = Output<'table.facets'>;

/** The run table: its view, its rows and columns. It outlives its page, so that coming back finds it as it was. */
export const useRunTable = defineStore('run-table', () => {
  const view = shallowRef<View>(firstView);
  const columns = shallowRef<readonly Shown[]>(readColumns(recalledColumns()));
  const facets = shallowRef<Facets | null>(null);
  const scroll = ref(0);
  const rows = markRaw(
    new RowWindow((offset, limit, signal) =>
      host.call('table.rows', { ...questionOf(view.value), offset, limit }, signal),
    ),
  );

  /** Seeds of open groups, by key. */
  const opened = shallowRef<ReadonlyMap<string, readonly TableRow[]>>(new Map());
  const openGroups = computed<readonly OpenGroup[]>(() => {
    if (opened.value.size === 0) return [];
    void rows.rows.value;
    const places = rows.places();
    return [...opened.value]
      .flatMap(([key, children]) => {
        const index = places.get(key);
        return index === undefined ? [] : [{ index, children }];
      })
      .sort((a, b) => a.index - b.index);
  });

  function show(next: Partial<View>): void {
    view.value = { ...view.value, ...next };
    scroll.value = 0;
    void rows.ask();
    if (next.shelf !== undefined) void readFacets();
  }

  async function open(row: TableRow): Promise<void> {
    const children = await seedsOf([row]);
    opened.value = new Map([...opened.value, [row.key, children]]);
  }

  function close(key: string): void {
    opened.value = new Map([...opened.value].filter(([other]) => other !== key));
  }

  /** The runs of rows, a row each. */
  async function seedsOf(groups: readonly TableRow[]): Promise<readonly TableRow[]> {
    const ids = groups.flatMap(({ runs }) => runs.map(({ run }) => run));
    const { filter } = questionOf(view.value);
    const { rows: found } = await host.call('table.rows', {
      group: 'none',
      filter: { trash: filter?.trash, archived: 'with', runs: ids.slice(0, 500) },
      sort: { by: 'seed', descending: false },
      offset: 0,
      limit: 500,
    });
    return found;
  }

  /** The first so many rows, however many are shown. */
  async function readAll(most: number): Promise<TableRow[]> {
    const question = questionOf(view.value);
    const found: TableRow[] = [];
    while (found.length < most) {
      const limit = Math.min(500, most - found.length);
      const { rows: more } = await host.call('table.rows', { ...question, offset: found.length, limit });
      found.push(...more);
      if (more.length < limit) break;
    }
    return found;
  }

  async function readFacets(): Promise<void> {
    const { filter } = questionOf(view.value);
    try {
      facets.value = await host.call('table.facets', { trash: filter?.trash, archived: filter?.archived });
    } catch (error) {
      // The rows say what is wrong.
      if (!isAbort(error)) facets.value = null;
    }
  }

  async function readOpened(): Promise<void> {
    if (opened.value.size === 0) return;
    const places = rows.places();
    const still = [...opened.value.keys()].flatMap((key) => {
      const index = places.get(key);
      const row = index === undefined ? undefined : rows.at(index);
      return row ? [row] : [];
    });
    const seeds = new Map((await seedsOf(still)).map((row) => [row.key, row]));
    const renewed = still.map(
      ({ key, runs }) => [key, runs.flatMap(({ run }) => seeds.get(run) ?? [])] as const,
    );
    opened.value = new Map([...opened.value, ...renewed]);
  }

  /** Something stored changed. */
  const refresh = useThrottleFn(
    async () => {
      // Rows first: the host reads one thing after the other.
      await rows.refresh();
      await readFacets();
      await readOpened().catch(() => undefined);
    },
    REFRESH_MS,
    true,
  );

  watch(columns, (value) => remember('table.columns', value));

  function resize(id: ColumnId, width: number): void {
    columns.value = columns.value.map((each) =>
      each.id === id ? { id, width: bounded(width), fixed: true } : each,
    );
  }

  function toggleColumn(id: ColumnId): void {
    const there = columns.value.some((each) => each.id === id);
    if (!there) columns.value = [...columns.value, { id, width: columnOf(id).width }];
    else if (columns.value.length > 1) columns.value = columns.value.filter((each) => each.id !== id);
  }

  /** Puts a column in the place of another; the others move over. */
  function moveColumn(id: ColumnId, to: number): void {
    const from = columns.value.findIndex((each) => each.id === id);
    const moved = columns.value[from];
    if (!moved || to < 0 || to >= columns.value.length) return;
    const others = columns.value.filter((each) => each.id !== id);
    columns.value = [...others.slice(0, to), moved, ...others.slice(to)];
  }

  return {
    view,
    rows,
    facets,
    columns,
    scroll,
    opened,
    openGroups,
    show,
    open,
    close,
    refresh,
    readAll,
    resize,
    toggleColumn,
    moveColumn,
  };
});

function recalledColumns(): unknown {
  return recall<unknown>('table.columns', null, (value): value is unknown => value !== undefined);
}
