import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { jsonLine, swamp } from '../e2e/cli.ts';
import type { ExperimentId } from '../src-main/contract/ids.ts';
import { holderOf } from '../src-main/store/lock.ts';
import { attach, type SocketClient } from '../src-main/transport/client.ts';
import type { BusyReport } from './busy.ts';
import { makeLibrary } from './library.ts';

// How long a host takes to answer while it trains: 1,000 calls from another process, which listens to its events too.
// Then once more while its desks compare experiments of a large library, page through its table and read a data set.

const CALLS = 1000;
const PAUSE_MS = 5;
/** Of the library beside the experiment that trains. */
const RUNS = 1200;

const folder = mkdtempSync(join(tmpdir(), 'swamp-latency-'));
const file = join(folder, 'latency.json');
const library = join(folder, 'library');
// Trainings of a second and many rounds, so that jobs end, results are stored and rounds are told of meanwhile.
writeFileSync(
  file,
  JSON.stringify({
    name: 'latency',
    dataset: 'digits',
    model: { kind: 'lenet', hidden: [100] },
    recipe: { epochs: 5, batch: 128 },
    ticket: { iterations: 10 },
    sparsity: { kind: 'geometric', fraction: 0.1, rounds: 40 },
    arms: ['imp', { kind: 'swamp', particles: 4 }],
  }),
);

const quantile = (sorted: readonly number[], share: number): string =>
  (sorted[Math.ceil(share * sorted.length) - 1] ?? NaN).toFixed(2);

/** Calls one after another. @returns what they took, in words. */
async function measure(client: SocketClient, experiment: ExperimentId): Promise<string> {
  const times: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const start = performance.now();
    // One that runs stays where it is: this looks into the library, and nothing more.
    if (call % 2 === 0) await client.call('experiments.resume', { experiment });
    else await client.call('host.info', {});
    times.push(performance.now() - start);
    await setTimeout(PAUSE_MS);
  }
  times.sort((a, b) => a - b);
  return `median ${quantile(times, 0.5)} ms, 99th percentile ${quantile(times, 0.99)} ms, longest ${quantile(times, 1)} ms`;
}

/** Keeps both desks busy, from a thread of its own: reading large answers must not keep the measuring calls waiting. */
async function besideWork<T>(address: string, use: () => Promise<T>): Promise<{ result: T; done: string }> {
  const thread = new Worker(new URL('./busy.ts', import.meta.url), { workerData: { address }, execArgv: [] });
  const told = once(thread, 'message') as Promise<[BusyReport]>;
  const result = await use();
  thread.postMessage('enough');
  const [{ comparisons, pages, surveys }] = await told;
  return {
    result,
    done: `${comparisons} comparisons, ${pages} pages of the table and ${surveys} data sets read`,
  };
}

try {
  makeLibrary({ runs: RUNS, points: 300 * RUNS, folder: library });
  const started = await swamp(['run', file, '--detach', '--json', '--library', library]);
  if (started.code !== 0) throw new Error(started.stderr);
  const { experiment } = jsonLine<{ experiment: ExperimentId }>(started);
  const address = holderOf(library)?.socket ?? '';
  const client = await attach(address, 'bench');
  let events = 0;
  const begun = Promise.withResolvers<void>();
  client.listen('run', { experiment }, ({ event }) => {
    events++;
    if (event.type === 'round') begun.resolve();
  });
  await begun.promise;
  const alone = await measure(client, experiment);
  process.stdout.write(`${CALLS} calls while a training ran and ${events} events came: ${alone}\n`);
  const { result: beside, done } = await besideWork(address, () => measure(client, experiment));
  process.stdout.write(`The same beside ${done}: ${beside}\n`);
  await client.call('experiments.cancel', { experiment });
  client.close();
  // The host ends when nobody is attached, and its folder must outlive it.
  while (holderOf(library) !== null) await setTimeout(200);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
