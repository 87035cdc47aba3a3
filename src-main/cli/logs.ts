import { setTimeout } from 'node:timers/promises';
import { ExitCode } from '../contract/errors.ts';
import type { LogEntry } from '../contract/log.ts';
import { libraryFolder } from '../store/library.ts';
import { isHeld } from '../store/lock.ts';
import { LogBook } from '../store/logs.ts';
import type { Output } from './output.ts';
import { interruptible, withLibrary, type CommonOptions } from './session.ts';

export interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
}

/** How often a log that is followed is looked at. */
const LOOK_MS = 250;

/** `swamp logs EXPERIMENT`: reads the file, so that it works beside a host and without one. */
export async function logs(text: string, options: LogsOptions, output: Output): Promise<ExitCode> {
  const experiment = await withLibrary(options, ({ store }) => store.findExperiment(text, 'without', 'with'));
  const folder = libraryFolder(options.library);
  const book = new LogBook(folder);
  if (!options.follow) {
    const entries = book.read(experiment);
    output.result({ experiment, entries }, () =>
      entries.length === 0 ? 'Nothing is noted of it.' : entries.map(entryText).join('\n'),
    );
    return ExitCode.ok;
  }
  return await interruptible(async (signal) => {
    const next = book.tail(experiment);
    let last: LogEntry | undefined;
    for (;;) {
      // Asked before reading: what a host writes last is there when it is gone.
      const held = isHeld(folder);
      for (const entry of next()) {
        // With --json one document a line: nobody could wait for the end of a list.
        output.result(entry, () => entryText(entry));
        last = entry;
      }
      if (!held || (last !== undefined && ENDS.has(last.what))) return ExitCode.ok;
      if (signal.aborted) return ExitCode.stopped;
      await setTimeout(LOOK_MS);
    }
  });
}

/** Entries after which nothing more happens until somebody asks for it. */
const ENDS: ReadonlySet<string> = new Set(['ended', 'broken', 'interrupted']);

function entryText({ time, level, message, where, hint, stack }: LogEntry): string {
  const place = where ? `${where.arm} seed ${where.seed} round ${where.round}: ` : '';
  const mark = level === 'info' ? '' : `${level}: `;
  const head = `${time.slice(0, 19).replace('T', ' ')}  ${mark}${place}${message}`;
  return [head, hint, stack]
    .filter((part) => part)
    .join('\n')
    .replaceAll('\n', '\n    ');
}
