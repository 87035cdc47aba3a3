import { ExitCode } from '../contract/errors.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { EndState } from '../contract/progress.ts';
import { estimatePlans, knownTimings, storedExperiment } from '../experiment/studio.ts';
import type { SweepPlace } from '../report/progress.ts';
import { finishReport, type FinalReport } from './finish.ts';
import { serveOthers, toItsEnd, type Failure } from './follow.ts';
import type { Output } from './output.ts';
import type { Host } from './service.ts';
import { sweepTable, type SweepMember } from './sweep-table.ts';

/** Experiments of a sweep that are to run, one after another. */
export interface SweepRun {
  readonly sweep: string;
  readonly experiments: readonly ExperimentId[];
  /** What each is estimated to take. */
  readonly seconds: readonly number[];
}

interface Ended {
  readonly experiment: ExperimentId;
  readonly state: EndState | 'detached';
  readonly failures: readonly Failure[];
  readonly report: FinalReport['json'] | null;
}

/** Shows how a sweep goes, experiment by experiment, and reports what came out. */
export async function followSweep(
  host: Host,
  run: SweepRun,
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { sweep, experiments } = run;
  const pid = host.attachedTo;
  output.note(`Sweep ${sweep}${pid === null ? '' : `, run by process ${pid}`}`);
  const ended: Ended[] = [];
  for (const [at, experiment] of experiments.entries()) {
    output.note(`Experiment ${at + 1} of ${experiments.length}: ${experiment}`);
    const one = await followOne(host, experiment, placeOf(run, at), output, signal);
    ended.push(one);
    if (one.state === 'detached' || signal.aborted) break;
  }
  const code = report(host, sweep, ended, signal, output);
  if (host.attachedTo === null) await serveOthers(host, output, signal);
  return code;
}

async function followOne(
  host: Host,
  experiment: ExperimentId,
  place: SweepPlace,
  output: Output,
  signal: AbortSignal,
): Promise<Ended> {
  const failures: Failure[] = [];
  const state = await toItsEnd(host, experiment, failures, signal, place);
  if (state !== 'done') return { experiment, state, failures, report: null };
  const prepared = storedExperiment(host.library, experiment);
  const { json } = await host.withStudio(prepared.resolution, signal, (studio) =>
    finishReport(studio, experiment, prepared, output),
  );
  return { experiment, state, failures, report: json };
}

function placeOf({ experiments, seconds }: SweepRun, at: number): SweepPlace {
  const sum = (some: readonly number[]): number => some.reduce((total, each) => total + each, 0);
  return {
    number: at + 1,
    of: experiments.length,
    secondsBefore: sum(seconds.slice(0, at)),
    secondsOwn: seconds[at] ?? 0,
    secondsAfter: sum(seconds.slice(at + 1)),
  };
}

function report(
  host: Host,
  sweep: string,
  ended: readonly Ended[],
  signal: AbortSignal,
  output: Output,
): ExitCode {
  const { library, attachedTo } = host;
  const members = sweepTable(library, sweep);
  const state = stateOf(ended, members.experiments, signal);
  const json = members.experiments.map((member) => ({ ...member, ...told(ended, member) }));
  output.result({ sweep, state, library: library.dir, experiments: json }, () =>
    [members.text, '', closing(state, sweep, attachedTo)].join('\n'),
  );
  if (state === 'done') return ExitCode.ok;
  return state === 'failed' ? ExitCode.job : ExitCode.stopped;
}

type SweepState = 'done' | 'failed' | 'stopped' | 'running';

function stateOf(ended: readonly Ended[], members: readonly SweepMember[], signal: AbortSignal): SweepState {
  if (ended.at(-1)?.state === 'detached') return 'running';
  if (members.every(({ state }) => state === 'done')) return 'done';
  const failed = ended.some(({ state }) => state === 'failed');
  return failed && !signal.aborted ? 'failed' : 'stopped';
}

/** What only following an experiment tells of it. */
function told(ended: readonly Ended[], { experiment }: SweepMember): object {
  const one = ended.find((each) => each.experiment === experiment);
  return {
    ...(one?.report ?? {}),
    ...(one && one.failures.length > 0 ? { failures: one.failures } : {}),
  };
}

function closing(state: SweepState, sweep: string, pid: number | null): string {
  switch (state) {
    case 'done':
      return `\`swamp compare ${sweep}\` compares the arms of all of them.`;
    case 'failed':
      return `Some jobs failed; the rest is kept. When the cause is mended, \`swamp resume ${sweep}\` tries them again.`;
    case 'running':
      return `${sweep} goes on in process ${pid}. \`swamp resume ${sweep}\` shows it again, \`swamp pause ${sweep}\` stops it.`;
    case 'stopped':
      return `Stopped. What is finished is kept; \`swamp resume ${sweep}\` goes on.`;
  }
}

/** Follows what of a sweep was queued again. */
export async function followResumed(
  host: Host,
  sweep: string,
  experiments: readonly ExperimentId[],
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  return await followSweep(
    host,
    { sweep, experiments, seconds: secondsOf(host, experiments) },
    output,
    signal,
  );
}

/** What is left of each, by the times of steps that are known; one that has none counts nothing until it runs. */
function secondsOf({ library }: Host, experiments: readonly ExperimentId[]): number[] {
  const stored = experiments.map((id) => {
    const prepared = storedExperiment(library, id);
    return { prepared, timings: knownTimings(library, prepared) };
  });
  return estimatePlans(library, stored).experiments.map(({ seconds }) => seconds ?? 0);
}
