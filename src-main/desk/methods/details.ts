import { ConfigError } from '../../contract/errors.ts';
import type { DeskHandlers } from '../context.ts';

function notThereYet(method: string): never {
  throw new ConfigError(`${method} is not there yet`, '');
}

export const detailHandlers: DeskHandlers<'experiments'> = {
  'experiments.show': () => notThereYet('experiments.show'),
  'experiments.series': () => notThereYet('experiments.series'),
  'experiments.layers': () => notThereYet('experiments.layers'),
  'experiments.log': () => notThereYet('experiments.log'),
  'experiments.compare': () => notThereYet('experiments.compare'),
};
