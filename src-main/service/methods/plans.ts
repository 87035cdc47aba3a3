import { statfs } from 'node:fs/promises';
import type { PlanCost } from '../../contract/api/plans.ts';
import { ConfigError } from '../../contract/errors.ts';
import type { PlannedDraft, PlannedOne } from '../../desk/drafts.ts';
import type { ExperimentId } from '../../contract/ids.ts';
import type { Draft } from '../../experiment/draft.ts';
import { writeExperimentFile } from '../../experiment/experiment-file.ts';
import { pathText } from '../../experiment/problems.ts';
import { knownTimings, prepareStored } from '../../experiment/studio.ts';
import type { Context, Handlers } from '../context.ts';
import { deskTask } from '../desk-task.ts';
import { experimentHandlers } from './experiments.ts';

type Started = Awaited<ReturnType<typeof start>>;

/** A click that comes again within this is the same. */
const SAME_MS = 3000;

/** Drafts that are being started, or just were. */
const starts = new WeakMap<Context['queue'], Map<string, Promise<Started>>>();

export const planHandlers: Handlers<'plans'> = {
  'plans.cost': async ({ time, ...draft }, context, signal) => {
    let planned = await planDraft(draft, context, signal);
    const untimed = planned.experiments.filter((one) => !isTimed(one, context));
    if (time && untimed.length > 0 && (await timeSteps(untimed, context, signal)))
      planned = await planDraft(draft, context, signal);
    return await costOf(planned, context);
  },

  'plans.start': async (draft, context, signal) => {
    const known = starts.get(context.queue) ?? new Map<string, Promise<Started>>();
    starts.set(context.queue, known);
    const key = JSON.stringify(draft);
    const begun = known.get(key) ?? start(draft, context, signal);
    known.set(key, begun);
    const forget = (): void => {
      if (known.get(key) === begun) known.delete(key);
    };
    // A draft that was refused may be mended by what is not part of it: the data come back.
    begun.then(() => setTimeout(forget, SAME_MS).unref(), forget);
    return await begun;
  },

  'plans.write': ({ raw, file, replace }) => ({ file: writeExperimentFile(raw, file, replace) }),
};

async function planDraft(draft: Draft, context: Context, signal: AbortSignal): Promise<PlannedDraft> {
  const { engines } = context;
  const { gpu } = await engines.state();
  const auto = (await engines.ready('auto').catch(() => null))?.variant ?? (gpu === null ? 'cpu' : 'cuda');
  const what = { kind: 'data', title: 'Reading data' } as const;
  const order = { draft, engines: { auto, gpu: gpu !== null } };
  return JSON.parse(await deskTask(what, 'drafts.plan', order, context, signal)) as PlannedDraft;
}

async function costOf(planned: PlannedDraft, { engines, library }: Context): Promise<PlanCost> {
  const { problems, estimate, experiments, arms, data, denominator, device, notes } = planned;
  const [first] = experiments;
  const engine = first?.config.engine ?? 'auto';
  const { bavail, bsize } = await statfs(library.dir);
  return {
    problems: [...problems],
    estimate,
    experiments: experiments.map(({ name, estimate: own }) => ({ name, estimate: own })),
    arms: arms.map(({ label, trainings }) => ({ label, trainings: [...trainings] })),
    data,
    denominator,
    device,
    notes: [...notes],
    diskFree: bavail * bsize,
    engineReady: (await engines.ready(engine).catch(() => null)) !== null,
  };
}

function isTimed({ config, resolution }: PlannedOne, { library }: Context): boolean {
  return knownTimings(library, { config, resolution }) !== null;
}

/** Times a step of each, unless something runs or no engine is ready. @returns whether any was. */
async function timeSteps(
  untimed: readonly PlannedOne[],
  context: Context,
  signal: AbortSignal,
): Promise<boolean> {
  const { engines, queue, tasks } = context;
  let timed = false;
  for (const one of untimed) {
    // Those before may have been of its kind.
    if (isTimed(one, context)) continue;
    if ((await engines.ready(one.config.engine).catch(() => null)) === null) return timed;
    const { config, resolution } = one;
    // What a step takes is the same in all arms: the smallest plan that trains will do.
    const small = prepareStored(
      { ...config, arms: [{ kind: 'dense' }], seeds: config.seeds.slice(0, 1) },
      resolution,
    );
    const timing = tasks.run(
      { kind: 'timing', title: 'Timing a training step' },
      signal,
      async (_report, stop) => {
        const lent = queue.withStudio(resolution, stop, (studio) => studio.timings(small, { signal: stop }));
        return lent === null ? null : await lent;
      },
    );
    if ((await timing) === null) return timed;
    timed = true;
  }
  return timed;
}

/** Plans a draft, stores it and puts it at the end of the queue. @throws ConfigError with all its problems. */
async function start(
  draft: Draft,
  context: Context,
  signal: AbortSignal,
): Promise<{ experiments: ExperimentId[]; sweep: string | null }> {
  const { problems, name, experiments, base } = await planDraft(draft, context, signal);
  refuse(problems);
  const planned = experiments.map(({ config, resolution }) => ({ config, resolution }));
  const [first] = planned;
  if (!first) throw new Error('a draft without problems plans nothing');
  signal.throwIfAborted();
  if (draft.mode.kind === 'extend' && base !== null) {
    await experimentHandlers['experiments.extend']({ experiment: base, ...first }, context, signal);
    return { experiments: [base], sweep: null };
  }
  if (planned.length > 1)
    return await experimentHandlers['experiments.sweep'](
      { name, experiments: planned, origin: base },
      context,
      signal,
    );
  const { experiment } = await experimentHandlers['experiments.submit'](
    { ...first, origin: base },
    context,
    signal,
  );
  return { experiments: [experiment], sweep: null };
}

function refuse(problems: PlannedDraft['problems']): void {
  const [first] = problems;
  if (!first) return;
  const lines = problems.map(({ path, message }) =>
    path.length > 0 ? `${pathText(path)}: ${message}` : message,
  );
  throw new ConfigError(
    lines.length === 1
      ? (lines[0] ?? '')
      : `${lines.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    first.hint || 'Correct the fields; nothing was started.',
  );
}
