import type { Input } from '../../../src-main/contract/api/index.ts';
import type { SortKey } from '../../../src-main/contract/api/table.ts';
import type { RunState } from '../../../src-main/contract/states.ts';

/** What the table shows and in which order. */
export interface View {
  readonly search: string;
  readonly filters: Filters;
  readonly sort: { readonly by: SortKey; readonly descending: boolean };
  readonly shelf: Shelf;
  /** Whether runs that differ in nothing but the seed are one row. */
  readonly group: 'seeds' | 'none';
}

/** Those in use, those put away, those to be deleted. */
export type Shelf = 'active' | 'archived' | 'trash';

export const shelves: readonly { readonly id: Shelf; readonly title: string }[] = [
  { id: 'active', title: 'Active' },
  { id: 'archived', title: 'Archived' },
  { id: 'trash', title: 'Trash' },
];

/** By what is filtered: any of the values of each, all of the tags. */
export type Filters = Readonly<Record<FilterName, readonly string[]>>;
export type FilterName = 'state' | 'arm' | 'data' | 'model' | 'tag';

export const noFilters: Filters = { state: [], arm: [], data: [], model: [], tag: [] };

export const firstView: View = {
  search: '',
  filters: noFilters,
  sort: { by: 'created', descending: true },
  shelf: 'active',
  group: 'seeds',
};

/** What there is to sort by, each once. */
const sortable: Readonly<Record<SortKey, true>> = {
  created: true,
  experiment: true,
  arm: true,
  seed: true,
  state: true,
  dataset: true,
  model: true,
  rounds: true,
  finalSparsity: true,
  finalAccuracy: true,
  bestAccuracy: true,
  bestValidationAccuracy: true,
  bestSparsity: true,
};
export const SortKeys = Object.keys(sortable) as SortKey[];

export const isFiltered = ({ search, filters }: View): boolean =>
  search.trim() !== '' || Object.values(filters).some((values) => values.length > 0);

/** The question to the host. */
export function questionOf({
  search,
  filters,
  sort,
  shelf,
  group,
}: View): Omit<Input<'table.rows'>, 'offset' | 'limit'> {
  const some = <T extends string>(values: readonly string[]): T[] | undefined =>
    values.length > 0 ? ([...values] as T[]) : undefined;
  const chosen = {
    states: some<RunState>(filters.state),
    kinds: some(filters.arm),
    datasets: some(filters.data),
    models: some(filters.model),
    tags: some(filters.tag),
  };
  return {
    group,
    sort,
    filter: {
      search: search.slice(0, 400),
      trash: shelf === 'trash' ? 'only' : 'without',
      archived: shelf === 'trash' ? 'with' : shelf === 'archived' ? 'only' : 'without',
      ...Object.fromEntries(Object.entries(chosen).filter(([, values]) => values !== undefined)),
    },
  };
}
