import { exportFormat, formatOfFile } from '../checkpoint/formats.ts';
import { ExitCode } from '../contract/errors.ts';
import { exportRun, findNetwork } from '../experiment/export.ts';
import { bytes, percent } from '../report/format.ts';
import { requireWritable } from './files.ts';
import type { Output } from './output.ts';
import {
  engineFor,
  engineOf,
  interruptible,
  withLibrary,
  withReadingStudio,
  type CommonOptions,
} from './session.ts';

export interface ExportOptions extends CommonOptions {
  readonly round?: number;
  readonly member?: number;
  readonly format?: string;
  readonly out: string;
}

/** `swamp export RUN`; works beside a run that holds the library. */
export async function exportCommand(text: string, options: ExportOptions, output: Output): Promise<ExitCode> {
  const { round, member, out } = options;
  const format = (options.format === undefined ? formatOfFile(out) : exportFormat(options.format)).kind;
  // Everything is looked up first, so that a wrong name costs no engine.
  const { run, variant } = await withLibrary(options, async (library) => {
    const id = library.store.findRun(text);
    const { prepared } = findNetwork(library, { run: id, round, member });
    return { run: id, variant: await engineOf(prepared.resolution) };
  });
  requireWritable('--out', out);
  return await interruptible(async (signal) => {
    const engine = await engineFor(variant, signal);
    return await withReadingStudio(options, engine, async (studio) => {
      const exported = await exportRun(studio, { run, round, member, format, out }, signal);
      const { test } = exported.evaluation;
      output.result(exported, () =>
        [
          `Wrote ${exported.file} (${bytes(exported.bytes)}) and ${exported.card}`,
          `Round ${exported.round} of ${exported.run}: ${percent(exported.sparsity)} pruned, ${exported.zeros} zeros`,
          `Opened again: test accuracy ${percent(test.accuracy, 2)}, NLL ${test.nll.toFixed(4)}, ECE ${test.ece.toFixed(4)}`,
        ].join('\n'),
      );
      return ExitCode.ok;
    });
  });
}
