import type { Output } from '../../src-main/contract/api/index.ts';

type Contents = Output<'files.look'>;
export type Packed = Contents['experiments'][number];

/** What will become of an experiment that is taken in. */
export const knownWords: Readonly<Record<Packed['known'], string>> = {
  new: 'new',
  same: 'here already',
  grown: 'here, less far on: what is new is added',
  older: 'here, further on: nothing is taken',
  other: 'another one has this id: gets a new id',
};

/** Whether anything of it would be added. */
export function addsSomething({ known }: Packed): boolean {
  return known === 'new' || known === 'grown' || known === 'other';
}

/** `3 runs of imp, swamp(4); 8 rounds` */
export function runWords({ runs }: Packed): string {
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const rounds = Math.max(0, ...runs.map((run) => run.rounds));
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  return `${arms.join(', ')}; ${plural(seeds, 'seed')}, ${plural(rounds, 'round')}`;
}

/** What was done, for the notice. */
export function takenWords({ added, grown }: Pick<Output<'files.import'>, 'added' | 'grown'>): string {
  const parts = [
    ...(added.length > 0
      ? [`${added.length} ${added.length === 1 ? 'experiment' : 'experiments'} added`]
      : []),
    ...(grown.length > 0 ? [`${grown.length} taken further`] : []),
  ];
  return parts.length === 0 ? 'Nothing was added: all of it is here already.' : `${parts.join(', ')}.`;
}
