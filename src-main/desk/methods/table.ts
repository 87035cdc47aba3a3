import { ConfigError } from '../../contract/errors.ts';
import type { DeskHandlers } from '../context.ts';

function notThereYet(method: string): never {
  throw new ConfigError(`${method} is not there yet`, '');
}

export const tableHandlers: DeskHandlers<'table'> = {
  'table.rows': () => notThereYet('table.rows'),
  'table.facets': () => notThereYet('table.facets'),
};
