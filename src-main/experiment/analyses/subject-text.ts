import type { Subject } from '../../contract/analysis.ts';
import { ConfigError } from '../../contract/errors.ts';
import type { Store } from '../../store/store.ts';

/**
 * What texts name: an experiment (all its runs), EXPERIMENT/ARM (the runs of all seeds), a run; RUN@ROUND, a round of it; or
 * RUN@ROUND:PARTICLE, a particle or an ensemble's member. Ids may be cut short as long as they name just one.
 * @throws ConfigError with candidates
 */
export function subjectsOf(store: Store, texts: readonly string[]): Subject[] {
  const all = texts.flatMap((text) => subjectsIn(store, text));
  return [...new Map(all.map((subject) => [subjectText(subject), subject])).values()];
}

/** As `subjectsOf` reads it. */
export function subjectText({ run, round, particle }: Subject): string {
  return `${run}${round === undefined ? '' : `@${round}`}${particle === undefined ? '' : `:${particle}`}`;
}

function subjectsIn(store: Store, text: string): Subject[] {
  const match = /^(?<name>[^@]*)(?:@(?<round>\d+)(?::(?<particle>\d+))?)?$/.exec(text);
  const { name, round, particle } = match?.groups ?? {};
  if (name === undefined || name === '')
    throw new ConfigError(
      `${text} names no run`,
      'Give a run, RUN@ROUND, or RUN@ROUND:PARTICLE; all count from 0.',
    );
  const place = {
    ...(round === undefined ? {} : { round: Number(round) }),
    ...(particle === undefined ? {} : { particle: Number(particle) }),
  };
  return runsOf(store, name).map((run) => ({ run, ...place }));
}

function runsOf(store: Store, name: string): Subject['run'][] {
  const [head = '', slug, ...rest] = name.split('/');
  if (slug === undefined || slug === '') {
    const experiment = store.findExperiment(head);
    return store.runs({ experiment }).map(({ id }) => id);
  }
  if (rest.length === 0) {
    // Of an arm by its whole name: the runs of all its seeds.
    const experiment = store.findExperiment(head);
    const runs = store.runs({ experiment }).filter((run) => run.slug === slug);
    if (runs.length > 0) return runs.map(({ id }) => id);
  }
  return [store.findRun(name)];
}
