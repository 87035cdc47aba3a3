import { withReport, type CurvePoint } from '../contract/curve.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { RunEvent } from '../contract/progress.ts';

type Handler = (event: RunEvent) => void;

/** Ended experiments of which a newcomer can still learn how they ended. */
const REMEMBERED = 50;

/** The events of experiments: told to whoever listens, and kept so far that a newcomer sees where it stands. */
export class Feed {
  readonly #stories = new Map<ExperimentId, Story>();
  readonly #handlers = new Map<ExperimentId, Set<Handler>>();

  /** An experiment is asked for: what an earlier run of it told is over. */
  begin(id: ExperimentId): void {
    const curves = this.#stories.get(id)?.curves;
    this.#stories.delete(id);
    this.#stories.set(id, new Story(curves));
    const ended = [...this.#stories].filter(([, story]) => story.over);
    for (const [old] of ended.slice(0, Math.max(0, ended.length - REMEMBERED))) this.#stories.delete(old);
  }

  tell(id: ExperimentId, event: RunEvent): void {
    const story = this.#stories.get(id);
    story?.add(event);
    // Who has listened from the start does not know what an earlier attempt told.
    const before = event.type === 'started' ? story?.curveOf(event) : undefined;
    for (const handler of [...(this.#handlers.get(id) ?? [])]) {
      handler(event);
      if (before) handler(before);
    }
  }

  listen(id: ExperimentId, handler: Handler): () => void {
    for (const event of this.#stories.get(id)?.events ?? []) handler(event);
    const handlers = this.#handlers.get(id) ?? new Set();
    this.#handlers.set(id, handlers.add(handler));
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0 && this.#handlers.get(id) === handlers) this.#handlers.delete(id);
    };
  }
}

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** A job that runs. */
interface Running {
  readonly started: EventOf<'started'>;
  latest: EventOf<'progress'> | null;
}

/** What of a run's events still matters: all that is told once, of running jobs the latest and their curves, the last estimate. */
class Story {
  /** Of jobs that are not done: those that were stopped go on where they were. */
  readonly curves: Map<JobKey, readonly CurvePoint[]>;
  readonly #lasting: RunEvent[] = [];
  readonly #running = new Map<JobKey, Running>();
  #eta: RunEvent | null = null;
  over = false;

  constructor(curves: ReadonlyMap<JobKey, readonly CurvePoint[]> = new Map()) {
    this.curves = new Map(curves);
  }

  add(event: RunEvent): void {
    switch (event.type) {
      case 'started':
        this.#running.set(event.key, { started: event, latest: null });
        return;
      case 'progress': {
        const { key } = event.progress;
        const running = this.#running.get(key);
        if (!running) return;
        running.latest = event;
        this.curves.set(key, withReport(this.curves.get(key) ?? [], event.progress));
        return;
      }
      case 'finished':
        this.#running.delete(event.key);
        this.curves.delete(event.key);
        return;
      case 'curve':
        return;
      case 'eta':
        this.#eta = event;
        return;
      case 'failed':
      case 'lost':
        this.#running.delete(event.key);
        break;
      case 'ended':
      case 'broken':
        this.over = true;
        this.#running.clear();
        break;
      case 'queued':
      case 'planned':
      case 'round':
      case 'warning':
      case 'repaired':
      case 'stopping':
        break;
    }
    this.#lasting.push(event);
  }

  /** What a job has told so far; absent where it has told nothing. */
  curveOf({ key, where }: EventOf<'started'>): EventOf<'curve'> | undefined {
    const points = this.curves.get(key) ?? [];
    return points.length > 0 ? { type: 'curve', key, where, points: [...points] } : undefined;
  }

  get events(): readonly RunEvent[] {
    const jobs = [...this.#running.values()].flatMap(({ started, latest }) => [
      started,
      this.curveOf(started) ?? [],
      latest ?? [],
    ]);
    const now = [...jobs.flat(), ...(this.#eta ? [this.#eta] : [])];
    const end = this.over ? this.#lasting.length - 1 : this.#lasting.length;
    return [...this.#lasting.slice(0, end), ...now, ...this.#lasting.slice(end)];
  }
}
