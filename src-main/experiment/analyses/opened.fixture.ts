import { parseConfig } from '../config.ts';
import type { Subject } from '../../contract/analysis.ts';
import type { ExperimentId, JobKey } from '../../contract/ids.ts';
import type { JobResult, PlannedJob } from '../../contract/job.ts';
import { digitsResolved } from '../plan.fixture.ts';
import type { Results } from './analysis.ts';
import { openAnalysis, type OpenAnalysis } from './plan.ts';

// Analyses of experiments that were never run, for tests: three pruning rounds of LeNet on digits, two seeds.

/** An experiment, with what a test changes. */
export function experimentOf(name: string, change: Record<string, unknown> = {}) {
  const config = parseConfig({
    name,
    dataset: { kind: 'digits' },
    model: { kind: 'lenet' },
    recipe: { epochs: 10 },
    seeds: [1, 2],
    sparsity: { kind: 'geometric', fraction: 0.3, rounds: 3 },
    arms: ['imp', 'swamp', { kind: 'imp-ensemble', members: 2 }],
    ...change,
  });
  const { splits, ...resolved } = digitsResolved;
  const resolution = {
    ...resolved,
    dataset: { ...resolved.dataset, title: 'Digits' },
    splits: Object.fromEntries(splits),
    workers: 1,
  };
  return { experiment: name as ExperimentId, config, resolution };
}

/** `test/imp/1`, `test/imp/1@2` or `test/imp/1@2:0` */
export function subject(text: string): Subject {
  const [run = '', at] = text.split('@');
  const [round, particle] = at?.split(':').map(Number) ?? [];
  return {
    run: run as Subject['run'],
    ...(round === undefined ? {} : { round }),
    ...(particle === undefined ? {} : { particle }),
  };
}

/** Opens an analysis of subjects. */
export function opened(
  analysis: { readonly kind: string } & Record<string, unknown>,
  subjects: readonly string[],
  of = [experimentOf('test')],
): OpenAnalysis & { readonly own: readonly PlannedJob[] } {
  const open = openAnalysis({ analysis, subjects: subjects.map(subject), of });
  const own = new Set(open.plan.own);
  return { ...open, own: open.plan.jobs.filter(({ key }) => own.has(key)) };
}

/** Results of jobs as `made` says; `null`: not done. */
export function resultsOf(
  jobs: readonly PlannedJob[],
  made: (job: PlannedJob) => JobResult['series'] | null,
): Results {
  const byKey = new Map<JobKey, PlannedJob>(jobs.map((job) => [job.key, job]));
  return (key) => {
    const job = byKey.get(key);
    const series = job ? made(job) : null;
    const provenance = { tensorflow: '', device: '', host: '', app: '' };
    return series && { evaluation: null, series, provenance };
  };
}
