import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { AskedData, AskedNetwork } from '../contract/use.ts';
import { runErrand, type Errands } from '../desk/errands.ts';
import { findNetwork } from '../experiment/export.ts';
import type { Context } from './context.ts';

/** A network that is to be run on images. */
interface Order {
  readonly network: AskedNetwork;
  readonly images: AskedData;
  /** A file for predictions, which can be written; `null`: it is only evaluated. */
  readonly predictions: { readonly out: string; readonly top: number | null } | null;
}

/** Runs a network on images, told as a task. All that can be wrong is looked at first, so that it costs no engine. */
export async function useNetwork(
  { network, images, predictions }: Order,
  { library, tasks, engines, app }: Context,
  signal: AbortSignal,
): Promise<Errands['use']['output']> {
  const name = nameOf(network);
  if ('run' in network) findNetwork(library, network);
  const title = predictions ? `Predictions of ${name}` : `Evaluating ${name}`;
  return await tasks.run({ kind: 'use', title }, signal, async (report, signal) => {
    const watch = { report, signal };
    const folder = mkdtempSync(join(tmpdir(), 'swamp-network-'));
    try {
      const use = predictions
        ? ({ kind: 'predict', top: predictions.top } as const)
        : ({ kind: 'evaluate' } as const);
      const prepared = await runErrand(library.dir, 'fit', { network, images, folder, use }, watch);
      report({ step: 'preparing the engine', done: null });
      const engine = await engines.prepare('auto', signal);
      const order = { prepared, engine, app, predictions: predictions && { ...predictions, network: name } };
      return await runErrand(library.dir, 'use', order, watch);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function nameOf(network: AskedNetwork): string {
  if ('file' in network) return basename(network.file);
  const { run, round, member } = network;
  return [
    run,
    ...(round === undefined ? [] : [`round ${round}`]),
    ...(member === undefined ? [] : [`member ${member}`]),
  ].join(', ');
}
