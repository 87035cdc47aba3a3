import { ConfigError } from '../../contract/errors.ts';
import type { ExperimentId } from '../../contract/ids.ts';
import { checkSetting } from '../../contract/settings.ts';
import { runErrand } from '../../desk/errands.ts';
import { mendLibrary, problemsOf } from '../../store/check.ts';
import type { Context, Handlers } from '../context.ts';

export const libraryHandlers: Handlers<'library'> = {
  'library.tag': ({ id, tags }, { library }) => {
    library.store.tag(id, tags);
    return { tags: [...library.store.tagsOf(id)] };
  },

  'library.untag': ({ id, tags }, { library }) => {
    library.store.untag(id, tags);
    return { tags: [...library.store.tagsOf(id)] };
  },

  'library.note': ({ id, note }, { library }) => {
    library.store.note(id, note);
    return {};
  },

  'library.trash': async ({ experiments }, context, signal) => {
    requireOutOfQueue(context, experiments);
    const bytes = Number(await context.desks.text('library.freeable', { experiments }, signal));
    // Its turn may have been asked for meanwhile.
    requireOutOfQueue(context, experiments);
    context.library.store.trashExperiments(experiments);
    return { bytes };
  },

  'library.restore': ({ experiments }, { library }) => {
    for (const id of experiments) library.store.restoreExperiment(id);
    return {};
  },

  'library.remove': ({ experiments }, context) => {
    requireOutOfQueue(context, experiments);
    return context.library.store.collect({ experiments });
  },

  'library.collect': ({ trashDays, dryRun }, { library }) =>
    library.store.collect({ dryRun, ...(trashDays === undefined ? {} : { trashDays }) }),

  'library.set': ({ name, value }, { library }) => {
    library.store.putSetting(name, value === null ? undefined : checkSetting(name, value));
    return {};
  },

  'library.check': async ({ fix }, { library, tasks, changed }, signal) => {
    const what = { kind: 'check', title: 'Checking the library' } as const;
    const found = await tasks.run(what, signal, (report, signal) =>
      runErrand(library.dir, 'check', null, { report, signal }),
    );
    const { broken, checkpoints } = found;
    const suspects = {
      objects: broken.map(({ digest }) => digest),
      checkpoints: checkpoints.damaged.map(({ job }) => job),
    };
    const mended = fix ? await mendLibrary(library, suspects) : { jobs: [], experiments: [] };
    if (fix) changed(mended.experiments);
    const problems = problemsOf(found);
    return {
      sound: problems.length === 0,
      problems,
      damaged: broken.length + checkpoints.damaged.length,
      mended: mended.jobs.length,
      experiments: mended.experiments,
    };
  },

  'library.mend': ({ objects, checkpoints }, { library }) => mendLibrary(library, { objects, checkpoints }),
};

/** What runs or waits for its turn is not removed under the feet of those who follow it. */
function requireOutOfQueue({ queue, library }: Context, experiments: readonly ExperimentId[]): void {
  // What looks at them goes with them.
  const analyses = experiments.flatMap((analysisOf) =>
    library.store.experiments({ analyses: 'only', analysisOf }).map(({ id }) => id),
  );
  const queued = [...experiments, ...analyses].find((id) => queue.has(id));
  if (queued !== undefined)
    throw new ConfigError(
      `${queued} is running or waits for its turn`,
      `Pause or cancel it first: \`swamp pause ${queued}\`, \`swamp cancel ${queued}\`.`,
    );
}
