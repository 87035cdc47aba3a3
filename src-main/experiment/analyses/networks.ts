import { ConfigError } from '../../contract/errors.ts';
import type { JobKey } from '../../contract/ids.ts';
import { mean } from '../../contract/statistics.ts';
import { isFrom } from '../../statistics/arms.ts';
import type { Claim, Unit } from '../../contract/figures.ts';
import type { Made } from '../arms/arm.ts';
import type { AnalysisContext, OpenSubject, SubjectRun } from './analysis.ts';
import { percent } from './axes.ts';
import { byArm, claimOver } from './seeds.ts';

// What analyses have in common that look at how runs predict, round by round.

/** A round of a run, or a particle of it, that is looked at. */
export interface Place {
  readonly run: SubjectRun;
  readonly round: number;
  readonly particle: number | undefined;
  /** The arm's own label. */
  readonly arm: string;
  /** What it is drawn as: its arm, or a particle of it. */
  readonly label: string;
  readonly sparsity: number;
}

/** What predicts there: one network, or the members of an ensemble. */
export interface Predictor extends Place {
  readonly networks: readonly { solution: Made; statistics: Made; predictions: Made }[];
  /** Job that evaluated it. */
  readonly evaluation: JobKey;
}

/**
 * Places that subjects name, each once, arm by arm.
 * @param choose rounds of a run whose rounds are not named
 * @throws ConfigError where there is none
 */
export function placesOf(
  { runs, subjects }: AnalysisContext,
  choose: (rounds: readonly number[]) => readonly number[],
): Place[] {
  const found = new Map<string, Place>();
  for (const { label, arm, runs: seeds } of byArm(runs))
    for (const run of seeds)
      for (const subject of subjects.filter((each) => each.run.id === run.id))
        for (const round of roundsOf(subject, choose)) {
          const { particle } = subject;
          const unit = run.run.members > 1 ? 'member' : 'particle';
          found.set(JSON.stringify([run.id, round, particle]), {
            ...{ run, round, particle, arm },
            label: particle === undefined ? label : `${label} ${unit} ${particle}`,
            sparsity: run.rounds[round]?.sparsity ?? 0,
          });
        }
  if (found.size === 0)
    throw new ConfigError(
      'rounds: none of the runs has one of these rounds',
      `Give rounds from 0 to ${Math.max(...runs.map(({ rounds }) => rounds.length)) - 1}.`,
    );
  return [...found.values()];
}

function roundsOf(
  { run, round }: OpenSubject,
  choose: (rounds: readonly number[]) => readonly number[],
): readonly number[] {
  return round === undefined ? choose(run.rounds.map((each) => each.round)) : [round];
}

/** What predicts at the places that subjects name; parameters and errors as of `placesOf`. */
export function predictorsOf(
  context: AnalysisContext,
  choose: (rounds: readonly number[]) => readonly number[],
): Predictor[] {
  return placesOf(context, choose).map(predictor);
}

function predictor(place: Place): Predictor {
  const { run, round, particle } = place;
  const ensemble = run.run.members > 1 && particle === undefined;
  const members = ensemble ? run.particles(round).map((_, member) => member) : [particle];
  return {
    ...place,
    networks: members.map((member) => ({
      solution: run.one(round, member),
      statistics: run.statistics(round, member),
      predictions: run.predictions(round, member),
    })),
    evaluation:
      particle === undefined
        ? run.evaluation(round)
        : (run.evaluations(round)[particle] ?? run.evaluation(round)),
  };
}

/** `swamp(4), seed 2, round 5` */
export function placeText({ label, run, round }: Place): string {
  return `${label}, seed ${run.seed}, round ${round}`;
}

/** Rounds of other schedules go together where what is left agrees to this share of it. */
const SAME_REMAINING = 0.01;

/** Of a place, what tells with which others it is compared. */
type Looked = Pick<Place, 'run' | 'sparsity' | 'particle' | 'label'>;

/**
 * That arms which average particles have less of something than `imp`: paired by seed and round, averaged over the rounds from a
 * sparsity on.
 * @param text for example `a lower mean corruption error`
 * @param orLast where none is so sparse, the last that both have in place of no claim
 */
export function lessThanImp<Look extends Looked>(
  found: readonly Look[],
  {
    text,
    unit,
    from,
    of,
    orLast = false,
  }: { text: string; unit: Unit; from: number; of: (look: Look) => number | null; orLast?: boolean },
): Claim[] {
  const whole = found.filter(({ particle }) => particle === undefined);
  const arms = [...Map.groupBy(whole, ({ label }) => label)];
  const kindOf = (looks: readonly Look[]): string => looks[0]?.run.run.kind ?? '';
  const baselines = arms.filter(([, looks]) => kindOf(looks) === 'imp');
  const swamps = arms.filter(([, looks]) => kindOf(looks).includes('swamp'));
  return swamps.flatMap(([swamp, ours]) =>
    baselines.flatMap(([imp, theirs]) => {
      const all = ours.flatMap((look) => {
        const other = theirs.find(({ run, sparsity }) => {
          const least = SAME_REMAINING * Math.max(1 - sparsity, 1 - look.sparsity);
          return run.seed === look.run.seed && Math.abs(sparsity - look.sparsity) <= least;
        });
        const [a, b] = [of(look), other ? of(other) : null];
        return a === null || b === null ? [] : [{ look, difference: b - a }];
      });
      const most = Math.max(...all.map(({ look }) => look.sparsity));
      const sparse = all.filter(({ look }) => isFrom(look.sparsity, from));
      const last = orLast ? all.filter(({ look }) => look.sparsity === most) : [];
      const pairs = sparse.length > 0 ? sparse : last;
      const rounds = new Set(pairs.map(({ look }) => look.sparsity));
      // A seed that lacks a round would be an average of something else.
      const complete = [...Map.groupBy(pairs, ({ look }) => look.run.seed).values()].filter(
        (own) => own.length === rounds.size,
      );
      if (complete.length === 0) return [];
      const where = `${rounds.size > 1 ? 'from' : 'at'} ${percent(Math.min(...rounds))} sparsity${rounds.size > 1 ? ' on' : ''}`;
      const values = complete.map((own) => mean(own.map(({ difference }) => difference)));
      return [claimOver(`${swamp} has ${text} than ${imp} ${where}: ${imp} − ${swamp}`, unit, values)];
    }),
  );
}
