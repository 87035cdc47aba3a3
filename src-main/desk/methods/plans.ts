import { ConfigError } from '../../contract/errors.ts';
import type { DeskHandlers } from '../context.ts';

function notThereYet(method: string): never {
  throw new ConfigError(`${method} is not there yet`, '');
}

export const planHandlers: DeskHandlers<'plans'> = {
  'plans.catalog': () => notThereYet('plans.catalog'),
  'plans.read': () => notThereYet('plans.read'),
  'plans.of': () => notThereYet('plans.of'),
  'plans.open': () => notThereYet('plans.open'),
  'plans.survey': () => notThereYet('plans.survey'),
};
