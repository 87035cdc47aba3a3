import type { ExperimentId } from '../contract/ids.ts';
import { diskUse, type DiskUse } from './disk.ts';
import type { Library } from './library.ts';

/** What takes a library's space. */
export interface LibraryUse extends DiskUse {
  /** The newest first. */
  readonly experiments: readonly {
    readonly id: ExperimentId;
    /** Bytes of the objects its jobs made or share. */
    readonly bytes: number;
    /** Those that no other experiment needs. */
    readonly own: number;
    /** Whether it is in the trash. */
    readonly trash: boolean;
  }[];
  /** Bytes that only experiments in the trash need. */
  readonly trash: number;
  /** Bytes that more than one experiment needs. */
  readonly shared: number;
  /** Bytes of objects that any experiment needs. */
  readonly needed: number;
}

export function libraryUse({ store, objects }: Library): LibraryUse {
  const all = store.experiments({ trash: 'with', analyses: 'with' });
  const removed = new Map(all.map((row) => [row.id, row.removed !== null]));
  const usage = store.usage();
  const experiments = usage.experiments.map((each) => ({ ...each, trash: removed.get(each.id) ?? false }));
  return {
    ...diskUse(objects),
    experiments,
    trash: store.freeableBytes(experiments.filter((each) => each.trash).map(({ id }) => id)),
    shared: usage.total - experiments.reduce((sum, { own }) => sum + own, 0),
    needed: usage.total,
  };
}
