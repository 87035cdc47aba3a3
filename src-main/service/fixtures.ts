import { EngineError } from '../contract/errors.ts';
import type { EngineSource } from './engines.ts';

const none = (): Promise<never> => Promise.reject(new EngineError('there is no engine here', ''));

/** For tests: a machine on which no engine is or can be had. */
export const noEngines: EngineSource = {
  find: () => Promise.resolve(null),
  prepare: none,
  list: () => Promise.resolve({ cache: '/nowhere', engines: [] }),
  install: none,
  pack: none,
  diagnose: () => Promise.resolve({ ok: false, checks: [] }),
  variantOf: () => Promise.resolve('cpu'),
  gpu: () => Promise.resolve(null),
  advice: () => Promise.resolve(''),
};
