import { watch } from 'vue';
import type { Queued } from '../../src-main/contract/api/host.ts';
import type { ExperimentId } from '../../src-main/contract/ids.ts';
import type { EndState } from '../../src-main/contract/progress.ts';
import type { Notice, ShellBridge } from '../../src-main/contract/shell.ts';
import { shortTitle } from '../analyses/said.ts';
import { host } from '../host.ts';
import { analysisRoute, useAnalyses } from '../stores/analyses.ts';
import { useLive } from '../stores/live.ts';

/** Whoever waits less than this looks on. */
const LONG_MS = 20_000;
/** A host that has not told how something ended within this does not know. */
const PATIENCE_MS = 10_000;

/** Watches which experiments run, to know those that end after a long time. */
export class Ends {
  readonly #since = new Map<ExperimentId, number>();

  /** @param now in milliseconds. @returns those that ran for long and neither run nor wait any more. */
  ended(queue: readonly Queued[], now: number): ExperimentId[] {
    const over: ExperimentId[] = [];
    for (const [experiment, since] of this.#since) {
      if (queue.some((queued) => queued.experiment === experiment)) continue;
      this.#since.delete(experiment);
      if (now - since >= LONG_MS) over.push(experiment);
    }
    for (const { experiment, phase } of queue)
      if (phase === 'running' && !this.#since.has(experiment)) this.#since.set(experiment, now);
    return over;
  }
}

/** Something that ended, as people know it. */
interface Ended {
  readonly name: string;
  /** Where it is shown. */
  readonly route: string;
  /** What there is when it is done. */
  readonly there: string;
}

function endedOf(experiment: ExperimentId): Ended {
  const analysis = useAnalyses().byId.get(experiment);
  if (!analysis) return { name: experiment, route: `/run/${experiment}`, there: 'All its rounds are there.' };
  const { params, query } = analysisRoute(analysis);
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each])),
  );
  const page = params ? `/run/${params.experiment}` : '/compare';
  return {
    name: shortTitle(analysis.title),
    route: `${page}?${search.toString()}`,
    there: 'All its figures are there.',
  };
}

/** What is said of an end; `null` of one that somebody wished for, or that nobody knows. */
export function wordsOf({ name, route, there }: Ended, state: EndState | null): Notice | null {
  if (state === 'done') return { title: `${name} is done`, body: there, route };
  if (state === 'failed')
    return {
      title: `${name} has failed`,
      body: 'What is finished is kept. Its page says what went wrong.',
      route,
    };
  return null;
}

/** Nobody looks at the window. */
const isAway = (): boolean => document.hidden || !document.hasFocus();

/** Tells the desktop when an experiment ends that ran for long, and nobody looks at the window. @returns ends it. */
export function tellOfEnds(shell: Pick<ShellBridge, 'call'>): () => void {
  const live = useLive();
  // Known before the first of them ends.
  useAnalyses();
  const ends = new Ends();
  return watch(
    () => live.queue,
    (queue) => {
      for (const experiment of ends.ended(queue, performance.now())) void tellOf(experiment);
    },
    { immediate: true },
  );

  async function tellOf(experiment: ExperimentId): Promise<void> {
    const notice = wordsOf(endedOf(experiment), await endOf(experiment));
    if (notice && isAway()) await shell.call('shell.notify', notice);
  }
}

/** How an experiment that is over ended; `null` where the host no longer knows, as after a crash. */
function endOf(experiment: ExperimentId): Promise<EndState | null> {
  return new Promise((resolve) => {
    const unlisten = host.listen('run', { experiment }, ({ event }) => {
      if (event.type === 'ended') settle(event.state);
      else if (event.type === 'broken') settle('failed');
    });
    const timer = setTimeout(() => settle(null), PATIENCE_MS);
    const settle = (state: EndState | null): void => {
      clearTimeout(timer);
      unlisten();
      resolve(state);
    };
  });
}
