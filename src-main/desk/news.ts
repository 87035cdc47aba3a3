import { randomUUID } from 'node:crypto';
import type { Output } from '../contract/api/index.ts';
import type { ShownExperiment } from '../contract/api/details.ts';
import type { ExperimentId } from '../contract/ids.ts';
import type { Library } from '../store/library.ts';

/** Experiments whose last answers are kept: a window follows one or two. */
const KEPT = 4;

type News = Output<'experiments.follow'>;

interface Kept {
  /** Counts its answers. */
  version: number;
  /** Rounds as they were told last, as JSON, and in which answer they became so. */
  readonly rounds: Map<string, { readonly text: string; readonly at: number }>;
}

/** What of an experiment changed since it was last told: of ten thousand jobs a few do in a second. */
export class Newsroom {
  /** Another in each thread: what one has told another does not know. */
  readonly #name = randomUUID();
  /** The one used last is last. */
  readonly #kept = new Map<ExperimentId, Kept>();

  /** @param since version of an answer; of one that is not known all is told. */
  tell(shown: ShownExperiment, since: string | null): News {
    const kept = this.#take(shown.experiment);
    const from = this.#read(since, kept.version);
    kept.version++;
    const runs = shown.runs.map((run) => ({
      ...run,
      rounds: run.rounds.filter((round) => {
        const place = `${run.run}/${round.round}`;
        const text = JSON.stringify(round);
        const known = kept.rounds.get(place);
        const at = known?.text === text ? known.at : kept.version;
        if (known?.at !== at) kept.rounds.set(place, { text, at });
        return from === null || at > from;
      }),
    }));
    return {
      version: `${this.#name} ${kept.version}`,
      since: from === null ? null : since,
      experiment: { ...shown, runs },
    };
  }

  #take(id: ExperimentId): Kept {
    const kept = this.#kept.get(id) ?? { version: 0, rounds: new Map() };
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return kept;
  }

  /** Number of an answer that was given here; `null`: of none. */
  #read(since: string | null, newest: number): number | null {
    const [name, version] = (since ?? '').split(' ');
    const number = Number(version);
    return name === this.#name && number >= 1 && number <= newest ? number : null;
  }
}

const rooms = new WeakMap<Library, Newsroom>();

/** The newsroom of a library. */
export function newsroomOf(library: Library): Newsroom {
  const room = rooms.get(library) ?? new Newsroom();
  rooms.set(library, room);
  return room;
}
