import type { DraftProblem } from '../../contract/api/plans.ts';
import type { PlanEstimate, SweepEstimate } from '../../contract/estimate.ts';
import type { ExperimentConfig } from '../../contract/experiment.ts';
import type { EngineBuild } from '../../contract/job.ts';
import { trainingsIn } from '../../experiment/cost.ts';
import { readDraft, type ReadDraft } from '../../experiment/draft.ts';
import { problemOf } from '../../experiment/draft-problems.ts';
import { planExtension } from '../../experiment/extend.ts';
import { planFork } from '../../experiment/fork.ts';
import type { Plan } from '../../experiment/plan.ts';
import { deviceText, type ResolvedData } from '../../experiment/resolve.ts';
import { estimatePlans, knownTimings, prepareExperiment, type Prepared } from '../../experiment/studio.ts';
import type { Variant } from '../../experiment/sweep.ts';
import type { DeskContext, DeskHandlers } from '../context.ts';
import { DataShelf } from '../data-shelf.ts';
import type { EnginesHere, PlannedDraft } from '../drafts.ts';
import type { DeskProgress } from '../messages.ts';
import { shelfOf } from '../shelf.ts';

const data = new DataShelf();

export const draftHandlers: DeskHandlers<'drafts'> = {
  'drafts.plan': async ({ draft, engines }, context, signal, report) => {
    const read = readDraft(draft, (id) => shelfOf(context.library).prepared(id));
    const nothing = problemsOnly(read);
    const problems = [...read.problems, ...withoutGpu(read, engines)];
    if (problems.length > 0) return nothing(problems);
    const planned: Planned[] = [];
    for (const variant of read.variants) {
      const one = await planOne(variant, read, engines, { signal, report, mode: draft.mode.kind });
      if ('problem' in one) return nothing([named(one.problem, variant, read)]);
      // It may be started next.
      shelfOf(context.library).keep(one.prepared);
      planned.push(one);
    }
    return { ...nothing([]), ...costOf(planned, context) };
  },
};

function withoutGpu({ variants }: ReadDraft, { gpu }: EnginesHere): DraftProblem[] {
  if (gpu || variants.every(({ config }) => config.engine !== 'cuda')) return [];
  return [
    {
      path: ['engine'],
      message: '"cuda" needs an NVIDIA GPU (Linux on x86-64), and none was found on this machine',
      hint: 'Take cpu, or leave the engine to be chosen.',
    },
  ];
}

interface Planned {
  readonly prepared: Prepared;
  readonly resolved: ResolvedData;
}

interface Watch {
  readonly signal: AbortSignal;
  readonly report: (progress: DeskProgress) => void;
  readonly mode: 'new' | 'fork' | 'extend';
}

/** Settles what defaults leave open, and plans; or what stands against it. */
async function planOne(
  { config }: Variant,
  { base }: ReadDraft,
  engines: EnginesHere,
  { signal, report, mode }: Watch,
): Promise<Planned | { readonly problem: DraftProblem }> {
  let resolved: ResolvedData;
  try {
    resolved = await data.resolve(config, { signal, onProgress: report });
  } catch (error) {
    signal.throwIfAborted();
    return { problem: problemOf(error, ['dataset']) };
  }
  try {
    const engine = engineOf(config, base, engines);
    const prepared = !base
      ? prepareExperiment(config, resolved, engine)
      : mode === 'fork'
        ? planFork(base.prepared, config, resolved, engine)
        : planExtension(base.id, base.prepared, config, resolved);
    return { prepared, resolved };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** What computes: as the configuration asks, or as the experiment that it is made from does where this machine can. */
function engineOf(
  { engine }: ExperimentConfig,
  base: ReadDraft['base'],
  { auto, gpu }: EnginesHere,
): Pick<EngineBuild, 'variant'> {
  if (engine !== 'auto') return { variant: engine };
  if (!base || base.prepared.config.engine !== engine) return { variant: auto };
  const { backend } = base.prepared.resolution;
  if (backend === 'wasm') return { variant: 'wasm' };
  if (!gpu) return { variant: auto };
  return { variant: backend === 'tensorflow-cuda' ? 'cuda' : 'cpu' };
}

/** In a sweep a problem says of which experiment. */
function named(problem: DraftProblem, { name }: Variant, { variants }: ReadDraft): DraftProblem {
  return variants.length === 1 ? problem : { ...problem, message: `${name}: ${problem.message}` };
}

function problemsOnly({ name, base }: ReadDraft): (problems: readonly DraftProblem[]) => PlannedDraft {
  return (problems) => ({
    problems,
    name,
    experiments: [],
    estimate: null,
    arms: [],
    data: null,
    denominator: null,
    device: '',
    notes: [],
    base: base?.id ?? null,
  });
}

function costOf(planned: readonly Planned[], { library }: DeskContext): Partial<PlannedDraft> {
  const costed = planned.map(({ prepared }) => ({ prepared, timings: knownTimings(library, prepared) }));
  const sweep = estimatePlans(library, costed);
  const [first] = planned;
  if (!first) return {};
  const { prepared, resolved } = first;
  const { dataset, splits } = resolved;
  const { training = 0, validation = 0 } = Object.values(splits)[0] ?? {};
  const { backend, workers, threads } = prepared.resolution;
  return {
    experiments: planned.map(({ prepared: { config, resolution } }, at) => ({
      name: config.name,
      config,
      resolution,
      estimate: sweep.experiments[at] as PlanEstimate,
    })),
    estimate: inAll(sweep),
    arms: armsOf(prepared.plan),
    data: { ...dataset, training, validation },
    denominator: { ...prepared.plan.denominator },
    device: `${deviceText(backend)}, ${workers} × ${threads} threads`,
    notes: [...new Set(planned.flatMap(({ resolved: { notes = [] } }) => notes))],
  };
}

/** Trainings of each arm by round, with its first seed. */
function armsOf({ jobs, runs }: Plan): PlannedDraft['arms'] {
  const trainings = new Map(jobs.map((job) => [job.key, trainingsIn(job)]));
  return runs
    .filter(({ seed }) => seed === runs[0]?.seed)
    .map(({ arm, rounds, links }) => {
      const counts = Array.from({ length: rounds }, () => 0);
      for (const { job, round, role } of links)
        if (role === 'particle') counts[round] = (counts[round] ?? 0) + (trainings.get(job) ?? 0);
      return { label: arm, trainings: counts };
    });
}

/** What experiments cost together; arms and rounds are those of the first. */
function inAll({ experiments, ...total }: SweepEstimate): PlanEstimate | null {
  const [first, ...others] = experiments;
  if (!first || others.length === 0) return first ?? null;
  const sum = (of: (each: PlanEstimate) => number): number =>
    experiments.reduce((all, each) => all + of(each), 0);
  return {
    ...first,
    ...total,
    jobs: sum(({ jobs }) => jobs),
    jobsStored: sum(({ jobsStored }) => jobsStored),
    trainingFlops: {
      dense: sum(({ trainingFlops }) => trainingFlops.dense),
      sparse: sum(({ trainingFlops }) => trainingFlops.sparse),
    },
    stepsToDo: sum(({ stepsToDo }) => stepsToDo),
  };
}
