import { ConfigError } from '../../contract/errors.ts';

/** Of methods that are still being written. */
export function notThereYet(method: string): never {
  throw new ConfigError(`${method} is not there yet`, '');
}
