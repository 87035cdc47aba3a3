import type { ExperimentId, RunId } from '../contract/ids.ts';

/** Methods whose end changes what is shown of the experiments or the run that they name; `all`: of any. */
const touching: Readonly<Record<string, 'named' | 'all'>> = {
  'experiments.pause': 'named',
  'experiments.cancel': 'named',
  'library.tag': 'named',
  'library.untag': 'named',
  'library.note': 'named',
  'library.trash': 'named',
  'library.restore': 'named',
  'library.remove': 'named',
  'library.collect': 'all',
  'library.mend': 'all',
  'library.check': 'all',
};

interface Names {
  readonly id?: ExperimentId | RunId;
  readonly experiment?: ExperimentId;
  readonly experiments?: readonly ExperimentId[];
}

/** Experiments that look different after a call; `null`: any may. */
export function touchedBy(method: string, input: unknown): readonly ExperimentId[] | null {
  if (touching[method] === 'all') return null;
  if (touching[method] === undefined) return [];
  const { id, experiment, experiments = [] } = input as Names;
  // A run's id begins with its experiment's and a slash.
  const [owner] = id === undefined ? [] : id.split('/');
  return [
    ...experiments,
    ...[experiment, owner as ExperimentId | undefined].filter((each) => each !== undefined),
  ];
}
