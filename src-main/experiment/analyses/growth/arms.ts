import type { ComparedArm } from '../../../contract/compare.ts';
import { openArm } from '../../arms/registry.ts';
import { canonical } from '../../keys.ts';
import type { Results, SubjectRun } from '../analysis.ts';
import { averagedAccuracy, comparedArm } from '../compared.ts';
import type { ArmRuns } from '../seeds.ts';
import { settingsOf } from '../settings.ts';

/** An arm as it stands to the number of its particles. */
export interface CountedArm extends ArmRuns {
  readonly kind: string;
  /** Particles in every round, N; `null` where that depends on the round, as in SWAMP+. */
  readonly particles: number | null;
  /** Particles in the round that has the most. */
  readonly most: number;
  /** The same for arms that differ in nothing but the number of particles. */
  readonly family: string;
  /** The same for SWAMP+ and the SWAMP that it is a part of. */
  readonly method: string;
}

/** Arms whose particles are averaged, and IMP beside them. */
const KINDS: ReadonlySet<string> = new Set(['swamp', 'swamp-plus', 'multi-sgd']);

/** @returns `null` for arms whose particles are not what they differ in */
export function countedArm(arm: ArmRuns): CountedArm | null {
  const [first] = arm.runs;
  const kind = first?.run.kind ?? '';
  if (!first || (!KINDS.has(kind) && kind !== 'imp')) return null;
  const counts = first.rounds.map(({ round }) => Math.max(1, first.evaluations(round).length));
  const most = Math.max(...counts);
  const { particles: _particles, cost: _cost, ...others } = first.run.spec;
  const phase = openArm(first.run.spec).swa(first.config.swa);
  return {
    ...arm,
    kind,
    particles: kind !== 'imp' && counts.every((count) => count === most) ? most : null,
    most,
    family: canonical([settingsOf(first), others]),
    method: canonical([kind === 'swamp-plus' ? 'swamp' : kind, phase]),
  };
}

/** An arm of a family: it has one number of particles. */
type Numbered = CountedArm & { readonly particles: number };

/** Arms of one family by N; those families that have two numbers or more. */
export function familiesOf(arms: readonly CountedArm[]): Numbered[][] {
  const counted = arms.flatMap((arm) =>
    arm.particles === null ? [] : [{ ...arm, particles: arm.particles }],
  );
  const families = [...Map.groupBy(counted, ({ family }) => family).values()].flatMap(oncePerNumber);
  return families
    .map((family) => family.toSorted((a, b) => a.particles - b.particles))
    .filter((family) => family.at(-1)?.particles !== family[0]?.particles);
}

/** Arms of one experiment together, and those of others with them where no number would occur twice. */
function oncePerNumber(arms: readonly Numbered[]): Numbered[][] {
  const families: Numbered[][] = [];
  for (const own of Map.groupBy(arms, experimentsOf).values()) {
    const numbers = new Set(own.map(({ particles }) => particles));
    const room = families.find((family) => family.every(({ particles }) => !numbers.has(particles)));
    if (room) room.push(...own);
    else families.push([...own]);
  }
  return families;
}

function experimentsOf({ runs }: ArmRuns): string {
  return [...new Set(runs.map(({ experiment }) => experiment))].join(', ');
}

/** `swamp(N)` of each family; those of one name are told apart by their experiments. */
export function familyNames(families: readonly (readonly ArmRuns[])[]): string[] {
  const names = families.map((family) => (family.at(-1)?.label ?? '').replace(/\(\d+/, '(N'));
  return families.map((family, at) => {
    const [name = '', last] = [names[at], family.at(-1)];
    return last && names.indexOf(name) !== names.lastIndexOf(name)
      ? `${name} of ${experimentsOf(last)}`
      : name;
  });
}

/** An arm with its results: rounds that are done, and those that averages are taken over. */
export interface ReadArm extends CountedArm {
  readonly compared: ComparedArm;
  /** Rounds from a sparsity on, that every arm looks at. */
  readonly sparse: readonly number[];
}

/** @param sparse rounds that averages are taken over */
export function readArm(
  arm: CountedArm,
  rounds: (run: SubjectRun) => readonly number[],
  sparse: readonly number[],
  results: Results,
): ReadArm {
  return { ...arm, sparse, compared: comparedArm(arm, rounds, results) };
}

/** Test accuracy averaged over the sparse rounds, by seed; seeds that lack a round are left out. */
export function averages({ compared, sparse, runs }: ReadArm): Map<number, number> {
  return new Map(
    runs.flatMap(({ seed }) => {
      const value = averagedAccuracy(compared, sparse, seed);
      return value === undefined ? [] : [[seed, value] as const];
    }),
  );
}

/** What a gains over b in averaged accuracy, of the seeds that both have. */
export function gains(a: ReadArm, b: ReadArm): Map<number, number> {
  const base = averages(b);
  return new Map(
    [...averages(a)].flatMap(([seed, value]) => {
      const other = base.get(seed);
      return other === undefined ? [] : [[seed, value - other] as const];
    }),
  );
}

/** Dense training FLOPs up to the last round that accuracies are averaged over; `null` before it is done. */
export function trainingFlopsOf({ compared, sparse }: ReadArm): number | null {
  return compared.rounds.find(({ round }) => round === sparse.at(-1))?.trainingFlops ?? null;
}
