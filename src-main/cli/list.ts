import { existsSync } from 'node:fs';
import { ExitCode } from '../contract/errors.ts';
import { columns } from '../report/format.ts';
import { libraryFolder } from '../store/library.ts';
import type { ExperimentRow } from '../store/rows.ts';
import type { Output } from './output.ts';
import { experimentJson, stateOf } from './rows.ts';
import { withLibrary, type CommonOptions } from './session.ts';

/** `swamp list` */
export async function list(options: CommonOptions, output: Output): Promise<ExitCode> {
  // Before the first run the library that nobody chose is not there, which is no error.
  if (
    !existsSync(libraryFolder(options.library)) &&
    libraryFolder(options.library) === libraryFolder(undefined, {})
  ) {
    print([], true, output);
    return ExitCode.ok;
  }
  return await withLibrary(options, ({ store, held }) => {
    print(store.experiments(), held, output);
    return ExitCode.ok;
  });
}

function print(experiments: readonly ExperimentRow[], held: boolean, output: Output): void {
  output.result({ experiments: experiments.map((row) => experimentJson(row, held)) }, () => {
    if (experiments.length === 0) return 'No experiments yet. `swamp run demo` starts one.';
    const rows = experiments.map(({ id, state, wish, created, counts, runs }) => [
      id,
      stateOf(state, { held, wish }),
      new Date(created).toISOString().slice(0, 16).replace('T', ' '),
      `${runs} runs`,
      `${counts.done}/${Object.values(counts).reduce((sum, count) => sum + count, 0)} jobs`,
    ]);
    return columns(rows, ['left', 'left', 'left', 'right', 'right']).join('\n');
  });
}
