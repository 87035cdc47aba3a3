import type { ShownExperiment, ShownRound } from '../../src-main/contract/api/details.ts';
import type { AnalysisEntry } from '../../src-main/contract/api/analyses.ts';
import type { Subject } from '../../src-main/contract/analysis.ts';
import type { ExperimentId, RunId } from '../../src-main/contract/ids.ts';
import { count, numberWord } from '../../src-main/report/format.ts';

// What an analysis is to look at, while it is chosen.

/** A round of a run that is finished. */
export interface DoneRound {
  readonly round: number;
  readonly sparsity: number;
  /** Trainings that it consists of; 1 where it is one. */
  readonly particles: number;
}

/** A run that can be looked at. */
export interface Candidate {
  readonly run: RunId;
  readonly experiment: ExperimentId;
  readonly arm: string;
  readonly kind: string;
  readonly seed: number;
  readonly rounds: readonly DoneRound[];
}

/** One network: what an arm stands for in a round, or one of its particles. */
export interface Network {
  readonly run: RunId;
  readonly round: number;
  /** `null`: what the arm stands for. */
  readonly particle: number | null;
}

/** What was chosen, both ways; what was chosen in one is there again after a look at the other. */
export interface SubjectChoice {
  readonly way: 'runs' | 'networks';
  readonly runs: readonly RunId[];
  /** Of the runs only these rounds; none: all. */
  readonly rounds: readonly number[];
  /** Arm whose runs come first, see {@link armOf}; `null`: in the order of the experiments. */
  readonly first: string | null;
  readonly networks: readonly Network[];
}

export const NOTHING: SubjectChoice = { way: 'runs', runs: [], rounds: [], first: null, networks: [] };

export function experimentOf(run: RunId): ExperimentId {
  return (run.split('/')[0] ?? '') as ExperimentId;
}

/** `demo-3f9a/swamp-4`: an arm of an experiment. */
export function armOf(run: RunId): string {
  return run.split('/').slice(0, 2).join('/');
}

/** Experiments that an analysis looks at, each once. */
export function experimentsOf(subjects: readonly Subject[]): ExperimentId[] {
  return [...new Set(subjects.map(({ run }) => experimentOf(run)))];
}

/** Runs of an experiment that have a finished round. */
export function candidatesOf({ experiment, runs }: ShownExperiment): Candidate[] {
  return runs.flatMap(({ run, arm, kind, seed, rounds }) => {
    const done = rounds
      .filter(({ test }) => test !== null)
      .map((round) => ({
        round: round.round,
        sparsity: round.sparsity,
        particles: particlesOf(round),
      }));
    return done.length === 0 ? [] : [{ run, experiment, arm, kind, seed, rounds: done }];
  });
}

function particlesOf({ jobs }: ShownRound): number {
  const roles: readonly string[] = ['particle', 'evaluate-particle'];
  return Math.max(1, ...jobs.filter(({ role }) => roles.includes(role)).map(({ index }) => index + 1));
}

export function subjectsOf({ way, runs, rounds, first, networks }: SubjectChoice): Subject[] {
  if (way === 'networks')
    return networks.map(({ run, round, particle }) => ({
      run,
      round,
      ...(particle === null ? {} : { particle }),
    }));
  const isFirst = (run: RunId): boolean => armOf(run) === first;
  const ordered = [...runs.filter(isFirst), ...runs.filter((run) => !isFirst(run))];
  return ordered.flatMap((run): Subject[] =>
    rounds.length === 0 ? [{ run }] : rounds.map((round) => ({ run, round })),
  );
}

/** The other way round: a stored analysis' subjects, to be changed. */
export function choiceOf(subjects: readonly Subject[]): SubjectChoice {
  const runs = [...new Set(subjects.map(({ run }) => run))];
  const rounds = [...new Set(subjects.flatMap(({ round }) => round ?? []))].sort((a, b) => a - b);
  const networks = subjects.map(({ run, round = 0, particle = null }) => ({ run, round, particle }));
  const first = runs[0] === undefined ? null : armOf(runs[0]);
  const choice: SubjectChoice = { way: 'runs', runs, rounds, first, networks };
  const same = JSON.stringify(subjectsOf(choice)) === JSON.stringify(subjects);
  return same ? { ...choice, networks: [] } : { ...choice, way: 'networks', rounds: [] };
}

/** Whether a kind looks at a part of such a run by itself. */
export function takesPart(
  { parts }: Pick<AnalysisEntry, 'parts'>,
  candidate: Candidate | undefined,
): boolean {
  return parts === 'particles' || (parts === 'members' && candidate?.kind === 'imp-ensemble');
}

/** A choice as another kind takes it: one that looks at no parts looks at the runs of the networks that were chosen. */
export function taken(
  choice: SubjectChoice,
  entry: Pick<AnalysisEntry, 'parts'>,
  candidates: readonly Candidate[],
): SubjectChoice {
  if (choice.way === 'runs') return choice;
  const { networks } = choice;
  if (entry.parts === undefined) {
    const runs = choice.runs.length > 0 ? choice.runs : [...new Set(networks.map(({ run }) => run))];
    return { ...choice, way: 'runs', runs };
  }
  const whole = networks.map((network) => {
    const candidate = candidates.find(({ run }) => run === network.run);
    return takesPart(entry, candidate) ? network : { ...network, particle: null };
  });
  const text = whole.map((each) => JSON.stringify(each));
  return { ...choice, networks: whole.filter((_, at) => text.indexOf(text[at] ?? '') === at) };
}

/** Subjects of a kind that looks at single networks rather than at whole comparisons. */
const FEW = 12;

/** What is looked at if nobody says otherwise. @param begun runs that were asked from, the one that is looked at first */
export function beginning(
  candidates: readonly Candidate[],
  { least, most }: Pick<AnalysisEntry, 'least' | 'most'>,
  begun: readonly RunId[],
): SubjectChoice {
  const asked = begun.flatMap((run) => candidates.find((each) => each.run === run) ?? []);
  const [leading] = asked.length > 0 ? asked : candidates;
  if (!leading) return NOTHING;
  // What looks at few networks looks into one run first, where there is most to see in it.
  if (most <= FEW) {
    const first = (asked.length > 0 ? asked : [leading]).reduce((best, each) =>
      particlesIn(each) > particlesIn(best) ? each : best,
    );
    return least > 1
      ? { ...NOTHING, way: 'networks', networks: networksOf(first, candidates, least) }
      : { ...NOTHING, runs: [first.run] };
  }
  if (asked.length > 1) return { ...NOTHING, runs: asked.slice(0, most).map(({ run }) => run) };
  // The arms beside it, under the same seed: the least that says something about methods.
  const beside = candidates.filter(
    ({ experiment, seed }) => experiment === leading.experiment && seed === leading.seed,
  );
  const order = [leading, ...beside.filter((each) => each !== leading)].slice(0, most);
  return { ...NOTHING, runs: inOrder(order, candidates) };
}

const particlesIn = ({ rounds }: Candidate): number => Math.max(...rounds.map(({ particles }) => particles));

const inOrder = (chosen: readonly Candidate[], all: readonly Candidate[]): RunId[] =>
  all.filter((each) => chosen.includes(each)).map(({ run }) => run);

/** So many networks of a run: the last round's particles, else its last rounds, else what other runs end with. */
export function networksOf(first: Candidate, candidates: readonly Candidate[], wanted: number): Network[] {
  const last = first.rounds[first.rounds.length - 1];
  if (!last) return [];
  if (last.particles >= Math.max(2, wanted))
    return Array.from({ length: wanted }, (_, particle) => ({
      run: first.run,
      round: last.round,
      particle,
    }));
  if (first.rounds.length >= wanted)
    return first.rounds.slice(-wanted).map(({ round }) => ({ run: first.run, round, particle: null }));
  const others = candidates.filter((each) => each !== first);
  return [first, ...others].slice(0, wanted).map(({ run, rounds }) => ({
    run,
    round: rounds[rounds.length - 1]?.round ?? 0,
    particle: null,
  }));
}

/** One more network: the round after the last row's where there is one. */
export function oneMore(networks: readonly Network[], candidates: readonly Candidate[]): Network | null {
  const before = networks[networks.length - 1];
  const candidate = candidates.find(({ run }) => run === before?.run) ?? candidates[0];
  if (!candidate) return null;
  const { run, rounds } = candidate;
  const free = rounds.filter(
    ({ round }) => !networks.some((each) => each.run === run && each.round === round),
  );
  const next = free.find(({ round }) => round > (before?.round ?? -1)) ?? free[free.length - 1] ?? rounds[0];
  return next ? { run, round: next.round, particle: null } : null;
}

/** What is wrong with the number of them; empty: nothing. */
export function numberProblem(
  { least, most }: Pick<AnalysisEntry, 'least' | 'most'>,
  given: number,
  way: SubjectChoice['way'],
): string {
  const what = (number: number): string =>
    `${numberWord(number)} ${way === 'runs' ? (number === 1 ? 'run' : 'runs') : number === 1 ? 'network' : 'networks'}`;
  if (given < least) {
    const more = least - given;
    if (given === 0) return `Choose ${least === most ? what(least) : `${what(least)} or more`}.`;
    return `It looks at ${least === most ? what(least) : `${what(least)} or more`}: choose ${numberWord(more)} more.`;
  }
  if (given > most)
    return `It looks at ${least === most ? what(most) : `at most ${what(most)}`}; ${count(given)} are chosen.`;
  return '';
}

/** Runs of an experiment as a table of arms and seeds. */
export interface RunMatrix {
  readonly experiment: ExperimentId;
  readonly seeds: readonly number[];
  readonly arms: readonly {
    readonly arm: string;
    readonly kind: string;
    /** One a seed; `null` where there is no such run, or nothing of it is finished. */
    readonly runs: readonly (RunId | null)[];
  }[];
}

export function matricesOf(candidates: readonly Candidate[]): RunMatrix[] {
  return [...new Set(candidates.map(({ experiment }) => experiment))].map((experiment) => {
    const own = candidates.filter((each) => each.experiment === experiment);
    const seeds = [...new Set(own.map(({ seed }) => seed))].sort((a, b) => a - b);
    const arms = [...new Map(own.map(({ arm, kind }) => [arm, { arm, kind }])).values()];
    return {
      experiment,
      seeds,
      arms: arms.map((each) => ({
        ...each,
        runs: seeds.map(
          (seed) => own.find(({ arm, seed: at }) => arm === each.arm && at === seed)?.run ?? null,
        ),
      })),
    };
  });
}

/** With these chosen, or no longer where all of them are. Of a kind that looks at one, the last click counts. */
export function toggled(
  chosen: readonly RunId[],
  runs: readonly RunId[],
  { candidates, most }: { readonly candidates: readonly Candidate[]; readonly most: number },
): RunId[] {
  if (most === 1) return runs.slice(0, 1);
  const all = runs.every((run) => chosen.includes(run));
  const next = new Set(all ? chosen.filter((run) => !runs.includes(run)) : [...chosen, ...runs]);
  return candidates.map(({ run }) => run).filter((run) => next.has(run));
}

/** Of these runs those that stand for one network each. */
export function singleOf(runs: readonly RunId[], candidates: readonly Candidate[]): RunId[] {
  return runs.filter((run) => candidates.find((each) => each.run === run)?.kind !== 'imp-ensemble');
}

/** Rounds that all of the runs have finished, with the sparsity of the first run's. */
export function commonRounds(candidates: readonly Candidate[], runs: readonly RunId[]): DoneRound[] {
  const [first, ...others] = candidates.filter(({ run }) => runs.includes(run));
  return (first?.rounds ?? []).filter(({ round }) =>
    others.every(({ rounds }) => rounds.some((each) => each.round === round)),
  );
}

/** Arm and seed of runs by id; of one that is not known they are read off its id. */
export type RunNames = ReadonlyMap<string, string>;

/** What an analysis looks at, in a few words: `swamp(4), seed 1`; `3 runs`; `swamp(4) round 5 and round 6`. */
export function subjectsWords(subjects: readonly Subject[], names: RunNames): string {
  const nameOf = (run: RunId): string => names.get(run) ?? run.split('/').slice(1).join(', seed ');
  const runs = [...new Set(subjects.map(({ run }) => run))];
  const rounds = [...new Set(subjects.map(({ round }) => round))];
  const of = (round: number | undefined): string => (round === undefined ? '' : `, round ${round}`);
  const [first] = subjects;
  if (!first) return '';
  if (subjects.length === 1) {
    const particle = first.particle === undefined ? '' : `, particle ${first.particle}`;
    return `${nameOf(first.run)}${of(first.round)}${particle}`;
  }
  if (runs.length === 1) {
    const [one] = rounds;
    if (rounds.length === 1) return `${nameOf(first.run)}${of(one)}, ${count(subjects.length)} networks`;
    const numbers = rounds.flatMap((round) => round ?? []);
    return `${nameOf(first.run)}, rounds ${numbers.join(', ')}`;
  }
  const experiments = experimentsOf(subjects).length;
  const most = experiments > 1 ? ` of ${count(experiments)} experiments` : '';
  if (runs.length === subjects.length) {
    const [one] = rounds;
    const where = rounds.length === 1 ? of(one) : '';
    if (runs.length === 2 && experiments === 1) return `${runs.map(nameOf).join(' and ')}${where}`;
    return `${count(runs.length)} runs${most}${where}`;
  }
  return `${count(subjects.length)} networks of ${count(runs.length)} runs${most}`;
}
