import { ExitCode } from '../contract/errors.ts';
import { bytes, columns } from '../report/format.ts';
import { diskUse } from '../store/disk.ts';
import type { Output } from './output.ts';
import { withLibrary, type CommonOptions } from './session.ts';

/** `swamp du`: what takes the library's space. */
export async function du(options: CommonOptions, output: Output): Promise<ExitCode> {
  return await withLibrary(options, ({ dir, store, objects }) => {
    const removed = new Map(
      store.experiments({ trash: 'with' }).map((row) => [row.id, row.removed !== null]),
    );
    const usage = store.usage();
    const experiments = usage.experiments.map((each) => ({ ...each, trash: removed.get(each.id) ?? false }));
    const trash = store.freeableBytes(experiments.filter((each) => each.trash).map(({ id }) => id));
    const use = diskUse(objects);
    output.result({ library: dir, experiments, trash, shared: sharedBytes(usage), ...use }, () => {
      const table = columns(
        [
          ['experiment', 'results', 'only its own', ''],
          ...experiments.map(({ id, bytes: all, own, trash: gone }) => [
            id,
            bytes(all),
            bytes(own),
            gone ? 'in the trash' : '',
          ]),
        ],
        ['left', 'right', 'right', 'left'],
      ).map((line) => line.trimEnd());
      const sums = columns(
        [
          [
            'results',
            bytes(use.results),
            `${bytes(usage.total)} of them needed; ${bytes(trash)} only by the trash`,
          ],
          ['checkpoints', bytes(use.checkpoints), 'of unfinished trainings'],
          ['temporary', bytes(use.temporary), ''],
          ['reports', bytes(use.reports), ''],
          ['logs', bytes(use.logs), ''],
          ['database', bytes(use.database), ''],
          ['backups', bytes(use.backups), 'of the database, from before updates'],
          ['total', bytes(use.total), dir],
          ['free', bytes(use.free), 'on its disk'],
        ],
        ['left', 'right', 'left'],
      ).map((line) => line.trimEnd());
      return [...(experiments.length > 0 ? [...table, ''] : []), ...sums].join('\n');
    });
    return ExitCode.ok;
  });
}

/** Bytes that more than one experiment needs. */
function sharedBytes({
  total,
  experiments,
}: {
  readonly total: number;
  readonly experiments: readonly { readonly own: number }[];
}): number {
  return total - experiments.reduce((sum, { own }) => sum + own, 0);
}
