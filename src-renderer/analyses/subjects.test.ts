import { describe, expect, it } from 'vitest';
import type { ShownExperiment } from '../../src-main/contract/api/details.ts';
import type { RunId } from '../../src-main/contract/ids.ts';
import {
  beginning,
  candidatesOf,
  choiceOf,
  commonRounds,
  matricesOf,
  networksOf,
  numberProblem,
  oneMore,
  singleOf,
  subjectsOf,
  subjectsWords,
  taken,
  takesPart,
  toggled,
  type Candidate,
} from './subjects.ts';

const id = (text: string): RunId => text as RunId;

/** A run with so many finished rounds, of so many particles each. */
function candidate(run: string, rounds: number, particles = 1): Candidate {
  const [experiment = '', arm = '', seed = ''] = run.split('/');
  return {
    run: id(run),
    experiment: experiment as Candidate['experiment'],
    arm,
    kind: arm.split('-')[0] ?? arm,
    seed: Number(seed),
    rounds: Array.from({ length: rounds }, (_, round) => ({ round, sparsity: 1 - 0.5 ** round, particles })),
  };
}

const runs = [
  candidate('a/imp/1', 3),
  candidate('a/imp/2', 3),
  candidate('a/swamp-4/1', 3, 4),
  candidate('a/swamp-4/2', 2, 4),
];
const ids = runs.map(({ run }) => run);

describe('what can be looked at', () => {
  it('is what is finished, with the particles of each round', () => {
    const round = (number: number, done: boolean, particles: number) => ({
      round: number,
      sparsity: 0.5,
      test: done ? { accuracy: 0.5, nll: 1, ece: 0.1 } : null,
      jobs: Array.from({ length: particles }, (_, index) => ({ role: 'particle', index })),
    });
    const shown = {
      experiment: 'a',
      runs: [
        { run: 'a/imp/1', arm: 'imp', kind: 'imp', seed: 1, rounds: [round(0, false, 1)] },
        { run: 'a/s/1', arm: 's', kind: 'swamp', seed: 1, rounds: [round(0, true, 4), round(1, false, 4)] },
      ],
    } as unknown as ShownExperiment;
    expect(candidatesOf(shown)).toMatchObject([{ run: 'a/s/1', rounds: [{ round: 0, particles: 4 }] }]);
  });

  it('stands in a table of arms and seeds for each experiment', () => {
    const [a, b] = matricesOf([...runs, candidate('b/imp/7', 1)]);
    expect(a).toMatchObject({ experiment: 'a', seeds: [1, 2] });
    expect(a?.arms.map(({ runs: own }) => own)).toEqual([
      ['a/imp/1', 'a/imp/2'],
      ['a/swamp-4/1', 'a/swamp-4/2'],
    ]);
    expect(b).toMatchObject({ experiment: 'b', seeds: [7], arms: [{ arm: 'imp', runs: ['b/imp/7'] }] });
  });

  it('stands for one network each, without ensembles', () => {
    const ensemble = { ...candidate('a/imp-ensemble-2/1', 3, 2), kind: 'imp-ensemble' };
    expect(singleOf([...ids, ensemble.run], [...runs, ensemble])).toEqual(ids);
  });

  it('has the rounds that all chosen runs have', () => {
    expect(commonRounds(runs, ids).map(({ round }) => round)).toEqual([0, 1]);
    expect(commonRounds(runs, [id('a/imp/1')]).map(({ round }) => round)).toEqual([0, 1, 2]);
    expect(commonRounds(runs, [])).toEqual([]);
  });
});

describe('what is looked at first', () => {
  it('is the run that was asked from, where a kind looks at one', () => {
    const choice = beginning(runs, { least: 1, most: 1 }, [id('a/swamp-4/1')]);
    expect(subjectsOf(choice)).toEqual([{ run: 'a/swamp-4/1' }]);
  });

  it('is that run and the arms beside it, where a kind looks at many', () => {
    const choice = beginning(runs, { least: 1, most: 200 }, [id('a/swamp-4/1')]);
    expect(choice.runs).toEqual(['a/imp/1', 'a/swamp-4/1']);
  });

  it('is all runs that were compared, as far as the kind goes', () => {
    expect(beginning(runs, { least: 1, most: 200 }, ids).runs).toEqual(ids);
    expect(beginning(runs, { least: 1, most: 13 }, [...ids, ...ids, ...ids, ...ids]).runs).toHaveLength(13);
  });

  it('is the run with most particles, where a kind looks into one', () => {
    expect(beginning(runs, { least: 1, most: 12 }, ids).runs).toEqual(['a/swamp-4/1']);
  });

  it('is particles of the last round where a kind wants single networks', () => {
    const choice = beginning(runs, { least: 3, most: 3 }, [id('a/swamp-4/1')]);
    expect(subjectsOf(choice)).toEqual(
      [0, 1, 2].map((particle) => ({ run: 'a/swamp-4/1', round: 2, particle })),
    );
  });

  it('is nothing where nothing is finished', () => {
    expect(subjectsOf(beginning([], { least: 1, most: 9 }, []))).toEqual([]);
  });
});

describe('single networks', () => {
  const rounds = (networks: ReturnType<typeof networksOf>) =>
    networks.map(({ run, round }) => `${run} ${round}`);

  it('are the last rounds of a run that has no particles, else the ends of others', () => {
    const [imp] = runs;
    expect(imp && rounds(networksOf(imp, runs, 2))).toEqual(['a/imp/1 1', 'a/imp/1 2']);
    const short = candidate('c/imp/1', 1);
    expect(rounds(networksOf(short, [short, ...runs], 2))).toEqual(['c/imp/1 0', 'a/imp/1 2']);
  });

  it('grow by the next round, then by one that is free', () => {
    const first = { run: id('a/imp/1'), round: 1, particle: null };
    const second = oneMore([first], runs);
    expect(second).toEqual({ ...first, round: 2 });
    expect(oneMore([first, { ...first, round: 2 }], runs)).toEqual({ ...first, round: 0 });
    expect(oneMore([], [])).toBeNull();
  });
});

describe('a choice', () => {
  it('gives runs, or their rounds', () => {
    const choice = {
      way: 'runs' as const,
      runs: [id('a/imp/1'), id('a/swamp-4/1')],
      rounds: [0, 2],
      first: null,
      networks: [],
    };
    expect(subjectsOf({ ...choice, rounds: [] })).toEqual([{ run: 'a/imp/1' }, { run: 'a/swamp-4/1' }]);
    expect(subjectsOf({ ...choice, rounds: [], first: 'a/swamp-4' })).toEqual([
      { run: 'a/swamp-4/1' },
      { run: 'a/imp/1' },
    ]);
    expect(subjectsOf(choice)).toEqual([
      { run: 'a/imp/1', round: 0 },
      { run: 'a/imp/1', round: 2 },
      { run: 'a/swamp-4/1', round: 0 },
      { run: 'a/swamp-4/1', round: 2 },
    ]);
  });

  it.each([
    [[{ run: id('a/imp/1') }]],
    [[{ run: id('a/imp/1') }, { run: id('a/imp/2') }]],
    [
      [
        { run: id('a/imp/1'), round: 1 },
        { run: id('a/imp/2'), round: 1 },
      ],
    ],
    [
      [
        { run: id('a/imp/1'), round: 1 },
        { run: id('a/swamp-4/1'), round: 2, particle: 3 },
      ],
    ],
  ])('is found again from what was asked for: %j', (subjects) => {
    expect(subjectsOf(choiceOf(subjects))).toEqual(subjects);
  });

  describe('of single networks', () => {
    const ensemble = { ...candidate('a/imp-ensemble-2/1', 3, 2), kind: 'imp-ensemble' };
    const all = [...runs, ensemble];
    const network = (run: RunId, round: number, particle: number | null) => ({ run, round, particle });
    const [swamp, members] = [id('a/swamp-4/1'), ensemble.run];
    const choice = {
      ...choiceOf([]),
      way: 'networks' as const,
      networks: [network(swamp, 2, 0), network(swamp, 2, 1), network(members, 2, 1)],
    };

    it('stays with a kind that looks at particles', () => {
      expect(taken(choice, { parts: 'particles' }, all)).toEqual(choice);
    });

    it('has members of ensembles alone, with a kind that looks at members', () => {
      expect(taken(choice, { parts: 'members' }, all).networks).toEqual([
        network(swamp, 2, null),
        network(members, 2, 1),
      ]);
      expect([runs[2], ensemble].map((each) => takesPart({ parts: 'members' }, each))).toEqual([false, true]);
    });

    it('becomes their runs, with a kind that looks at no parts', () => {
      expect(subjectsOf(taken(choice, {}, all))).toEqual([{ run: swamp }, { run: members }]);
      const before = taken({ ...choice, runs: [id('a/imp/1')] }, {}, all);
      expect(subjectsOf(before)).toEqual([{ run: 'a/imp/1' }]);
    });
  });

  it('is turned by a click; where one is wanted the last click counts', () => {
    const most = 200;
    expect(toggled([id('a/swamp-4/1')], [id('a/imp/1')], { candidates: runs, most })).toEqual([
      'a/imp/1',
      'a/swamp-4/1',
    ]);
    expect(toggled(ids, ids.slice(0, 2), { candidates: runs, most })).toEqual(ids.slice(2));
    expect(toggled([id('a/imp/1')], [id('a/imp/2')], { candidates: runs, most: 1 })).toEqual(['a/imp/2']);
  });

  it.each([
    [{ least: 3, most: 3 }, 2, 'It looks at three networks: choose one more.'],
    [{ least: 2, most: 200 }, 1, 'It looks at two networks or more: choose one more.'],
    [{ least: 1, most: 200 }, 0, 'Choose one network or more.'],
    [{ least: 1, most: 1 }, 4, 'It looks at one network; 4 are chosen.'],
    [{ least: 1, most: 3 }, 3, ''],
  ])('of a number that does not fit says so: %j, %d', (entry, given, words) => {
    expect(numberProblem(entry, given, 'networks')).toBe(words);
  });
});

it.each([
  [[{ run: id('a/imp/1') }], 'IMP, seed 1'],
  [[{ run: id('a/imp/1'), round: 2 }], 'IMP, seed 1, round 2'],
  [[{ run: id('a/x/1'), round: 2, particle: 1 }], 'x, seed 1, round 2, particle 1'],
  [[{ run: id('a/imp/1') }, { run: id('a/x/1') }], 'IMP, seed 1 and x, seed 1'],
  [
    [
      { run: id('a/imp/1'), round: 2 },
      { run: id('a/imp/1'), round: 3 },
    ],
    'IMP, seed 1, rounds 2, 3',
  ],
  [[{ run: id('a/imp/1') }, { run: id('a/x/1') }, { run: id('a/y/1') }], '3 runs'],
  [[{ run: id('a/imp/1') }, { run: id('b/x/1') }], '2 runs of 2 experiments'],
  [
    [0, 1].flatMap((round) => [
      { run: id('a/imp/1'), round },
      { run: id('a/x/1'), round },
    ]),
    '4 networks of 2 runs',
  ],
])('%j in words', (subjects, words) => {
  expect(subjectsWords(subjects, new Map([['a/imp/1', 'IMP, seed 1']]))).toBe(words);
});
