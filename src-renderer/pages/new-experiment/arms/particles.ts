import { isRecord } from '../form/paths.ts';

/** Particles by sparsity or by round, as a draft says it (SWAMP+). */
export type Steps =
  | {
      readonly by: 'sparsity';
      readonly steps: readonly { readonly from: unknown; readonly particles: unknown }[];
    }
  | {
      readonly by: 'round';
      readonly steps: readonly { readonly from: unknown; readonly particles: unknown }[];
    };

/** The steps that a value of `particles` stands for; `null`: it is a number, or a list of numbers to try. */
export function stepsOf(value: unknown): Steps | null {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return null;
  const list = value;
  const by = list.some((step) => 'fromRound' in step) ? 'round' : 'sparsity';
  const key = by === 'round' ? 'fromRound' : 'from';
  return { by, steps: list.map((step) => ({ from: step[key], particles: step['particles'] })) };
}

/** As it stands in an experiment file. */
export function rawSteps({ by, steps }: Steps): Record<string, unknown>[] {
  const key = by === 'round' ? 'fromRound' : 'from';
  return steps.map(({ from, particles }) => ({ [key]: from, particles }));
}

/** From a number to steps: one particle at first, the number later. */
export function stepsFrom(value: unknown, by: Steps['by']): Steps {
  const particles = typeof value === 'number' ? value : 4;
  return {
    by,
    steps: [
      { from: 0, particles: 1 },
      { from: by === 'round' ? 4 : 0.6, particles },
    ],
  };
}

/** By rounds instead of sparsities, or the reverse, at the places that the curve has. */
export function turned(steps: Steps, curve: readonly number[]): Steps {
  const last = Math.max(0, curve.length - 1);
  if (steps.by === 'sparsity') {
    const roundOf = (from: unknown): unknown => {
      if (typeof from !== 'number') return from;
      const round = curve.findIndex((sparsity) => sparsity + 1e-4 >= from);
      return round < 0 ? last + 1 : round;
    };
    return {
      by: 'round',
      steps: steps.steps.map(({ from, particles }) => ({ from: roundOf(from), particles })),
    };
  }
  const sparsityOf = (from: unknown): unknown =>
    typeof from === 'number' ? Math.floor((curve[Math.min(from, last)] ?? 0) * 1000) / 1000 : from;
  return {
    by: 'sparsity',
    steps: steps.steps.map(({ from, particles }) => ({ from: sparsityOf(from), particles })),
  };
}

/** One more step, after the last. */
export function withStep({ by, steps }: Steps): Steps {
  const last = steps[steps.length - 1];
  const from = typeof last?.from === 'number' ? last.from : 0;
  const next = by === 'round' ? from + 1 : Math.min(0.99, Math.round((1 - (1 - from) * 0.6) * 100) / 100);
  const particles = typeof last?.particles === 'number' ? last.particles * 2 : 4;
  return { by, steps: [...steps, { from: next, particles }] };
}

/** Rounds in which the number of trainings is another than in the round before. */
export function changesOf(
  trainings: readonly number[],
): { readonly round: number; readonly count: number }[] {
  return trainings.flatMap((count, round) =>
    round === 0 || trainings[round - 1] !== count ? [{ round, count }] : [],
  );
}
