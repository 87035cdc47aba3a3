import { describeSettings } from '../../contract/settings.ts';
import { libraryUse } from '../../store/use.ts';
import type { DeskHandlers } from '../context.ts';

export const libraryHandlers: DeskHandlers<'library'> = {
  'library.settings': (_input, { library }) => ({ settings: describeSettings(library.store.settings()) }),

  'library.freeable': ({ experiments }, { library }) => library.store.freeableBytes(experiments),

  'library.usage': (_input, { library }) => {
    const use = libraryUse(library);
    const parts = PARTS.map((what) => ({ what, bytes: use[what] }));
    return {
      folder: library.dir,
      parts,
      free: use.free,
      trash: { experiments: use.experiments.filter(({ trash }) => trash).length, bytes: use.trash },
      experiments: use.experiments.map(({ id, bytes, own }) => ({ experiment: id, bytes, own })),
    };
  },
};

const PARTS = [
  'results',
  'checkpoints',
  'temporary',
  'reports',
  'exports',
  'logs',
  'database',
  'backups',
] as const;
