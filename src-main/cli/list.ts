import { existsSync } from 'node:fs';
import { ExitCode } from '../contract/errors.ts';
import { columns } from '../report/format.ts';
import { libraryFolder } from '../store/library.ts';
import type { ExperimentFilter, ExperimentRow } from '../store/rows.ts';
import type { Output } from './output.ts';
import { experimentJson, stateOf } from './rows.ts';
import { withLibrary, type CommonOptions } from './session.ts';

export interface ListOptions extends CommonOptions {
  readonly tag?: string;
  readonly trash?: boolean;
  readonly analyses?: boolean;
}

/** `swamp list`, `swamp trash` */
export async function list(options: ListOptions, output: Output): Promise<ExitCode> {
  // Before the first run the library that nobody chose is not there, which is no error.
  if (
    !existsSync(libraryFolder(options.library)) &&
    libraryFolder(options.library) === libraryFolder(undefined, {})
  ) {
    print([], true, options, output);
    return ExitCode.ok;
  }
  return await withLibrary(options, ({ store, held }) => {
    const filter: ExperimentFilter = {
      trash: options.trash === true ? 'only' : 'without',
      // What is in the trash is all shown: it can all be restored.
      analyses: options.analyses === true ? 'only' : options.trash === true ? 'with' : 'without',
      ...(options.tag === undefined ? {} : { tag: options.tag }),
    };
    print(store.experiments(filter), held, options, output);
    return ExitCode.ok;
  });
}

function print(
  experiments: readonly ExperimentRow[],
  held: boolean,
  options: ListOptions,
  output: Output,
): void {
  output.result({ experiments: experiments.map((row) => experimentJson(row, held)) }, () => {
    if (experiments.length === 0) return nothingText(options);
    const rows = experiments.map(
      ({ id, state, wish, created, counts, runs, tags, removed, sweep, analysis }) => [
        id,
        stateOf(state, { held, wish }),
        day(created),
        analysis ?? `${runs} runs`,
        `${counts.done}/${Object.values(counts).reduce((sum, count) => sum + count, 0)} jobs`,
        [
          ...(sweep === null ? [] : [`in ${sweep}`]),
          ...(removed === null ? [] : [`removed ${day(removed)}`]),
          ...tags,
        ].join(', '),
      ],
    );
    const lines = columns(rows, ['left', 'left', 'left', 'right', 'right', 'left']);
    return lines.map((line) => line.trimEnd()).join('\n');
  });
}

function nothingText({ tag, trash }: ListOptions): string {
  const tagged = tag === undefined ? '' : ` with the tag ${tag}`;
  if (trash === true) return `Nothing in the trash${tagged}.`;
  return tag === undefined ? 'No experiments yet. `swamp run demo` starts one.' : `No experiments${tagged}.`;
}

/** To the minute, in UTC. */
function day(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
