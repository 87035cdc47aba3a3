import { ConfigError } from '../../contract/errors.ts';
import type { ExperimentId, RunId } from '../../contract/ids.ts';
import { cancelExperiment } from '../../experiment/care.ts';
import { StoredResolution } from '../../experiment/resolve.ts';
import { createExperiment, createSweep, extendExperiment, type Prepared } from '../../experiment/studio.ts';
import type { Context, Handlers } from '../context.ts';
import { planNew, requireRoom } from '../planning.ts';

export const experimentHandlers: Handlers<'experiments'> = {
  'experiments.submit': async ({ config, resolution, origin }, context, signal) => {
    const one = { config, resolution: StoredResolution.parse(resolution) };
    await requireRoom([one], context, signal);
    const prepared = await planNew(one, context.desks, signal);
    const experiment = await createExperiment(context.library, prepared, origin);
    enqueue(context, experiment, origin === null ? 'submitted' : `submitted, forked from ${origin}`);
    return { experiment };
  },

  'experiments.sweep': async ({ name, experiments, origin }, context, signal) => {
    const all = experiments.map(({ config, resolution }) => ({
      config,
      resolution: StoredResolution.parse(resolution),
    }));
    await requireRoom(all, context, signal);
    async function* planned(): AsyncGenerator<Prepared> {
      for (const one of all) yield await planNew(one, context.desks, signal);
    }
    const created = await createSweep(context.library, name, planned(), origin);
    for (const id of created.experiments) enqueue(context, id, `submitted in ${created.sweep}`);
    return { sweep: created.sweep, experiments: [...created.experiments] };
  },

  'experiments.extend': async ({ experiment, config, resolution }, context, signal) => {
    const requireIdle = (): void => {
      const item = context.queue.items.find((each) => each.experiment === experiment);
      if (item?.phase === 'running')
        throw new ConfigError(`${experiment} is running`, `Pause it first: \`swamp pause ${experiment}\`.`);
    };
    requireIdle();
    if (context.library.store.experiment(experiment).analysis !== null)
      throw new ConfigError(`${experiment} is an analysis`, 'Extend an experiment that it looks at.');
    const one = { config, resolution: StoredResolution.parse(resolution) };
    await requireRoom([one], context, signal);
    const prepared = await planNew(one, context.desks, signal);
    await extendExperiment(context.library, experiment, prepared, requireIdle);
    note(context, experiment, 'extended');
    context.changed([experiment]);
    if (!context.queue.has(experiment)) enqueue(context, experiment, 'resumed');
    return {};
  },

  'experiments.resume': ({ experiment }, context) => {
    context.library.store.experiment(experiment);
    const queued = !context.queue.has(experiment);
    if (queued) enqueue(context, experiment, 'resumed');
    return { queued };
  },

  'experiments.retry': ({ experiment, run }, context) => {
    const { store } = context.library;
    if (context.queue.has(experiment)) {
      throw new ConfigError(
        `${experiment} is running or waits for its turn`,
        `Its failed jobs can be tried again when it has ended, or after \`swamp pause ${experiment}\`.`,
      );
    }
    if (run !== undefined && store.run(run).experiment !== experiment) {
      throw new ConfigError(
        `run ${run} is not one of ${experiment}`,
        `\`swamp show ${experiment}\` lists its runs.`,
      );
    }
    const again = store.endedJobs(run ?? experiment);
    if (again.length === 0) {
      throw new ConfigError(
        `${run ?? experiment} has no failed or cancelled job`,
        `\`swamp resume ${experiment}\` goes on with one that was stopped.`,
      );
    }
    // Here rather than when its turn comes: the state must not say `failed` while it waits.
    store.requeue(again);
    context.changed(store.sharing(again));
    enqueue(
      context,
      experiment,
      run ? `retry of ${again.length} jobs of ${run}` : `retry of ${again.length} jobs`,
      run,
    );
    return { jobs: again.length };
  },

  'experiments.pause': async ({ experiment }, context) => {
    const { queue, library } = context;
    const { state } = library.store.experiment(experiment);
    if (queue.has(experiment)) {
      note(context, experiment, 'pause asked for');
      await queue.leave(experiment, 'paused');
    } else if (state === 'waiting' || state === 'stopped' || state === 'interrupted') {
      library.store.setExperimentWish(experiment, 'paused');
      note(context, experiment, 'paused');
    } else if (state !== 'paused') {
      throw new ConfigError(`${experiment} is ${state}`, 'Only what runs or waits can be paused.');
    }
    return { state: library.store.experiment(experiment).state };
  },

  'experiments.cancel': async ({ experiment }, context) => {
    const { queue, library } = context;
    const before = library.store.experiment(experiment);
    if (before.state === 'done') {
      throw new ConfigError(`${experiment} is done`, 'Only what is not finished can be cancelled.');
    }
    if (before.state !== 'cancelled') note(context, experiment, 'cancel asked for');
    if (queue.has(experiment)) await queue.leave(experiment, 'cancelled');
    else cancelExperiment(library, experiment);
    const { state, counts } = library.store.experiment(experiment);
    return { state, cancelled: counts.cancelled - before.counts.cancelled };
  },
};

/** Puts one at the end of the queue, and notes in its log why. */
export function enqueue(context: Context, id: ExperimentId, why: string, only?: RunId): void {
  context.feed.begin(id);
  note(context, id, why);
  context.queue.add(id, only);
  context.changed([id]);
}

function note(context: Context, id: ExperimentId, message: string): void {
  context.note(id, { level: 'info', what: 'asked', message });
}
