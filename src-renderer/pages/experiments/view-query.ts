import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import { SortKeys, type Shelf, type View } from './view.ts';

/** A view as it stands in the address: only what differs from an ordinary one. */
export function queryOf({ search, filters, sort, shelf, group }: View): LocationQueryRaw {
  const query: LocationQueryRaw = {};
  if (search.trim()) query['q'] = search;
  for (const [name, values] of Object.entries(filters)) if (values.length > 0) query[name] = [...values];
  if (sort.by !== 'created' || !sort.descending) query['sort'] = `${sort.descending ? '-' : ''}${sort.by}`;
  if (shelf !== 'active') query['shelf'] = shelf;
  if (group !== 'seeds') query['group'] = group;
  return query;
}

/** The view of an address; `null` where it says nothing of one. What cannot be read is left out. */
export function viewOf(query: LocationQuery): View | null {
  const names = ['q', 'state', 'arm', 'data', 'model', 'tag', 'sort', 'shelf', 'group'];
  if (!names.some((name) => query[name] !== undefined)) return null;
  const all = (name: string): string[] =>
    [query[name] ?? []].flat().filter((value): value is string => value !== null);
  const sort = all('sort')[0] ?? '-created';
  const by = SortKeys.find((key) => key === sort.replace(/^-/, ''));
  const shelf = all('shelf')[0] as Shelf | undefined;
  return {
    search: all('q')[0] ?? '',
    filters: {
      state: all('state'),
      arm: all('arm'),
      data: all('data'),
      model: all('model'),
      tag: all('tag'),
    },
    sort: by ? { by, descending: sort.startsWith('-') } : { by: 'created', descending: true },
    shelf: shelf === 'archived' || shelf === 'trash' ? shelf : 'active',
    group: all('group')[0] === 'none' ? 'none' : 'seeds',
  };
}
