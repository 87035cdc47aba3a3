import { ConfigError } from '../../../contract/errors.ts';
import type { JobKey } from '../../../contract/ids.ts';
import { shapeOf, shapeWords } from '../masks/units.ts';
import type { AnalysisContext, SubjectRun } from '../analysis.ts';
import { byArm, requireOneSplit, roundsOf, type ArmRuns } from '../seeds.ts';
import { trainUnder } from './train.ts';

/** A round trained as one run trains, under the mask of another. */
export interface Transferred {
  readonly round: number;
  /** Of the other's mask. */
  readonly sparsity: number;
  /** Whether both runs' masks leave the same number of weights, so that accuracies compare. */
  readonly equal: boolean;
  /** Jobs that evaluate it, what the first run stands for in the round, and what the other does. */
  readonly moved: JobKey;
  readonly own: JobKey;
  readonly other: JobKey;
}

/** Two runs. */
export interface Pair {
  readonly trains: SubjectRun;
  readonly masks: SubjectRun;
  readonly rounds: readonly Transferred[];
}

/** Pairs of two arms, one a seed. */
export interface Case {
  readonly trains: Pick<ArmRuns, 'label' | 'arm'>;
  readonly masks: Pick<ArmRuns, 'label' | 'arm'>;
  readonly pairs: readonly Pair[];
}

/**
 * Pairs the runs: two runs as they are given; more, by seed: the first run's arm trains, under the masks of every other arm.
 * @throws ConfigError where they do not go together
 */
export function pairRuns(
  context: AnalysisContext,
): (Omit<Case, 'pairs'> & { readonly runs: readonly [SubjectRun, SubjectRun][] })[] {
  const [first, second, ...more] = context.runs;
  if (!first || !second)
    throw new ConfigError(
      'a transfer is between two runs',
      'Name the run that trains, then the one whose masks it trains under.',
    );
  if (more.length === 0) {
    const alike = first.arm === second.arm;
    const [trains, masks] = [first, second].map((run) => ({
      label: alike ? run.label : run.arm,
      arm: run.arm,
    }));
    if (!trains || !masks) throw new Error('two runs are two');
    return [{ trains, masks: ofMembers(context, masks, [second]), runs: [[first, second]] }];
  }
  requireOneSplit(context.runs);
  const [trains, ...others] = byArm(context.runs);
  if (!trains || others.length === 0)
    throw new ConfigError(
      `all of these runs are of ${first.arm}`,
      'Name runs of the arm that trains, and of the arm whose masks it trains under; of one arm, two runs.',
    );
  return others.map((masks) => {
    const runs = trains.runs.flatMap((own): [SubjectRun, SubjectRun][] => {
      const other = masks.runs.find(({ seed }) => seed === own.seed);
      return other ? [[own, other]] : [];
    });
    if (runs.length > 0) return { trains, masks: ofMembers(context, masks, masks.runs), runs };
    throw new ConfigError(
      `${trains.label} and ${masks.label} have no seed in common`,
      'Name runs of the same seeds, or just two runs.',
    );
  });
}

/**
 * Asks for the trainings of a pair.
 * @param wanted rounds; absent: all that both runs look at
 */
export function planPair(
  context: AnalysisContext,
  [trains, masks]: readonly [SubjectRun, SubjectRun],
  wanted: readonly number[] | undefined,
): Pair {
  if (shapeOf({ run: trains }) !== shapeOf({ run: masks }))
    throw new ConfigError(
      `masks of ${masks.label} (${shapeWords({ run: masks })}) do not fit ${trains.label} (${shapeWords({ run: trains })})`,
      'Name runs of one model with the same prunable weights.',
    );
  const shared = roundsOf(context, trains).filter((round) => roundsOf(context, masks).includes(round));
  const rounds = wanted ? shared.filter((round) => wanted.includes(round)) : shared;
  if (rounds.length === 0)
    throw new ConfigError(
      `${trains.label} and ${masks.label} have ${wanted ? `none of the rounds ${wanted.join(', ')}` : 'no round in common'}`,
      `Choose among rounds ${shared.join(', ')}.`,
    );
  return {
    trains,
    masks,
    rounds: rounds.map((round): Transferred => {
      const [own, other] = [trains.rounds[round], masks.rounds[round]];
      const member = memberIn(context, masks, round);
      return {
        round,
        sparsity: other?.sparsity ?? 0,
        equal: own?.alive === other?.alive,
        moved: trainUnder(context, trains, round, {
          mask: masks.mask(round, member),
          what: `${trains.label} under the mask of ${masks.label}, round ${round}`,
        }),
        own: trains.evaluation(round),
        other:
          (member === undefined ? undefined : masks.evaluations(round)[member]) ?? masks.evaluation(round),
      };
    }),
  };
}

/** Which of an ensemble's masks in a round. @throws ConfigError where none is named, or several */
function memberIn({ subjects }: AnalysisContext, run: SubjectRun, round: number): number | undefined {
  if (run.run.members === 1) return undefined;
  const here = subjects.filter((each) => each.run === run && (each.round ?? round) === round);
  const [member, ...others] = new Set(here.map(({ particle }) => particle));
  if (member !== undefined && others.length === 0) return member;
  throw new ConfigError(
    `${run.label} is an ensemble of ${run.run.members} networks, each with masks of its own`,
    `Name one of them in a round: ${run.id}@${round}:0.`,
  );
}

/** An arm whose masks are taken, of an ensemble by the members that are. */
function ofMembers(
  { subjects }: AnalysisContext,
  { label, arm }: Case['masks'],
  runs: readonly SubjectRun[],
): Case['masks'] {
  const named = subjects.flatMap(({ run, particle }) => (runs.includes(run) ? (particle ?? []) : []));
  const members = [...new Set(named)].sort((a, b) => a - b);
  if (members.length === 0) return { label, arm };
  return { label: `${label} member${members.length > 1 ? 's' : ''} ${members.join(', ')}`, arm };
}
