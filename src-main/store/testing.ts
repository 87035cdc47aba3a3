import { createHash } from 'node:crypto';
import type { Digest, ExperimentId, JobKey, RunId } from '../contract/ids.ts';
import type { JobResult, PlannedJob } from '../contract/job.ts';
import type { ObjectStore } from './objects.ts';
import type { NewExperiment } from './rows.ts';
import type { Store } from './store.ts';

/** Small plans and results for tests. */

export function keyOf(name: string): JobKey {
  return createHash('sha256').update(name).digest('hex') as JobKey;
}

/** A job that builds on the first outputs of others. */
export function job(name: string, ...inputs: readonly string[]): PlannedJob {
  return {
    key: keyOf(name),
    spec: { kind: 'average' },
    inputs: inputs.map((input) => ({ name: 'solution', job: keyOf(input), output: 'solution' })),
  };
}

/** One run per entry, with its jobs as particles of round 0. */
export function experiment(
  id: string,
  jobs: readonly PlannedJob[],
  runs: Record<string, readonly string[]>,
): NewExperiment {
  const runId = (slug: string): RunId => `${id}/${slug}/1` as RunId;
  return {
    id: id as ExperimentId,
    name: id.replace(/-.*/, ''),
    config: { seeds: [1] },
    resolved: { threads: 2 },
    jobs,
    runs: Object.keys(runs).map((slug) => ({
      id: runId(slug),
      arm: slug,
      slug,
      kind: slug.replace(/-.*/, ''),
      spec: { particles: 1 },
      seed: 1,
      rounds: 1,
    })),
    runJobs: Object.entries(runs).flatMap(([slug, names]) =>
      names.map((name, index) => ({
        run: runId(slug),
        job: keyOf(name),
        round: 0,
        role: 'particle' as const,
        index,
      })),
    ),
  };
}

/** Puts an object of one number. */
export function putNumber(objects: ObjectStore, value: number): Digest {
  return objects.put(new Map([['x', { dtype: 'F32', shape: [1], data: Float32Array.of(value) }]])).digest;
}

export function resultOf(solution: Digest): JobResult {
  const metrics = { accuracy: 0.5, nll: 0.7, ece: 0.1 };
  return {
    outputs: { solution },
    evaluation: { validation: null, test: metrics },
    series: { iteration: [1, 2, 3], loss: [1.5, 0.25, Number.EPSILON] },
    seconds: 1.5,
    sessionSeconds: 1.25,
    steps: 3,
    provenance: { tensorflow: '2.21.0', device: 'CPU', host: 'here', app: '0.1.0' },
  };
}

/** Starts and finishes a job with an object of one number. */
export function finish(store: Store, objects: ObjectStore, name: string, value: number): Digest {
  store.startJob(keyOf(name), 'worker');
  const digest = putNumber(objects, value);
  store.finishJob(keyOf(name), resultOf(digest));
  return digest;
}
