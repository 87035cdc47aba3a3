import { ConfigError } from '../../contract/errors.ts';
import type { JobKey } from '../../contract/ids.ts';
import { mean } from '../../contract/statistics.ts';
import { isFrom } from '../../statistics/arms.ts';
import type { Claim, Unit } from '../../contract/figures.ts';
import type { Made } from '../arms/arm.ts';
import type { AnalysisContext, OpenSubject, SubjectRun } from './analysis.ts';
import { percent } from './axes.ts';
import { byArm, claimOver, requireOneSplit, type ArmRuns } from './seeds.ts';
import { partnersOf, settingsNotes } from './settings.ts';

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

/** Arms with SWAMP, whose claims these are. Others that average, `multi-sgd` and `soup`, stand beside them in the figures. */
const SWAMP: ReadonlySet<string> = new Set(['swamp', 'swamp-plus', 'rigl-swamp', 'dpf-swamp']);

/** Arms that claims hold against each other, by their labels. */
export interface AgainstImp {
  readonly pairs: readonly { readonly swamp: string; readonly imp: string }[];
  /** What is not held against each other, and why. */
  readonly notes: readonly string[];
}

/**
 * Arms with SWAMP and the `imp` of the same settings.
 * @throws ConfigError where two that go together hold out different images on one seed
 */
export function againstImp({ runs }: Pick<AnalysisContext, 'runs'>): AgainstImp {
  const arms = byArm(runs);
  const kindOf = (arm: ArmRuns): string => arm.runs[0]?.run.kind ?? '';
  const baselines = arms.filter((arm) => kindOf(arm) === 'imp');
  const swamps = arms.filter((arm) => SWAMP.has(kindOf(arm)));
  const pairs = swamps.flatMap((swamp) => partnersOf(swamp, baselines).map((imp) => ({ swamp, imp })));
  for (const { swamp, imp } of pairs) requireOneSplit([...swamp.runs, ...imp.runs]);
  return {
    pairs: pairs.map(({ swamp, imp }) => ({ swamp: swamp.label, imp: imp.label })),
    notes: baselines.length > 0 && swamps.length > 0 ? settingsNotes([...baselines, ...swamps]) : [],
  };
}

/** Of a place, what tells with which others it is compared. */
type Looked = Pick<Place, 'run' | 'round' | 'sparsity' | 'particle' | 'label'>;

/**
 * That arms with SWAMP have less of something than `imp`: paired by seed and round, averaged over the rounds from a sparsity on.
 * @param text for example `a lower mean corruption error`
 * @param orLast where none is so sparse, the last that both have in place of no claim
 */
export function lessThanImp<Look extends Looked>(
  found: readonly Look[],
  { pairs }: AgainstImp,
  {
    text,
    unit,
    from,
    of,
    orLast = false,
  }: { text: string; unit: Unit; from: number; of: (look: Look) => number | null; orLast?: boolean },
): Claim[] {
  const whole = Map.groupBy(
    found.filter(({ particle }) => particle === undefined),
    ({ label }) => label,
  );
  return pairs.flatMap(({ swamp, imp }) => {
    const theirs = whole.get(imp) ?? [];
    const both = (whole.get(swamp) ?? []).flatMap((look) => {
      const { round, run } = look;
      const other = theirs.find((each) => each.round === round && each.run.seed === run.seed);
      return other ? [{ look, other }] : [];
    });
    const all = both.flatMap(({ look, other }) => {
      const [a, b] = [of(look), of(other)];
      return a === null || b === null ? [] : [{ look, difference: b - a }];
    });
    const most = Math.max(...all.map(({ look }) => look.sparsity));
    const sparse = all.filter(({ look }) => isFrom(look.sparsity, from));
    const last = orLast ? all.filter(({ look }) => look.sparsity === most) : [];
    const held = sparse.length > 0 ? sparse : last;
    const rounds = new Map(held.map(({ look }) => [look.round, look.sparsity]));
    // A seed that lacks a round would be an average of something else.
    const complete = [...Map.groupBy(held, ({ look }) => look.run.seed)].filter(
      ([, own]) => own.length === rounds.size,
    );
    if (complete.length === 0) return [];
    const where = `${rounds.size > 1 ? 'from' : 'at'} ${percent(Math.min(...rounds.values()))} sparsity${rounds.size > 1 ? ' on' : ''}`;
    const values = complete.map(([, own]) => mean(own.map(({ difference }) => difference)));
    const claim = claimOver(`${swamp} has ${text} than ${imp} ${where}: ${imp} − ${swamp}`, unit, values);
    const looked = both.map(({ look }) => look);
    const without = withoutText({
      round: looked.flatMap(({ round, sparsity }) =>
        isFrom(sparsity, from) && !rounds.has(round) ? [round] : [],
      ),
      seed: looked.flatMap(({ run: { seed } }) => (complete.some(([own]) => own === seed) ? [] : [seed])),
    });
    return [{ ...claim, interval: claim.interval + without }];
  });
}

/** `, without round 5, without seeds 2, 3`: what lacks a value, and counts for nothing. */
function withoutText(left: Readonly<Record<'round' | 'seed', readonly number[]>>): string {
  return Object.entries(left)
    .map(([what, numbers]) => {
      const each = [...new Set(numbers)].sort((a, b) => a - b);
      return each.length === 0 ? '' : `, without ${what}${each.length > 1 ? 's' : ''} ${each.join(', ')}`;
    })
    .join('');
}
