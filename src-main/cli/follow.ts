import { fromErrorData } from '../contract/error-data.ts';
import { ExitCode } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { EndState } from '../contract/progress.ts';
import { storedExperiment } from '../experiment/studio.ts';
import { createProgress, type SweepPlace } from '../report/progress.ts';
import { finishReport } from './finish.ts';
import type { Output } from './output.ts';
import type { Host } from './service.ts';

/** A job that failed, by its place; told in JSON as it is. */
export interface Failure {
  readonly arm: string;
  readonly seed: number;
  readonly round: number;
  readonly message: string;
  readonly hint: string;
}

/**
 * Shows how an experiment or an analysis goes, in whichever process it runs, and reports what came out.
 * @param out where an analysis's pictures and tables go
 */
export async function follow(
  host: Host,
  id: ExperimentId,
  output: Output,
  signal: AbortSignal,
  { out }: { readonly out?: string } = {},
): Promise<ExitCode> {
  const pid = host.attachedTo;
  const isAnalysis = host.library.store.experiment(id).analysis !== null;
  const what = isAnalysis ? 'Analysis' : 'Experiment';
  output.note(pid === null ? `${what} ${id}` : `${what} ${id}, run by process ${pid}`);
  const failures: Failure[] = [];
  const state = await toItsEnd(host, id, failures, signal);
  const { dir } = host.library;
  const code = await report();
  if (host.attachedTo === null) await serveOthers(host, output, signal);
  return code;

  async function report(): Promise<ExitCode> {
    switch (state) {
      case 'done': {
        if (isAnalysis) {
          const { tellFindings } = await import('./analyze.ts');
          return await tellFindings(host.library, id, out === undefined ? {} : { out }, output);
        }
        const prepared = storedExperiment(host.library, id);
        const written = await host.withStudio(prepared.resolution, signal, (studio) =>
          finishReport(studio, id, prepared, output),
        );
        output.result({ experiment: id, state, library: dir, ...written.json }, () => written.text);
        return ExitCode.ok;
      }
      case 'failed':
        output.result(
          { experiment: id, state, library: dir, failures },
          () =>
            `Some jobs failed; the rest is kept. When the cause is mended, \`swamp retry ${id}\` tries them again.`,
        );
        return ExitCode.job;
      case 'detached':
        output.result(
          { experiment: id, state: 'running', library: dir },
          () =>
            `${id} goes on in process ${pid}. \`swamp resume ${id}\` shows it again, \`swamp pause ${id}\` stops it.`,
        );
        return ExitCode.stopped;
      case 'stopped':
      case 'paused':
      case 'cancelled':
        output.result({ experiment: id, state, library: dir }, () => endings[state](id));
        return ExitCode.stopped;
    }
  }
}

const endings = {
  stopped: (id: string) => `Stopped. What is finished is kept; \`swamp resume ${id}\` goes on.`,
  paused: (id: string) => `Paused. What is finished is kept; \`swamp resume ${id}\` goes on.`,
  cancelled: (id: string) =>
    `Cancelled. What is finished is kept; \`swamp retry ${id}\` runs the rest after all.`,
};

/**
 * Shows one experiment until it ends.
 * @param failures gets the jobs that fail
 * @param sweep where it stands in one
 * @returns how it ended, or that this process no longer looks while another goes on with it.
 */
export async function toItsEnd(
  host: Host,
  id: ExperimentId,
  failures: Failure[],
  signal: AbortSignal,
  sweep?: SweepPlace,
): Promise<EndState | 'detached'> {
  const progress = createProgress({ stream: process.stderr, sweep });
  const end = Promise.withResolvers<EndState | 'detached'>();
  const unlisten = host.client.listen('run', { experiment: id }, ({ event }) => {
    progress.event(event);
    if (event.type === 'failed') {
      const { where, message, hint } = event;
      failures.push({ arm: where.arm, seed: where.seed, round: where.round, message, hint });
    } else if (event.type === 'ended') end.resolve(event.state);
    else if (event.type === 'broken') end.reject(fromErrorData(event.error));
  });
  const interrupted = (): void => {
    if (host.attachedTo === null) void host.stop();
    else end.resolve('detached');
  };
  signal.addEventListener('abort', interrupted, { once: true });
  if (signal.aborted) interrupted();
  void host.lost.then((why) => end.reject(why));
  try {
    return await end.promise;
  } finally {
    signal.removeEventListener('abort', interrupted);
    unlisten();
    progress.close();
  }
}

/** What this process was asked for has ended, but others may have asked this process for theirs. */
export async function serveOthers(host: Host, output: Output, signal: AbortSignal): Promise<void> {
  const { queue } = await host.client.call('host.info', {});
  if (queue.length === 0) return;
  const others = queue.map(({ experiment }) => experiment).join(', ');
  output.note(`This process goes on with ${others}, which others asked it for. Ctrl-C stops it.`);
  const interrupted = (): void => void host.stop();
  signal.addEventListener('abort', interrupted, { once: true });
  if (signal.aborted) interrupted();
  await host.whenEmpty();
}
