import { ConfigError } from '../../../contract/errors.ts';
import type { JobKey } from '../../../contract/ids.ts';
import type { PlannedJob } from '../../../contract/job.ts';
import type { Made } from '../../arms/arm.ts';
import type { Plan } from '../../plan.ts';
import type { AnalysisContext, NamedInput, SubjectRun } from '../analysis.ts';

type Adds = Pick<AnalysisContext, 'add'>;

/**
 * Trains a round of a run as it was trained, but under another mask: the same ticket, recipe, SWA phase, particles and orders,
 * their average, evaluated. Under its own mask these are the run's own jobs, key by key.
 * @param mask `null`: nothing is pruned
 * @returns the job that evaluates it
 * @throws ConfigError where the run's rounds are not trainings from a ticket under one mask
 */
export function trainUnder(
  context: Adds,
  run: SubjectRun,
  round: number,
  { mask, what }: { mask: Made | null; what: string },
): JobKey {
  const own = particleJobs(run, round);
  const solutions = own.map((job): Made => {
    const ticket = ticketUnder(context, run, job, { mask, what });
    const key = context.add(job.spec, [{ name: 'ticket', made: ticket }, ...maskInput(mask)], what);
    return { job: key, output: 'solution' };
  });
  const solution = averageOf(context, run, round, { own, solutions, what });
  const judge = jobOf(run.plan, run.evaluation(round));
  return context.add(judge.spec, [{ name: 'solution', made: solution }], what);
}

/** Trainings of a round. @throws ConfigError where they are of another kind */
function particleJobs(run: SubjectRun, round: number): PlannedJob[] {
  if (run.run.members > 1)
    throw new ConfigError(
      `${run.label} is an ensemble: its members train under masks of their own`,
      'Train as an arm that stands for one network, for example imp.',
    );
  const links = run.run.links.filter((link) => link.role === 'particle' && link.round === round);
  const jobs = links.toSorted((a, b) => a.index - b.index).map(({ job }) => jobOf(run.plan, job));
  if (jobs.length === 0 || jobs.some(({ spec }) => spec.kind !== 'train-particle'))
    throw new ConfigError(
      `${run.label} changes its mask while it trains, and cannot train under another’s`,
      'Train as an arm that keeps a mask for a round, for example imp or swamp.',
    );
  return jobs;
}

/** What a particle starts from: the run's ticket; where the ticket was trained under the mask, one under the other mask. */
function ticketUnder(
  context: Adds,
  run: SubjectRun,
  particle: PlannedJob,
  { mask, what }: { mask: Made | null; what: string },
): Made {
  const from = particle.inputs.find(({ name }) => name === 'ticket');
  const ticket = from && jobOf(run.plan, from.job);
  if (!from || ticket?.spec.kind !== 'train-ticket')
    throw new ConfigError(
      `${run.label} goes on from the weights of the round before, not from the ticket`,
      'Train as an arm that rewinds, for example imp or swamp.',
    );
  if (!ticket.inputs.some(({ name }) => name === 'mask')) return { job: from.job, output: from.output };
  const start = ticket.inputs
    .filter(({ name }) => name !== 'mask')
    .map(({ name, job, output }): NamedInput => ({ name, made: { job, output } }));
  return { job: context.add(ticket.spec, [...start, ...maskInput(mask)], what), output: from.output };
}

/** The average of the particles, as the run takes it of its own; of one, the particle. */
function averageOf(
  context: Adds,
  run: SubjectRun,
  round: number,
  of: { own: readonly PlannedJob[]; solutions: readonly Made[]; what: string },
): Made {
  const { own, solutions, what } = of;
  const { job } = run.solution(round);
  const [only] = solutions;
  if (only && own.length === 1 && own[0]?.key === job) return only;
  const { spec, inputs } = jobOf(run.plan, job);
  const averaged = inputs.map((input) => input.job).join() === own.map(({ key }) => key).join();
  if (spec.kind !== 'average' || !averaged)
    throw new ConfigError(
      `${run.label} stands for more than the average of its particles`,
      'Train as an arm that averages with equal weights, for example swamp.',
    );
  const made = solutions.map((solution): NamedInput => ({ name: 'solution', made: solution }));
  return { job: context.add(spec, made, what), output: 'solution' };
}

function maskInput(mask: Made | null): NamedInput[] {
  return mask === null ? [] : [{ name: 'mask', made: mask }];
}

const known = new WeakMap<Plan, ReadonlyMap<JobKey, PlannedJob>>();

function jobOf(plan: Plan, key: JobKey): PlannedJob {
  const jobs = known.get(plan) ?? new Map(plan.jobs.map((job) => [job.key, job]));
  known.set(plan, jobs);
  const job = jobs.get(key);
  if (!job) throw new Error(`job ${key} is not in the plan`);
  return job;
}
