import { ExitCode } from '../contract/errors.ts';
import { bytes, columns } from '../report/format.ts';
import { libraryUse } from '../store/use.ts';
import type { Output } from './output.ts';
import { withLibrary, type CommonOptions } from './session.ts';

/** `swamp du`: what takes the library's space. */
export async function du(options: CommonOptions, output: Output): Promise<ExitCode> {
  return await withLibrary(options, (library) => {
    const { dir } = library;
    const { experiments, trash, shared, needed, ...use } = libraryUse(library);
    output.result({ library: dir, experiments, trash, shared, ...use }, () => {
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
            `${bytes(needed)} of them needed; ${bytes(trash)} only by the trash`,
          ],
          ['checkpoints', bytes(use.checkpoints), 'of unfinished trainings'],
          ['temporary', bytes(use.temporary), ''],
          ['reports', bytes(use.reports), ''],
          ['exports', bytes(use.exports), ''],
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
