import type { JobKey } from '../../../contract/ids.ts';
import { quartiles } from '../../../statistics/quartiles.ts';
import type { Results } from '../analysis.ts';
import { inferenceFlopsBy, trainingFlopsBy } from './flops.ts';
import type { CostedArm, CostedRound } from './networks.ts';

/** Milliseconds of a prediction: of an ensemble its networks one after another. */
export interface MeasuredLatency {
  readonly batch: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What a run's round costs; `null`: not there yet. */
export interface MeasuredRound {
  readonly arm: CostedArm;
  readonly seed: number;
  readonly round: number;
  readonly sparsity: number;
  readonly accuracy: number | null;
  readonly training: { readonly dense: number; readonly sparse: number };
  readonly inference: { readonly dense: number; readonly sparse: number | null };
  /** Bytes of all its networks by name: dense, bitmap, indices, file, zlib, zstd. */
  readonly bytes: Readonly<Record<ByteKind, number | null>>;
  readonly latencies: readonly MeasuredLatency[];
}

export type ByteKind = 'dense' | 'bitmap' | 'indices' | 'file' | 'zlib' | 'zstd';

/** Everything of an arm, by seed and round. */
export function measuredRounds(
  arm: CostedArm,
  batches: readonly number[],
  results: Results,
): MeasuredRound[] {
  return [...Map.groupBy(arm.rounds, ({ run }) => run)].flatMap(([run, rounds]) => {
    const training = trainingFlopsBy(run, results);
    return rounds.map((costed): MeasuredRound => {
      const { round } = costed;
      const bytes = (kind: ByteKind): number | null => sumOf(costed.sizes, kind, results);
      return {
        arm,
        seed: run.seed,
        round,
        sparsity: run.rounds[round]?.sparsity ?? 0,
        accuracy: results(run.evaluation(round))?.evaluation?.test.accuracy ?? null,
        training: { dense: training.dense[round] ?? NaN, sparse: training.sparse[round] ?? NaN },
        inference: inferenceFlopsBy(run, round, results),
        bytes: {
          dense: bytes('dense'),
          bitmap: bytes('bitmap'),
          indices: bytes('indices'),
          file: bytes('file'),
          zlib: bytes('zlib'),
          zstd: bytes('zstd'),
        },
        latencies: batches.flatMap((batch) => latencyOf(costed, batch, results) ?? []),
      };
    });
  });
}

function sumOf(jobs: readonly JobKey[], kind: ByteKind, results: Results): number | null {
  let sum = 0;
  for (const job of jobs) {
    const value = results(job)?.series[kind]?.[0];
    if (value === undefined) return null;
    sum += value;
  }
  return sum;
}

function latencyOf({ latencies }: CostedRound, batch: number, results: Results): MeasuredLatency | null {
  if (latencies.length === 0) return null;
  const times = latencies.map((job) => results(job)?.series[`ms-${batch}`]);
  const each = times.map((ms) => (ms && ms.length > 0 ? quartiles(ms) : null));
  if (each.includes(null)) return null;
  const sum = (of: 'low' | 'median' | 'high'): number =>
    each.reduce((total, one) => total + (one?.[of] ?? NaN), 0);
  return { batch, median: sum('median'), low: sum('low'), high: sum('high') };
}
