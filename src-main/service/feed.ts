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
    this.#stories.delete(id);
    this.#stories.set(id, new Story());
    const ended = [...this.#stories].filter(([, story]) => story.over);
    for (const [old] of ended.slice(0, Math.max(0, ended.length - REMEMBERED))) this.#stories.delete(old);
  }

  tell(id: ExperimentId, event: RunEvent): void {
    this.#stories.get(id)?.add(event);
    for (const handler of [...(this.#handlers.get(id) ?? [])]) handler(event);
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

/** What of a run's events still matters: all that is told once, of running jobs the latest, the last estimate. */
class Story {
  readonly #lasting: RunEvent[] = [];
  readonly #running = new Map<JobKey, RunEvent[]>();
  #eta: RunEvent | null = null;
  over = false;

  add(event: RunEvent): void {
    switch (event.type) {
      case 'started':
        this.#running.set(event.key, [event]);
        return;
      case 'progress': {
        const { key } = event.progress;
        const [started] = this.#running.get(key) ?? [];
        if (started) this.#running.set(key, [started, event]);
        return;
      }
      case 'finished':
        this.#running.delete(event.key);
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

  get events(): readonly RunEvent[] {
    const now = [...[...this.#running.values()].flat(), ...(this.#eta ? [this.#eta] : [])];
    const end = this.over ? this.#lasting.length - 1 : this.#lasting.length;
    return [...this.#lasting.slice(0, end), ...now, ...this.#lasting.slice(end)];
  }
}
