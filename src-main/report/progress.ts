import type { RunEvent, Where } from '../contract/progress.ts';
import { bytes, columns, count, duration, fixed, percent, sparsityPercent } from './format.ts';
import { bar, LiveLines, type ProgressOptions } from './terminal.ts';

export type { ProgressOptions, TerminalStream } from './terminal.ts';

/** Least time between two lines of progress where nothing can be redrawn. */
const lineMs = 30_000;

/** More jobs at once than this are summed up in one line. */
const mostJobs = 6;

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;
type Progress = EventOf<'progress'>['progress'];

interface RunningJob {
  readonly where: Where;
  readonly kind: EventOf<'started'>['kind'];
  readonly progress: Progress | null;
}

export interface RunProgress {
  event(event: RunEvent): void;
  close(): void;
}

/** Where an experiment stands among those of a sweep, which run one after another. Estimated seconds. */
export interface SweepPlace {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly secondsBefore: number;
  readonly secondsOwn: number;
  readonly secondsAfter: number;
}

/**
 * Shows an experiment's events: redrawn in place on a terminal, as plain lines in a log.
 * @param options.sweep adds how far all of a sweep is
 */
export function createProgress(
  options: ProgressOptions & { readonly sweep?: SweepPlace | undefined },
): RunProgress {
  const { now = Date.now, sweep } = options;
  const lines = new LiveLines(options);
  const { bold, dim, alarm } = lines.marks;
  const begun = now();
  const running = new Map<string, RunningJob>();
  let experiment = '';
  let eta: EventOf<'eta'> | null = null;
  let stopping = false;
  let lineAt = begun;
  /** Widest arm so far, so that the finished rounds stand in columns. */
  let armWidth = 0;

  const timeLeft = (): string => {
    const parts: string[] = [];
    if (eta?.roundSeconds != null) parts.push(`round ${duration(eta.roundSeconds)}`);
    if (eta?.experimentSeconds != null) parts.push(`experiment ${duration(eta.experimentSeconds)}`);
    return parts.length === 0 ? '' : `${parts.join(', ')} left`;
  };
  const sweepLeft = (place: SweepPlace): { done: number; text: string } => {
    const own = eta?.experimentSeconds ?? (1 - (eta?.done ?? 0)) * place.secondsOwn;
    const before = place.secondsBefore + Math.max(0, place.secondsOwn - own);
    const left = own + place.secondsAfter;
    const all = before + left;
    return { done: all > 0 ? before / all : 0, text: `sweep ${duration(left)} left` };
  };
  const live = (): string[] => {
    const wide = lines.width >= 90;
    const jobs = [...running.values()].slice(0, mostJobs);
    const rows = jobs.map((job) => {
      const { iteration = 0, iterations = 0 } = job.progress ?? {};
      const share = iterations > 0 ? iteration / iterations : 0;
      return [
        bold(job.where.arm),
        `${roundOf(job.where)} ${doing(job)}`,
        iterations > 0 ? bar(share, wide ? 16 : 8) : '',
        iterations > 0 ? percent(share, 0) : '',
        measured(job.progress).join('  '),
      ];
    });
    const more = running.size - jobs.length;
    const done = eta?.done ?? 0;
    const total = [
      `${bar(done, wide ? 30 : 14)} ${percent(done, 0).padStart(5)}`,
      stopping ? 'stopping' : timeLeft(),
      dim(`${duration((now() - begun) / 1000)} so far`),
    ];
    return [
      ...columns(rows, ['left', 'left', 'left', 'right', 'left']),
      ...(more > 0 ? [`and ${more} more`] : []),
      total.filter(Boolean).join('  '),
      ...(sweep ? [sweepLine(sweep, wide)] : []),
    ];
  };
  const sweepLine = (place: SweepPlace, wide: boolean): string => {
    const { done, text } = sweepLeft(place);
    return `${bar(done, wide ? 30 : 14)} ${percent(done, 0).padStart(5)}  ${text}  ${dim(`experiment ${place.number} of ${place.of}`)}`;
  };
  const plainLine = (): string => {
    const job = [...running.values()].at(-1);
    const parts = [percent(eta?.done ?? 0, 0)];
    if (job) {
      const loss = job.progress?.loss;
      parts.push(`${job.where.arm} ${roundOf(job.where)} ${doing(job)}`);
      if (loss !== undefined) parts.push(`loss ${loss.toFixed(3)}`);
    }
    const left = timeLeft();
    if (left) parts.push(left);
    if (sweep) parts.push(`experiment ${sweep.number} of ${sweep.of}, ${sweepLeft(sweep).text}`);
    return parts.join(', ');
  };
  const refresh = (): void => {
    if (lines.isTTY) lines.show(live);
    else if (now() - lineAt >= lineMs && (eta !== null || running.size > 0)) {
      lineAt = now();
      lines.print(plainLine());
    }
  };
  const printPlain = (text: string): void => {
    lineAt = now();
    lines.print(text);
  };

  return {
    event(event) {
      switch (event.type) {
        case 'queued':
          // Those of a sweep wait for each other, which goes without saying.
          if (sweep) break;
          lines.print(
            `It waits for ${event.ahead === 1 ? 'another experiment' : `${event.ahead} other experiments`} to end.`,
          );
          break;
        case 'planned':
          experiment = event.experiment;
          lines.print(planLine(event));
          break;
        case 'started':
          running.set(event.key, { where: event.where, kind: event.kind, progress: null });
          break;
        case 'progress': {
          const { key } = event.progress;
          const kind = running.get(key)?.kind ?? 'train-particle';
          running.set(key, { where: event.where, kind, progress: event.progress });
          break;
        }
        case 'finished':
          running.delete(event.key);
          break;
        case 'round': {
          const { where, sparsity, test, validation } = event;
          armWidth = Math.max(armWidth, where.arm.length);
          const parts = [
            `${sparsityPercent(sparsity).padStart(7)} pruned`,
            `test ${bold(percent(test.accuracy, 2))}`,
            ...(validation ? [`validation ${percent(validation.accuracy, 2)}`] : []),
            dim(`NLL ${fixed(test.nll, 3)}  ECE ${percent(test.ece, 1)}`),
          ];
          const place = `${where.arm.padEnd(armWidth)}  seed ${where.seed}  ${roundOf(where).padEnd(11)}`;
          printPlain(`${place}  ${parts.join('  ')}`);
          break;
        }
        case 'eta':
          eta = event;
          break;
        case 'curve':
          return;
        case 'warning':
        case 'repaired':
          lines.printWhole(`warning: ${placeOf(event.where)}: ${event.message}`);
          break;
        case 'lost': {
          running.delete(event.key);
          const again = event.again ? '; its job is tried again from the last checkpoint' : '';
          lines.printWhole(`warning: ${placeOf(event.where)}: ${event.reason}${again}`);
          break;
        }
        case 'failed': {
          running.delete(event.key);
          const hint = event.hint === '' ? '' : `\n  ${event.hint}`;
          lines.printWhole(`${alarm('failed')}: ${placeOf(event.where)}: ${event.message}${hint}`);
          break;
        }
        case 'stopping':
          stopping = true;
          lines.printWhole('Stopping: a checkpoint is written first. Ctrl-C again leaves at once.');
          break;
        case 'ended': {
          lines.close();
          const name = experiment === '' ? 'The experiment' : experiment;
          // One of a sweep may have begun before it was looked at.
          const after = sweep ? '' : ` after ${duration((now() - begun) / 1000)}`;
          lines.printWhole(`${name} ${endings[event.state]}${after}.`);
          return;
        }
        case 'broken':
          lines.close();
          return;
      }
      refresh();
    },
    close: () => lines.close(),
  };
}

const endings: Readonly<Record<EventOf<'ended'>['state'], string>> = {
  done: 'is done',
  stopped: 'was stopped',
  paused: 'was paused',
  cancelled: 'was cancelled',
  failed: 'ended with failed jobs',
};

function planLine(event: EventOf<'planned'>): string {
  const { jobs, stored: there, trainings, trainingsStored } = event;
  if (trainings === trainingsStored)
    return `${event.experiment}: ${count(jobs - there)} job${jobs - there === 1 ? '' : 's'}, on ${event.device}`;
  const stored = event.trainingsStored > 0 ? `, ${count(event.trainingsStored)} of them already stored` : '';
  return `${event.experiment}: ${count(event.trainings)} trainings${stored}, on ${event.device}`;
}

/** Rounds count from 0, as in every table: the last of 11 is `round 10/10`. */
function roundOf({ round, rounds }: Where): string {
  // Jobs of an analysis are of no round.
  return rounds === 0 ? '' : `round ${round}/${Math.max(0, rounds - 1)}`;
}

function placeOf(where: Where): string {
  return where.rounds === 0 ? where.arm : `${where.arm} seed ${where.seed} ${roundOf(where)}`;
}

/** What a job does, and to which particle or member, counted from 1. */
function doing({ kind, where }: RunningJob): string {
  const { arm, index, particles = 1 } = where;
  const unit = arm.startsWith('imp-ensemble') ? 'member' : 'particle';
  const which = particles > 1 ? `${unit} ${index + 1}/${particles}` : '';
  switch (kind) {
    case 'import':
      return 'reading a file';
    case 'train-ticket':
      return 'training the ticket';
    case 'train-particle':
      return which === '' ? 'training' : which;
    case 'train-group':
      return 'training';
    case 'average':
      return 'averaging';
    case 'prune':
      return 'pruning';
    case 'score':
      return 'scoring weights';
    case 'evaluate':
      return 'evaluating';
    case 'evaluate-ensemble':
      return 'evaluating the ensemble';
    case 'soup':
      return 'choosing what to average';
    case 'pool':
      return 'interpolating with neighbours';
    case 'measure':
      return 'measuring loss and error';
    case 'connectivity':
      return 'walking from one solution to the other';
    case 'surface':
      return 'measuring a loss surface';
    case 'hessian-trace':
      return 'probing the curvature';
    case 'hessian-eigenvalues':
      return 'searching eigenvalues';
    case 'overlap':
      return 'comparing masks';
    case 'size':
      return 'compressing a network';
    case 'latency':
      return 'timing predictions';
    case 'robustness':
      return 'predicting corrupted images';
    case 'calibration':
      return 'comparing confidence with accuracy';
  }
}

function measured(progress: Progress | null): string[] {
  const parts: string[] = [];
  if (progress?.loss !== undefined) parts.push(`loss ${progress.loss.toFixed(3)}`);
  if (progress?.accuracy !== undefined) parts.push(`accuracy ${percent(progress.accuracy)}`);
  if (progress?.stepMs !== undefined) parts.push(`${progress.stepMs.toFixed(1)} ms a step`);
  return parts;
}

/** One step of a long preparation, such as fetching the engine. */
export interface PreparationStep {
  readonly message: string;
  readonly doneBytes?: number | undefined;
  readonly totalBytes?: number | undefined;
}

export interface PreparationProgress {
  update(step: PreparationStep): void;
  close(): void;
}

/** Shows a preparation: a bar on a terminal; elsewhere a line for each step, and one every 30 seconds. */
export function provisionProgress(options: ProgressOptions): PreparationProgress {
  const { now = Date.now } = options;
  const lines = new LiveLines(options);
  let current: PreparationStep = { message: '' };
  let startedAt = now();
  let startedBytes = 0;
  let lineAt = now();

  const compose = (): string => {
    const { message, doneBytes, totalBytes } = current;
    if (doneBytes === undefined) return message;
    const seconds = (now() - startedAt) / 1000;
    const rate = seconds > 1 ? (doneBytes - startedBytes) / seconds : 0;
    if (!totalBytes) return `${message}  ${bytes(doneBytes)}`;
    const left = rate > 0 ? `  ${duration((totalBytes - doneBytes) / rate)} left` : '';
    const amount = `${percent(doneBytes / totalBytes, 0)}  ${bytes(doneBytes)} of ${bytes(totalBytes)}`;
    return lines.isTTY
      ? `${bar(doneBytes / totalBytes, 24)} ${amount}${left}  ${message}`
      : `${message}: ${amount}${left}`;
  };
  return {
    update(step) {
      const changed = step.message !== current.message;
      current = step;
      if (changed) {
        startedAt = now();
        startedBytes = step.doneBytes ?? 0;
      }
      if (lines.isTTY) lines.show(() => [compose()]);
      else if (changed || now() - lineAt >= lineMs) {
        lineAt = now();
        lines.print(changed ? step.message : compose());
      }
    },
    close: () => lines.close(),
  };
}

export interface WorkProgress {
  update(done: number, total: number): void;
  close(): void;
}

/** Shows how much of some work is done: a bar on a terminal; elsewhere a line every 30 seconds. */
export function workProgress(words: string, things: string, options: ProgressOptions): WorkProgress {
  const { now = Date.now } = options;
  const lines = new LiveLines(options);
  let lineAt = now();
  return {
    update(done, total) {
      const share = total > 0 ? done / total : 1;
      const amount = `${percent(share, 0)}  ${count(done)} of ${count(total)} ${things}`;
      if (lines.isTTY) lines.show(() => [`${bar(share, 24)} ${amount}  ${words}`]);
      else if (now() - lineAt >= lineMs) {
        lineAt = now();
        lines.print(`${words}: ${amount}`);
      }
    },
    close: () => lines.close(),
  };
}

/** How far the loading of a data set is. */
export interface DataProgress {
  update(progress: { readonly message: string; readonly share: number }): void;
  close(): void;
}

/** Shows how a data set is loaded: a bar on a terminal; elsewhere a line when it begins, and one every 30 seconds. */
export function dataProgress(options: ProgressOptions): DataProgress {
  const { now = Date.now } = options;
  const lines = new LiveLines(options);
  const begun = now();
  let lineAt = Number.NEGATIVE_INFINITY;
  return {
    update({ message, share }) {
      const seconds = (now() - begun) / 1000;
      const left = share > 0.01 && seconds > 1 ? `  ${duration((seconds * (1 - share)) / share)} left` : '';
      if (lines.isTTY)
        lines.show(() => [`${bar(share, 24)} ${percent(share, 0).padStart(5)}${left}  ${message}`]);
      else if (now() - lineAt >= lineMs) {
        lineAt = now();
        lines.print(`${message}: ${percent(share, 0)}${left}`);
      }
    },
    close: () => lines.close(),
  };
}
