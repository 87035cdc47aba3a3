import type { Handlers } from '../context.ts';
import { notThereYet } from './notyet.ts';

export const fileHandlers: Handlers<'files'> = {
  'files.formats': () => notThereYet('files.formats'),
  'files.export': () => notThereYet('files.export'),
  'files.pack': () => notThereYet('files.pack'),
  'files.look': () => notThereYet('files.look'),
  'files.import': () => notThereYet('files.import'),
  'files.complete': () => notThereYet('files.complete'),
  'files.save': () => notThereYet('files.save'),
};
