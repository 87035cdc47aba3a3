import type { DeskHandlers } from '../context.ts';

export const tableHandlers: DeskHandlers<'table'> = {
  'table.rows': (input, { library }) => library.store.table(input),
  'table.facets': (input, { library }) => library.store.facets(input),
};
