import { exportFormat, formatOfFile } from '../checkpoint/formats.ts';
import { ConfigError, ExitCode } from '../contract/errors.ts';
import type { RunId } from '../contract/ids.ts';
import { pointsText, sparsestWithin } from '../experiment/choose-round.ts';
import { exportRun, findNetwork } from '../experiment/export.ts';

import { bytes, percent } from '../report/format.ts';
import { DEFAULT_WITHIN } from '../statistics/complete.ts';
import type { Library } from '../store/library.ts';
import { readImages } from './data-loading.ts';
import { requireWritable } from '../experiment/out-file.ts';
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
  /** The round within 1 point of dense. */
  readonly smallest?: boolean;
  /** … within so many points. */
  readonly within?: number;
  readonly member?: number;
  readonly format?: string;
  readonly out: string;
}

/** `swamp export RUN`; works beside a run that holds the library. */
export async function exportCommand(text: string, options: ExportOptions, output: Output): Promise<ExitCode> {
  const { member, out } = options;
  const format = (options.format === undefined ? formatOfFile(out) : exportFormat(options.format)).kind;
  // Everything is looked up first, so that a wrong name costs no engine.
  const { run, round, chosen, variant } = await withLibrary(options, async (library) => {
    const id = library.store.findRun(text);
    const chosen = chosenRound(library, id, options);
    const round = chosen?.round ?? options.round;
    const { prepared } = findNetwork(library, { run: id, round, member });
    return { run: id, round, chosen, variant: await engineOf(prepared.resolution) };
  });
  requireWritable('--out', out);
  return await interruptible(async (signal) => {
    const engine = await engineFor(variant, signal);
    return await withReadingStudio(options, engine, async (studio) => {
      const exported = await exportRun(
        studio,
        { run, round, member, format, out },
        { signal, load: readImages },
      );
      const { test } = exported.evaluation;
      output.result(exported, () =>
        [
          ...(chosen ? [chosen.why] : []),
          `Wrote ${exported.file} (${bytes(exported.bytes)}) and ${exported.card}`,
          `Round ${exported.round} of ${exported.run}: ${percent(exported.sparsity)} pruned, ${exported.zeros} zeros`,
          `Opened again: test accuracy ${percent(test.accuracy, 2)}, NLL ${test.nll.toFixed(4)}, ECE ${test.ece.toFixed(4)}`,
        ].join('\n'),
      );
      return ExitCode.ok;
    });
  });
}

/**
 * The sparsest round of a run that is within some points of dense, where that is asked for.
 * @throws ConfigError where none is, or none can be chosen
 */
function chosenRound(
  library: Library,
  run: RunId,
  { round, smallest = false, within }: ExportOptions,
): { round: number; why: string } | null {
  if (!smallest && within === undefined) return null;
  const points = within ?? DEFAULT_WITHIN;
  const option = within === undefined ? '--smallest' : `--within ${within}`;
  if (round !== undefined) {
    throw new ConfigError(
      `${option} chooses the round, and --round ${round} names one`,
      'Give one of the two.',
    );
  }
  const { round: found, accuracy, denseArm } = sparsestWithin(library, run, points, option);
  return {
    round: found,
    why: `Round ${found} is the sparsest within ${pointsText(points)} of dense (round 0 of ${denseArm}) on validation: ${percent(accuracy, 2)}`,
  };
}
