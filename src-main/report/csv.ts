import type { ComparedArm, ComparedRound, ComparedSeed, Comparison } from '../contract/compare.ts';
import { csvLine } from '../contract/csv.ts';
import type { Evaluation } from '../contract/metrics.ts';
import { splits } from './select.ts';

/**
 * What a row was measured on: `arm` is the network (or ensemble) the arm stands for, `particle` one of its
 * particles or members, `ensemble` their averaged probabilities.
 */
export type CsvRole = 'arm' | 'particle' | 'ensemble';

export const csvHeader = [
  'arm',
  'kind',
  'round',
  'sparsity',
  'remaining',
  'inference_flops',
  'training_flops',
  'seed',
  'split',
  'accuracy',
  'nll',
  'ece',
  'role',
  'index',
  'experiment',
] as const;

/**
 * Tidy table: one measurement a row (arm × round × seed × split × role), no means. Values as stored, accuracies
 * as fractions; a value that is not a number is left empty. RFC 4180, with CRLF.
 */
export function comparisonCsv(comparison: Comparison): string {
  const rows = comparison.arms.flatMap((arm) => arm.rounds.flatMap((round) => roundRows(arm, round)));
  return [csvLine(csvHeader), ...rows].join('');
}

function roundRows(arm: ComparedArm, round: ComparedRound): string[] {
  const rows: string[] = [];
  const add = (seed: ComparedSeed, evaluation: Evaluation, role: CsvRole, index: number | null): void => {
    for (const split of splits) {
      const metrics = evaluation[split];
      if (metrics === null) continue;
      rows.push(
        csvLine([
          arm.arm,
          arm.kind,
          round.round,
          round.sparsity,
          round.remaining,
          round.inferenceFlops,
          round.trainingFlops,
          seed.seed,
          split,
          metrics.accuracy,
          metrics.nll,
          metrics.ece,
          role,
          index ?? '',
          seed.run.split('/')[0] ?? '',
        ]),
      );
    }
  };
  for (const seed of round.seeds) {
    add(seed, seed, 'arm', null);
    seed.particles.forEach((particle, index) => add(seed, particle, 'particle', index));
    if (seed.ensemble) add(seed, seed.ensemble, 'ensemble', null);
  }
  return rows;
}
