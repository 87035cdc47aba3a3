import { ALIVE } from '../../../contract/job.ts';
import type { PlacedParameter } from '../../../contract/parameters.ts';
import { prunableOf } from '../../../pruning/mask.ts';
import type { Made } from '../../arms/arm.ts';
import { modelTitle } from '../../own-choice.ts';
import type { AnalysisContext, Results, SubjectRun } from '../analysis.ts';
import { byArm, roundsOf } from '../seeds.ts';

/** One sequence of masks: a run's, or one of the members' of an ensemble. */
export interface MaskUnit {
  readonly label: string;
  /** Of the runs that differ in nothing but their seeds. */
  readonly arm: { readonly label: string; readonly colour: string };
  readonly run: SubjectRun;
  readonly member: number;
  /** Rounds looked at. */
  readonly rounds: readonly number[];
  /** By round; `null`: nothing is pruned. */
  readonly masks: ReadonlyMap<number, Made | null>;
  /** Others with the same masks, for which it stands in the families of their own arm too. */
  readonly twins: readonly MaskUnit[];
}

/**
 * All of them, each once: what has another's masks, job by job, as the first member of an ensemble has those of IMP, is told
 * apart as a twin.
 */
export function maskUnits(context: AnalysisContext): {
  units: MaskUnit[];
  twins: { readonly of: MaskUnit; readonly twin: MaskUnit }[];
} {
  const units: (MaskUnit & { readonly twins: MaskUnit[] })[] = [];
  const twins: { of: MaskUnit; twin: MaskUnit }[] = [];
  for (const { label, arm, runs } of byArm(context.runs)) {
    for (const run of runs) {
      for (const member of membersOf(context, run)) {
        const several = run.run.members > 1;
        const rounds = roundsOf(several ? ofMember(context, member) : context, run);
        const unit = {
          label: several ? `${run.label} member ${member}` : run.label,
          arm: { label, colour: arm },
          run,
          member,
          rounds,
          masks: new Map(rounds.map((round) => [round, run.mask(round, several ? member : undefined)])),
          twins: [],
        };
        const of = units.find((other) => sameMasks(other, unit));
        if (of) {
          of.twins.push(unit);
          twins.push({ of, twin: unit });
        } else units.push(unit);
      }
    }
  }
  return { units, twins };
}

/** Members that are looked at: those named, or all. */
function membersOf({ subjects }: AnalysisContext, run: SubjectRun): number[] {
  if (run.run.members === 1) return [0];
  const own = subjects.filter((subject) => subject.run === run);
  if (own.some(({ particle }) => particle === undefined))
    return Array.from({ length: run.run.members }, (_, at) => at);
  return [...new Set(own.flatMap(({ particle }) => particle ?? []))];
}

/** Without what names other members. */
function ofMember(context: AnalysisContext, member: number): AnalysisContext {
  const subjects = context.subjects.filter(({ particle = member }) => particle === member);
  return { ...context, subjects };
}

function sameMasks(a: MaskUnit, b: MaskUnit): boolean {
  const text = ({ masks }: MaskUnit): string =>
    JSON.stringify([...masks].map(([round, made]) => [round, made?.job, made?.output]));
  return [...b.masks.values()].some((made) => made !== null) && text(a) === text(b);
}

/** Tensors that its masks may prune, in layout order. */
export function layersOf({ run }: Pick<MaskUnit, 'run'>): PlacedParameter[] {
  return prunableOf(run.plan.layout);
}

/** What of a network masks fit: names and shapes of the prunable tensors. */
export function shapeOf(unit: Pick<MaskUnit, 'run'>): string {
  return JSON.stringify(layersOf(unit).map(({ name, shape }) => [name, shape]));
}

/** The same for people. */
export function shapeWords({ run }: Pick<MaskUnit, 'run'>): string {
  return `${modelTitle(run.config.model)}, ${run.plan.denominator.words}`;
}

/** Weights alive by prunable tensor; `null` where the mask is not made yet. */
export function aliveOf(unit: MaskUnit, round: number, results: Results): readonly number[] | null {
  const made = unit.masks.get(round);
  if (made === undefined) return null;
  if (made === null) return layersOf(unit).map(({ size }) => size);
  return results(made.job)?.series[ALIVE] ?? null;
}

/** Units by arm, in the order of the arms. */
export function unitsByArm(units: readonly MaskUnit[]): [label: string, units: MaskUnit[]][] {
  return [...Map.groupBy(units, ({ arm }) => arm.label)];
}
