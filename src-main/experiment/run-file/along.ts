import type { Along } from '../../contract/api/files.ts';
import type { Digest, JobKey } from '../../contract/ids.ts';
import type { RunFileExperiment, RunFileJob } from '../../contract/runfile.ts';

/** Objects of an experiment that go along with it, in the library or not. */
export function objectsAlong(
  experiment: Pick<RunFileExperiment, 'runs' | 'jobs'>,
  along: Along,
): Set<Digest> {
  switch (along) {
    case 'none':
      return new Set();
    case 'all':
      return new Set(
        experiment.jobs.flatMap(({ result }) => result?.outputs ?? []).map(({ digest }) => digest),
      );
    case 'networks':
      return networks(experiment);
  }
}

/**
 * All that an export of a round takes: masks, and of every network that an arm stands for in a round its weights θ and
 * its batch-norm statistics.
 */
function networks({ runs, jobs }: Pick<RunFileExperiment, 'runs' | 'jobs'>): Set<Digest> {
  const byKey = new Map<JobKey, RunFileJob>(jobs.map((job) => [job.key, job]));
  const found = new Set<Digest>();
  const add = (job: RunFileJob | undefined, output: string): void => {
    const digest = job?.result?.outputs.find(({ name }) => name === output)?.digest;
    if (digest !== undefined) found.add(digest);
  };
  for (const { links } of runs) {
    const linked = links.map(({ job, role }) => ({ job: jobs[job], role }));
    const ensemble = linked.some(
      ({ job, role }) => role === 'evaluate' && job?.spec.kind === 'evaluate-ensemble',
    );
    for (const { job, role } of linked) {
      add(job, 'mask');
      // Of an ensemble every member stands for itself.
      if (role !== (ensemble ? 'evaluate-particle' : 'evaluate')) continue;
      add(job, 'statistics');
      for (const input of job?.inputs ?? [])
        if (input.name === 'solution') add(byKey.get(input.job), input.output);
    }
  }
  return found;
}
